import type { ClosingCode, ConversationEvent, EndReason, PartialEvent, SessionId, TurnId } from '@backchannel/protocol';

/** Why the conversation closes a client session; the transport turns it into its own close. */
export type CloseReason =
  | { readonly kind: 'ended'; readonly reason: EndReason; readonly graceMs?: number }
  | { readonly kind: 'error'; readonly code: ClosingCode };

/** One media connection to a conversation. A transport implements it; the conversation drives it. */
export interface ClientSession {
  readonly id: SessionId;
  readonly role: 'user' | 'attached';
  /** Bounded: an overflow closes the session, it never blocks. */
  send(output: ConversationEvent | PartialEvent): void;
  /** A JSON ping whose pong confirms every line up to seq `through`. Sent behind the frames of the same append. */
  ping(through: number): void;
  /** Barge-in, immediate: forget what is not played yet and send `interruption`. */
  stop(turn: TurnId): void;
  /** True when the peer answers a transport-level ping within `withinMs`. */
  answers(withinMs: number): Promise<boolean>;
  /** What follows until `flush` leaves as one write. */
  cork(): void;
  uncork(): void;
  close(reason: CloseReason): void;
}
