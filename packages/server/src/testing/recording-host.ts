import type { ConversationEvent, EngineCommand, PartialEvent } from '@backchannel/protocol';
import type { EngineHost } from '../conversation/engine.js';
import type { Log } from '../lib/log.js';
import { ManualClock } from './manual-clock.js';

export type LogEntry = { readonly level: keyof Log; readonly fields: object; readonly message: string };

/** A conversation as an engine sees it: keeps what the engine reports, and answers `history` from a plain log. */
export class RecordingHost implements EngineHost {
  readonly reports: EngineCommand[] = [];
  readonly partials: PartialEvent[] = [];
  readonly logged: LogEntry[] = [];
  readonly clock = new ManualClock();
  /** The committed past. */
  past: ConversationEvent[] = [];
  /** Set by a test: answers are held until it resolves, or fail with it. */
  pastReady: Promise<void> = Promise.resolve();
  readonly asked: number[] = [];

  readonly log: Log = {
    debug: (fields, message) => this.keep('debug', fields, message),
    info: (fields, message) => this.keep('info', fields, message),
    warn: (fields, message) => this.keep('warn', fields, message),
    error: (fields, message) => this.keep('error', fields, message),
  };

  dispatch(command: EngineCommand): void {
    this.reports.push(command);
  }

  partial(event: PartialEvent): void {
    this.partials.push(event);
  }

  async history(limit: number): Promise<ConversationEvent[]> {
    this.asked.push(limit);
    await this.pastReady;
    return this.past.slice(-limit);
  }

  /** The text that was reported of a turn so far. */
  said(turn: string): string {
    return this.reports.map((report) => (report.type === 'reply.delta' && report.turn_id === turn ? report.text : '')).join('');
  }

  private keep(level: keyof Log, fields: object, message: string): void {
    this.logged.push({ level, fields, message });
  }
}
