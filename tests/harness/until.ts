import { setTimeout as wait } from 'node:timers/promises';

type Patience = {
  /** Milliseconds of real time after which the wait is given up, with `what` in the error. */
  readonly withinMs?: number;
  readonly everyMs?: number;
};

/** What `look` finds, as soon as it finds something: neither undefined nor false. It is asked again and again. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  { withinMs = 10_000, everyMs = 5 }: Patience = {},
): Promise<Exclude<T, undefined | false>> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    // The two values that mean "not yet" are excluded here, which the compiler cannot see of a generic type.
    if (found !== undefined && found !== false) return found as Exclude<T, undefined | false>;
    if (performance.now() > deadline) throw new Error(`In ${withinMs} ms it did not come to this: ${what}.`);
    await wait(everyMs);
  }
}
