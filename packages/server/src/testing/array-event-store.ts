import { type ConversationEvent, type ConversationId, parseOwn } from '@backchannel/protocol';
import { AppendError, type ConversationHead, type EventStore } from '../conversation/event-store.js';

/** One append as it was asked for, whatever became of it. */
export type AskedAppend = {
  readonly id: ConversationId;
  readonly epoch: number;
  readonly firstSeq: number;
  readonly types: readonly ConversationEvent['type'][];
  readonly when: 'now' | 'ride';
};

type Log = { epoch: number; readonly events: string[] };
type Waiting = { readonly commit: () => void; readonly fail: (error: AppendError) => void };

/**
 * An EventStore on plain arrays, with the fencing of a real one. Events are kept as text, so nothing that a test
 * or a conversation changes afterwards reaches the log. Appends are durable at once, unless the store holds them:
 * then a test decides when each becomes durable, or fails.
 */
export class ArrayEventStore implements EventStore {
  /** Every append that was asked for, in order: what a walk through appends compares with. */
  readonly asked: AskedAppend[] = [];
  readonly #logs = new Map<ConversationId, Log>();
  readonly #waiting: Waiting[] = [];
  #holding = false;
  #down = false;

  append(id: ConversationId, epoch: number, firstSeq: number, events: readonly ConversationEvent[], when: 'now' | 'ride'): Promise<void> {
    this.asked.push({ id, epoch, firstSeq, types: events.map((event) => event.type), when });
    const texts = events.map((event) => JSON.stringify(event));
    return new Promise((resolve, reject) => {
      const commit = () => {
        const refusal = this.#write(id, epoch, firstSeq, texts);
        if (refusal === undefined) resolve();
        else reject(refusal);
      };
      if (this.#holding) this.#waiting.push({ commit, fail: reject });
      else commit();
    });
  }

  async read(id: ConversationId, after: number, limit: number): Promise<ConversationEvent[]> {
    const texts = this.#logs.get(id)?.events.slice(after, after + limit) ?? [];
    return texts.map((text) => parseOwn<ConversationEvent>(text));
  }

  async head(id: ConversationId): Promise<ConversationHead | undefined> {
    const log = this.#logs.get(id);
    if (log === undefined) return undefined;
    let head: ConversationHead | undefined;
    for (const text of log.events) head = fold(head, parseOwn<ConversationEvent>(text));
    return head && { ...head, epoch: log.epoch, lastSeq: log.events.length };
  }

  async claim(id: ConversationId): Promise<number> {
    const log = this.#logs.get(id);
    if (log === undefined) throw new Error(`There is no conversation ${id} to claim.`);
    this.#refuseWhenDown();
    log.epoch += 1;
    return log.epoch;
  }

  /** From now on appends wait for `commit`, `fail` or `release`. */
  hold(): void {
    this.#holding = true;
  }

  /** How many appends wait. */
  get held(): number {
    return this.#waiting.length;
  }

  /** Makes the oldest `count` waiting appends durable (all of them when left out), or refuses them as fenced. */
  commit(count = this.#waiting.length): void {
    for (const { commit } of this.#waiting.splice(0, count)) commit();
  }

  /** Every waiting append fails together, as a group whose commit failed. */
  fail(reason: AppendError['reason'] = 'unavailable'): void {
    for (const { fail } of this.#waiting.splice(0)) fail(new AppendError(reason, 'A test let this append fail.'));
  }

  /** Commits what waits and holds no longer. */
  release(): void {
    this.#holding = false;
    this.commit();
  }

  /** Until `repair`, every append and claim is refused as unavailable; reading goes on. */
  break(): void {
    this.#down = true;
  }

  repair(): void {
    this.#down = false;
  }

  /** Removes a conversation, as after a DELETE. */
  erase(id: ConversationId): void {
    this.#logs.delete(id);
  }

  /** The whole log, for a test to look at. */
  events(id: ConversationId): ConversationEvent[] {
    return (this.#logs.get(id)?.events ?? []).map((text) => parseOwn<ConversationEvent>(text));
  }

  #write(id: ConversationId, epoch: number, firstSeq: number, texts: readonly string[]): AppendError | undefined {
    if (this.#down) return new AppendError('unavailable', 'A test took the store down.');
    const log = this.#logs.get(id) ?? { epoch: 1, events: [] };
    if (epoch !== log.epoch || firstSeq !== log.events.length + 1) {
      return new AppendError('fenced', `Epoch ${epoch}, seq ${firstSeq}; wanted ${log.epoch}, ${log.events.length + 1}.`);
    }
    log.events.push(...texts);
    this.#logs.set(id, log);
    return undefined;
  }

  #refuseWhenDown(): void {
    if (this.#down) throw new AppendError('unavailable', 'A test took the store down.');
  }
}

function fold(head: ConversationHead | undefined, event: ConversationEvent): ConversationHead | undefined {
  if (event.type === 'conversation.created') {
    return { workspaceId: event.workspace_id, agentId: event.agent_id, status: 'created', epoch: event.epoch, lastSeq: event.seq };
  }
  if (head === undefined) return undefined;
  if (event.type === 'conversation.opened') return { ...head, status: 'open' };
  if (event.type === 'conversation.dropped') return { ...head, status: 'dropped' };
  if (event.type === 'conversation.ended') return { ...head, status: 'ended', ended: { at: event.time, reason: event.reason } };
  return head;
}
