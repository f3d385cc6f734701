import type { Clock } from './clock.js';

/** Acts once, when `clock.mono()` has reached `at`: an alarm may ring before, and is then set again. Returns what takes it back. */
export function deadline(clock: Clock, at: number, act: () => void): () => void {
  let cancel = clock.alarm(at, ring);
  function ring(): void {
    if (clock.mono() >= at) act();
    else cancel = clock.alarm(at, ring);
  }
  return () => cancel();
}
