import { setTimeout as wait } from 'node:timers/promises';
import type { ManualClock } from '@backchannel/server/testing';

/** Lets time pass on a clock that stands still, some of it at a time, until what it is needed for has come. */
export async function passTime<T>(clock: ManualClock, awaited: Promise<T>, stepMs = 50): Promise<T> {
  let over = false;
  const settle = (): void => {
    over = true;
  };
  awaited.then(settle, settle);
  while (!over) {
    clock.advance(stepMs);
    await wait(2);
  }
  return awaited;
}
