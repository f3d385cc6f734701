import { expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.js';
import { deadline } from './deadline.js';

/** Rings every alarm 10 ms too early. */
class HastyClock extends ManualClock {
  override alarm(at: number, ring: () => void): () => void {
    return super.alarm(Math.max(this.mono() + 1, at - 10), ring);
  }
}

it('[RT4] a deadline acts once, not before its time, however early the alarm rings', () => {
  const clock = new HastyClock();
  const acted: number[] = [];
  deadline(clock, 50, () => acted.push(clock.mono()));
  const takeBack = deadline(clock, 60, () => acted.push(-1));
  clock.advance(55);
  takeBack();
  clock.advance(100);
  expect(acted).toEqual([50]);
  expect(clock.pending).toBe(0);
});
