import type { ConversationEvent, EngineCommand, PartialEvent, TurnId } from '@backchannel/protocol';
import type { Clock } from '../lib/clock.js';
import type { Log } from '../lib/log.js';
import type { ConversationRecord } from './record.js';

/** What an engine can do; the outcome table and the receipts are the same for all. */
export type Capabilities = {
  /** Who opens turns: the conversation (native), or the engine itself (relay). */
  readonly turns: 'conversation' | 'engine';
  readonly verbatim: boolean;
  readonly instruct: boolean;
  readonly context: boolean;
  readonly interrupt: boolean;
};

/** What an engine is told. `event`: as committed, for its bounded window of history. */
export type EngineInput =
  | { readonly type: 'event'; readonly event: ConversationEvent }
  | { readonly type: 'reply'; readonly turn: TurnId; readonly instructions: readonly string[] }
  | { readonly type: 'abort'; readonly turn: TurnId };

/** What a conversation gives its engine. */
export interface EngineHost {
  /** Reports: a report for a turn that is not open is ignored. */
  dispatch(command: EngineCommand): void;
  partial(event: PartialEvent): void;
  /** The last `limit` committed events, oldest first. */
  history(limit: number): Promise<ConversationEvent[]>;
  readonly clock: Clock;
  readonly log: Log;
}

/** One object an agent configuration. */
export interface Engine {
  readonly can: Capabilities;
  start(host: EngineHost, record: ConversationRecord): EngineSession;
}

/** Made when a conversation first needs it: an idle conversation has none. */
export interface EngineSession {
  handle(input: EngineInput): void;
  close(reason: string): Promise<void>;
}
