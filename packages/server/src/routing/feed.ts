import { EventEntry, type PartialEntry } from './entry.js';

type Item = EventEntry | PartialEntry;

/** A watcher further behind reads the store. */
const KEPT = 256;

/**
 * The newest entries of one conversation, as far as this node has heard of them: one ring for all who follow it
 * here. Followers are positions in it and no queues. Its events have no gaps: where the bus jumps, or the store
 * knows more, the ring begins anew, and who stood in the old one reads the store.
 */
export class Feed {
  #items: Item[] = [];
  /** The position of the oldest item. Positions only grow. */
  #oldest = 0;
  #lastSeq: number | undefined;
  #sleepers: (() => void)[] = [];
  #gone = false;

  /** The newest seq that anybody here knows of; undefined while nobody knows any. */
  get lastSeq(): number | undefined {
    return this.#lastSeq;
  }

  /** The conversation was erased: nothing more will come. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Takes an entry; false for an event that came before. */
  push(item: Item): boolean {
    if (item instanceof EventEntry) {
      const { seq } = item.event;
      if (this.#lastSeq !== undefined && seq <= this.#lastSeq) return false;
      if (this.#lastSeq !== undefined && seq > this.#lastSeq + 1) this.#restart(seq - 1);
      this.#lastSeq = seq;
    }
    this.#items.push(item);
    // Cut in strides, so that keeping the ring short costs next to nothing an entry.
    if (this.#items.length >= 2 * KEPT) this.#oldest += this.#items.splice(0, KEPT).length;
    this.#wake();
    return true;
  }

  /**
   * The position from which somebody who has read the store up to `seq` goes on; undefined when the ring begins
   * later, and the store must have more.
   */
  join(seq: number): number | undefined {
    if (this.#lastSeq === undefined || seq > this.#lastSeq) this.#restart(seq);
    if (seq === this.#lastSeq) return this.#oldest + this.#items.length;
    const index = this.#items.findIndex((item) => item instanceof EventEntry && item.event.seq === seq + 1);
    return index < 0 ? undefined : this.#oldest + index;
  }

  /** What stands at a position: nothing yet, or `behind` when the ring does not reach it any more. */
  at(position: number): Item | 'behind' | undefined {
    return position < this.#oldest ? 'behind' : this.#items[position - this.#oldest];
  }

  end(): void {
    this.#gone = true;
    this.#wake();
  }

  /** Calls `wake` once, at the next change. */
  onChange(wake: () => void): void {
    this.#sleepers.push(wake);
  }

  /** The sleeper was woken by something else. */
  offChange(wake: () => void): void {
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== wake);
  }

  /** Forgets the entries, and goes on behind `seq`. */
  #restart(seq: number): void {
    // One further than the old end, so that who stood there is behind, too.
    this.#oldest += this.#items.length + 1;
    this.#items = [];
    this.#lastSeq = seq;
    this.#wake();
  }

  #wake(): void {
    const sleepers = this.#sleepers;
    if (sleepers.length === 0) return;
    this.#sleepers = [];
    for (const wake of sleepers) wake();
  }
}
