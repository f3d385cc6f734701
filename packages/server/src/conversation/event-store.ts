import type { ConversationEvent, ConversationId } from '@backchannel/protocol';

export type ConversationHead = {
  readonly workspaceId: string;
  readonly agentId: string;
  readonly status: 'created' | 'open' | 'dropped' | 'ended';
  readonly epoch: number;
  readonly lastSeq: number;
  readonly ended?: { readonly at: string; readonly reason: string };
};

/** `fenced`: another owner, or not the next seq. `unavailable`: the store cannot write now; the whole live object is lost. */
export class AppendError extends Error {
  constructor(
    readonly reason: 'fenced' | 'unavailable',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'AppendError';
  }
}

/** The durable log of every conversation; only its owner appends to one. */
export interface EventStore {
  /**
   * One atomic row. Resolves when durable; rejects with AppendError, refused as `fenced` unless `epoch` and
   * `firstSeq` are the store's next. The first append (seq 1) creates the conversation. Appends of one
   * conversation stay in order. `ride`: nobody waits; it joins the next group commit, at the latest after 20 ms.
   */
  append(id: ConversationId, epoch: number, firstSeq: number, events: readonly ConversationEvent[], when: 'now' | 'ride'): Promise<void>;
  /** Events with `seq > after`, oldest first, at most `limit`. Unknown conversation: none. */
  read(id: ConversationId, after: number, limit: number): Promise<ConversationEvent[]>;
  head(id: ConversationId): Promise<ConversationHead | undefined>;
  /** Makes the caller the owner under the next epoch. Rejects when there is no such conversation. */
  claim(id: ConversationId): Promise<number>;
}
