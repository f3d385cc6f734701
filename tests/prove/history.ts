/**
 * A history: one JSON object a line, in the order in which the one process that wrote it saw things happen.
 * `t` is milliseconds on that process's monotonic clock, so "before" means before in real time.
 */
export type HistoryLine = { readonly t: number } & (
  | Operation
  | ClientFrame
  | { readonly type: 'run'; readonly seed: number; readonly messages: number; readonly kills: number; readonly conversations: number }
  /** kill -9 of the server, and its next start. */
  | { readonly type: 'kill' | 'start'; readonly server: number }
  /** A page of a conversation's log, as `GET …/events` answered it at the end. Pages stand in order. */
  | { readonly type: 'log'; readonly conversation: string; readonly events: readonly LogEvent[] }
);

/**
 * One try to send one message: an `invoke`, and what came of it. A try that ended in `info`, or in nothing, may have
 * happened or not; one that ended in `fail` has not. Tries of one message share its `key`, and its text is like no other's.
 */
export type Operation =
  | { readonly type: 'invoke'; readonly op: number; readonly conversation: string; readonly key: string; readonly message: SentMessage }
  | {
      readonly type: 'ok';
      readonly op: number;
      readonly status: number;
      readonly message_id: string;
      readonly seq: number;
      /** The level that the answer claims. */
      readonly level: string;
      readonly replayed: boolean;
    }
  | { readonly type: 'fail'; readonly op: number; readonly status: number; readonly code: string }
  | { readonly type: 'info'; readonly op: number; readonly reason: string };

/** What a client session joined, was shown and answered. `order` counts the frames of a session from 0. */
export type ClientFrame =
  | { readonly type: 'join'; readonly session: number; readonly conversation: string }
  | {
      readonly type: 'frame';
      readonly session: number;
      readonly order: number;
      readonly frame: 'agent_response' | 'user_transcript';
      readonly event_id: number;
      readonly text: string;
    }
  | { readonly type: 'pong'; readonly session: number; readonly event_id: number }
  | { readonly type: 'leave'; readonly session: number; readonly code: number };

export type SentMessage = {
  readonly type: 'agent_message' | 'user_message' | 'contextual_update';
  readonly text: string;
  readonly reply?: 'none';
  readonly context_id?: string;
};

/** A numbered event as it was read; the checker believes nothing of it beyond these three. */
export type LogEvent = { readonly seq: number; readonly epoch: number; readonly type: string } & { readonly [field: string]: unknown };
