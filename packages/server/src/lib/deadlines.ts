import type { Clock } from './clock.js';

type Entry = { readonly at: number; act: (() => void) | undefined };

/**
 * Deadlines of one length: the first to begin is the first to pass, so a queue and one alarm serve them all. A timer
 * each would cost more than most of what they watch.
 */
export class Deadlines {
  #entries: Entry[] = [];
  #first = 0;
  #armed = false;

  constructor(
    private readonly clock: Clock,
    private readonly ms: number,
  ) {}

  /** Acts once `ms` have passed. Returns what takes it back. */
  add(act: () => void): () => void {
    const entry: Entry = { at: this.clock.mono() + this.ms, act };
    this.#entries.push(entry);
    if (!this.#armed) this.#arm(entry.at);
    return () => {
      entry.act = undefined;
      this.#forgetTakenBack();
    };
  }

  #arm(at: number): void {
    this.#armed = true;
    this.clock.alarm(at, () => this.#ring());
  }

  #ring(): void {
    this.#armed = false;
    const now = this.clock.mono();
    for (let entry = this.#entries[this.#first]; entry !== undefined && entry.at <= now; entry = this.#entries[this.#first]) {
      this.#first += 1;
      entry.act?.();
    }
    this.#forgetTakenBack();
    const next = this.#entries[this.#first];
    if (next !== undefined) this.#arm(next.at);
  }

  /** Most are taken back in the order they began; the list is cut once half of it is past. */
  #forgetTakenBack(): void {
    for (let entry = this.#entries[this.#first]; entry !== undefined && entry.act === undefined; entry = this.#entries[this.#first])
      this.#first += 1;
    if (this.#first < 64 || this.#first * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#first);
    this.#first = 0;
  }
}
