import type {
  AppMetadata,
  ConversationId,
  EndReason,
  EventOf,
  Init,
  MessageId,
  MessageType,
  ReplyMode,
  SessionId,
  TurnId,
  Urgency,
} from '@backchannel/protocol';

/**
 * What a conversation knows after a crash: the fold of its log, and nothing else. Plain JSON, changed only by
 * `evolve`. `at` and `since` are milliseconds since 1970 by the wall clock of the event that set them.
 */
export type ConversationRecord = {
  conversationId: ConversationId;
  workspaceId: string;
  agentId: string;
  agentHash: string;
  engine: string;
  begun: 'client' | 'signed_url' | 'api';
  createdAt: number;

  /** Of the last event. */
  seq: number;
  epoch: number;
  /** The last ElevenLabs `event_id` given out. */
  eventIds: number;

  phase: 'created' | 'open' | 'dropped' | 'ended';
  /** The user's client, as long as the log says it is there. */
  client: { sessionId: SessionId } | undefined;
  /** When the first user client came: from then on lines are owed, and the maximum duration counts. */
  clientSince: number | undefined;
  /** The greeting was said, or there was none to say. */
  greeted: boolean;
  /** What ends the phase by itself: `created` (never opened) and `dropped` (the resume window). */
  window: { since: number; ms: number } | undefined;
  /** Of the last applied message: idle counts from here. */
  appliedAt: number;

  userId: string | undefined;
  userIdVerified: boolean;
  appMetadata: AppMetadata;
  init: Init;

  /** Accepted and not applied, by seq. */
  waiting: WaitingMessage[];
  /** Applied and not at their end, in the order they were applied. */
  open: Record<MessageId, OpenMessage>;
  /** Applied messages that want a reply and have none: the next turn's cause. */
  due: MessageId[];
  /** The reply that is due was already restarted by a `soon`: it is not restarted by another. */
  restarted: boolean;
  turn: RecordTurn | undefined;

  /** Idempotency keys, each under `slot(key)`. */
  keys: Record<string, { fingerprint: string; seq: number; messageId: MessageId }>;
  keyCount: number;
  /** Keyed context, each under `slot(context_id)`. */
  contexts: Record<string, { contextId: string; messageId: MessageId; text: string }>;
  contextCount: number;
  /** Lines that went to the user's client and that no pong has confirmed, by seq. */
  owed: OwedLine[];
  owedBytes: number;
  /** Signed URLs that were used up by a join. */
  spentUrls: string[];
  /** An `end_call` whose answer was not shown yet. */
  endCall: EventOf<'tool.called'> | undefined;
  ended: { at: number; reason: EndReason; status: 'done' | 'failed' } | undefined;
};

export type WaitingMessage = {
  readonly messageId: MessageId;
  readonly seq: number;
  readonly type: MessageType;
  readonly text: string;
  readonly urgency: Urgency;
  readonly reply: ReplyMode;
  readonly interruptible: boolean;
  readonly contextId: string | undefined;
  readonly sessionId: SessionId | undefined;
  readonly source: 'client' | 'api';
  readonly expires: { readonly since: number; readonly ms: number } | undefined;
};

export type OpenMessage = {
  readonly messageId: MessageId;
  readonly type: MessageType;
  readonly interruptible: boolean;
  /** An instruction's text, for the prompt of its turn. */
  readonly text: string | undefined;
  /** Seq of the line whose confirmation makes it `spoken`; undefined while its reply is not said. */
  line: number | undefined;
  eventId: number | undefined;
  complete: boolean;
};

export type RecordTurn = {
  readonly turnId: TurnId;
  readonly eventId: number;
  readonly cause: readonly MessageId[];
  readonly interruptible: boolean;
  readonly seq: number;
  /** A line of it is in the log. */
  said: boolean;
};

export type OwedLine = { readonly seq: number; readonly bytes: number; readonly messages: readonly MessageId[] };

/** Most that is shown again at a rejoin; what falls out ends as `outcome_unknown`. Part of the fold, so not a setting. */
export const MAX_OWED_LINES = 1_000;
export const MAX_OWED_BYTES = 1_048_576;

/** More joins than that within the life of a signature are not possible at the rates that hold. */
export const MAX_SPENT_URLS = 10_000;

/** A record's key for a word that came from outside, so that `__proto__` is a word like any other. */
export const slot = (word: string): string => `=${word}`;
