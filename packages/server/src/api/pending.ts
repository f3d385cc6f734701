import type { Clock } from '../lib/clock.js';
import { deadline } from '../lib/deadline.js';

/** What `work` comes to, or `late` when it takes longer than `ms`. What is late goes on; only its caller stops waiting. */
export function within<T, L>(clock: Clock, ms: number, work: Promise<T>, late: L): Promise<T | L> {
  return new Promise((resolve, reject) => {
    const cancel = deadline(clock, clock.mono() + ms, () => resolve(late));
    work.finally(cancel).then(resolve, reject);
  });
}

/** Names of requests that are under way on this node: who comes second with a name is a retry of the first. */
export class UnderWay {
  private readonly counts = new Map<string, number>();

  has(name: string): boolean {
    return this.counts.has(name);
  }

  /** Counts `work` under `name` until it has settled. */
  during<T>(name: string, work: Promise<T>): Promise<T> {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    return work.finally(() => {
      const left = (this.counts.get(name) ?? 1) - 1;
      if (left === 0) this.counts.delete(name);
      else this.counts.set(name, left);
    });
  }
}
