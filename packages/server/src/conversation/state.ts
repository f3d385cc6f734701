import type { EndReason, SessionId, TurnId } from '@backchannel/protocol';
import type { ConversationRecord } from './record.js';

/** `record` is the fold of the log; `live` dies with the node. */
export type ConversationState = { record: ConversationRecord; readonly live: Live };

/** Times are on the monotonic clock of this process, in milliseconds. */
export type Live = {
  readonly settings: ConversationSettings;
  session: LiveSession | undefined;
  /** The owner's epoch: stamped on every event. */
  readonly epoch: number;
  /** Kept through a pause shorter than the typing window, so that typing without end stops counting after its longest. */
  typing: { sessionId: SessionId; since: number; last: number; busy: boolean } | undefined;
  /** Text that was taken of the open turn; undefined while the turn is wordless. */
  speech: { turnId: TurnId; text: string; bytes: number; pieces: number } | undefined;
  ending: Ending | undefined;
  /** When each of the record's windows closes. */
  due: Due[];
  /** What `due` was reckoned from; undefined before the first time. */
  reckoned:
    | { phase: string; window: object | undefined; clientSince: number | undefined; appliedAt: number; expiring: boolean }
    | undefined;
};

/** What a node knows of a conversation that it has just begun or loaded. */
export const newLive = (settings: ConversationSettings, epoch: number): Live => ({
  settings,
  epoch,
  session: undefined,
  typing: undefined,
  speech: undefined,
  ending: undefined,
  due: [],
  reckoned: undefined,
});

export type LiveSession = {
  readonly id: SessionId;
  readonly joinedAt: number;
  /** 100 ms after the metadata: until then the conversation counts as held, and the session is shown nothing. */
  ready: boolean;
  /** The newest JSON ping covers every line up to here. */
  pingedThrough: number;
  /** Unanswered JSON pings, oldest first; those of one tenth of a second count as one. */
  pings: { through: number; since: number; at: number }[];
};

export type Ending = {
  readonly reason: EndReason;
  readonly status: 'done' | 'failed';
  /** At the latest then, whatever the client confirmed. */
  readonly by: number;
  /** The line whose confirmation lets it end at once. */
  readonly through: number;
};

export type Due = { readonly name: string; readonly since: number; readonly at: number };

/** What of the agent's configuration and of the server's limits a decision needs. Shared, never changed. */
export type ConversationSettings = {
  /** Said before an end by maximum duration; undefined: nothing. */
  readonly maxDurationMessage: string | undefined;
  readonly maxDurationMs: number;
  /** An end for want of any applied message while open; undefined: never. */
  readonly silenceMs: number | undefined;
  readonly limits: ConversationLimits;
};

export type ConversationLimits = {
  readonly resumeMs: number;
  /** Of a conversation that a backend opened and where nobody writes. */
  readonly idleMs: number;
  readonly maxWaiting: number;
  readonly maxKeys: number;
  readonly maxContexts: number;
  /** UTF-8 of the texts of all keyed contexts together: every prompt holds them. */
  readonly maxContextBytes: number;
  readonly maxReplyBytes: number;
  readonly typingMs: number;
  readonly maxTypingMs: number;
  readonly confirmMs: number;
  readonly farewellMs: number;
  readonly apology: string;
};

/** What `decide` may not know by itself: time and chance, stamped by the owner at dispatch. */
export type Stamp = {
  readonly wall: number;
  readonly time: string;
  readonly mono: number;
  readonly random: string;
};
