import { expect, it } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.js';
import { Deadline } from './deadline.js';

it('[TN10] moves with every piece on one alarm, and is missed once', () => {
  const clock = new ManualClock();
  let missed = 0;
  const deadline = new Deadline(clock, () => missed++);
  deadline.set(20_000);
  clock.advance(1_000);
  for (let i = 0; i < 50; i++) {
    deadline.set(10_000);
    expect(clock.pending).toBe(1);
    clock.advance(1_000);
  }
  expect(missed).toBe(0);
  clock.advance(8_999);
  expect(missed).toBe(0);
  clock.advance(1);
  clock.advance(100_000);
  expect(missed).toBe(1);
});

it('[TN10] rings no more once it is cleared', () => {
  const clock = new ManualClock();
  const deadline = new Deadline(clock, () => expect.unreachable());
  deadline.set(10);
  deadline.clear();
  clock.advance(100);
  expect(clock.pending).toBe(0);
});
