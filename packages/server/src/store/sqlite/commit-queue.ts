import type { ConversationEvent, ConversationId } from '@backchannel/protocol';
import { AppendError } from '../../conversation/event-store.js';
import type { Clock } from '../../lib/clock.js';
import { rowChange } from '../row-change.js';
import type { Call } from './calls.js';
import { emptyGroup, type Group, type GroupReply } from './group.js';
import type { Writes } from './writes.js';

/** How long an append that nobody waits for may wait for company, in milliseconds. */
export const RIDE_MS = 20;
/** Appends and writes that may wait behind a commit before more are refused: a disk that hangs must not fill the memory. */
const MAX_WAITING = 100_000;

type Settler = { resolve(value: unknown): void; reject(error: Error): void };
type Batch = { readonly group: Group; readonly appends: Settler[]; readonly writes: Settler[] };

const emptyBatch = (): Batch => ({ group: emptyGroup(), appends: [], writes: [] });
const unavailable = (why: string): AppendError => new AppendError('unavailable', `The store cannot write now: ${why}`);

/**
 * Natural group commit, on the main thread's side: one group is on its way, the next one is whatever arrived meanwhile.
 * A quiet queue sends at the end of the event loop's turn, so all that one turn brought leaves in one message. Everything
 * leaves in the order of arrival, which keeps the appends of a conversation in order.
 */
export class CommitQueue {
  #waiting = emptyBatch();
  #sent: Batch | undefined;
  /** Somebody waits for what is in `#waiting`. */
  #urgent = false;
  #scheduled = false;
  #rideSince: number | undefined;
  #alarmSet = false;
  #whenEmpty: (() => void)[] = [];
  /** What became durable. */
  readonly written = { commits: 0, appends: 0 };

  constructor(
    private readonly send: (group: Group) => void,
    private readonly clock: Clock,
    private readonly maxWaiting = MAX_WAITING,
  ) {}

  append(id: ConversationId, epoch: number, firstSeq: number, events: readonly ConversationEvent[], when: 'now' | 'ride'): Promise<void> {
    return new Promise((resolve, reject) => {
      if (events.length === 0) throw new RangeError('An append holds at least one event.');
      const { group, appends } = this.#waiting;
      if (appends.length >= this.maxWaiting) throw unavailable('too much is waiting already.');
      // Before the first push: what cannot be written as JSON must not leave half a row behind.
      const text = JSON.stringify(events);
      const change = rowChange(events);
      if (change) group.changes.push({ place: group.ids.length, change });
      group.ids.push(id);
      group.epochs.push(epoch);
      group.firstSeqs.push(firstSeq);
      group.lastSeqs.push(firstSeq + events.length - 1);
      group.texts.push(text);
      // Settled with `undefined`, which is what `void` promises.
      appends.push({ resolve: resolve as (value: unknown) => void, reject });
      if (when === 'now') this.#hurry();
      else if (!this.#urgent) this.#ride();
    });
  }

  /** Rejects with AppendError `unavailable`, or with a plain error when this write alone was refused. */
  write(call: Call<Writes>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const { group, writes } = this.#waiting;
      if (writes.length >= this.maxWaiting) throw unavailable('too much is waiting already.');
      group.writes.push(call);
      writes.push({ resolve, reject });
      this.#hurry();
    });
  }

  /** Takes the answer to the group on its way; the next one leaves before anybody is told, so that the writer never rests. */
  answered(reply: GroupReply): void {
    const batch = this.#sent;
    if (!batch) return;
    this.#sent = undefined;
    if (this.#urgent) this.#flush();
    if (reply.kind === 'failed') reject(batch, reply.message);
    else {
      this.written.commits += 1;
      this.written.appends += batch.appends.length - reply.refused.length;
      settle(batch, reply);
    }
    this.#tellEmpty();
  }

  /** The writer is gone: everything on its way or waiting fails. */
  fail(why: string): void {
    const lost = [this.#sent, this.#waiting];
    this.#sent = undefined;
    this.#waiting = emptyBatch();
    this.#urgent = false;
    this.#rideSince = undefined;
    for (const batch of lost) if (batch) reject(batch, why);
    this.#tellEmpty();
  }

  /** Sends whatever waits and resolves when nothing is left. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenEmpty.push(resolve);
      if (this.#isEmpty()) this.#tellEmpty();
      else this.#hurry();
    });
  }

  #hurry(): void {
    this.#urgent = true;
    if (this.#scheduled || this.#sent) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#urgent && !this.#sent) this.#flush();
    });
  }

  #flush(): void {
    const batch = this.#waiting;
    this.#waiting = emptyBatch();
    this.#urgent = false;
    this.#rideSince = undefined;
    if (batch.appends.length === 0 && batch.writes.length === 0) return;
    this.#sent = batch;
    this.send(batch.group);
  }

  /** One alarm, never moved: most riders have left with somebody else by the time it rings, and it looks again. */
  #ride(): void {
    if (this.#rideSince !== undefined) return;
    this.#rideSince = this.clock.mono();
    if (!this.#alarmSet) this.#setAlarm(this.#rideSince + RIDE_MS);
  }

  #setAlarm(at: number): void {
    this.#alarmSet = true;
    this.clock.alarm(at, () => {
      this.#alarmSet = false;
      if (this.#rideSince === undefined) return;
      const due = this.#rideSince + RIDE_MS;
      // An alarm may ring a little early; within a millisecond it is time.
      if (this.clock.mono() + 1 >= due) this.#hurry();
      else this.#setAlarm(due);
    });
  }

  #isEmpty(): boolean {
    return !this.#sent && this.#waiting.appends.length === 0 && this.#waiting.writes.length === 0;
  }

  #tellEmpty(): void {
    if (this.#whenEmpty.length === 0 || !this.#isEmpty()) return;
    for (const tell of this.#whenEmpty.splice(0)) tell();
  }
}

function settle({ appends, writes }: Batch, reply: GroupReply & { kind: 'committed' }): void {
  for (const { place, reason, message } of reply.refused) appends[place]?.reject(new AppendError(reason, message));
  // A promise that was rejected above stays so.
  for (const append of appends) append.resolve(undefined);
  writes.forEach((write, place) => {
    const result = reply.results[place];
    if (result?.ok) write.resolve(result.value);
    else write.reject(new Error(result?.message ?? 'no answer'));
  });
}

function reject({ appends, writes }: Batch, why: string): void {
  for (const settler of [...appends, ...writes]) settler.reject(unavailable(why));
}
