import { describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.js';
import { settle } from '../testing/settle.js';
import { UnderWay, within } from './pending.js';

function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

describe('pending', () => {
  it('[IN24] what is late is answered as late, and goes on', async () => {
    const clock = new ManualClock();
    const work = deferred<string>();
    const answer = within(clock, 1_000, work.promise, 'late');
    clock.advance(999);
    await settle();
    expect(clock.pending).toBe(1);
    clock.advance(1);
    await expect(answer).resolves.toBe('late');
    work.resolve('done');
    await expect(work.promise).resolves.toBe('done');
  });

  it('[IN24] what comes in time is passed on, failures too, and leaves no alarm', async () => {
    const clock = new ManualClock();
    const [good, bad] = [deferred<string>(), deferred<string>()];
    const [first, second] = [within(clock, 1_000, good.promise, 'late'), within(clock, 1_000, bad.promise, 'late')];
    good.resolve('done');
    bad.reject(new Error('broken'));
    await expect(first).resolves.toBe('done');
    await expect(second).rejects.toThrow('broken');
    expect(clock.pending).toBe(0);
  });

  it('[IN23] a name is under way until everything under it has settled', async () => {
    const underWay = new UnderWay();
    const [first, second] = [deferred<number>(), deferred<number>()];
    const one = underWay.during('a', first.promise);
    const two = underWay.during('a', second.promise);
    first.resolve(1);
    await one;
    expect(underWay.has('a')).toBe(true);
    second.reject(new Error('broken'));
    await expect(two).rejects.toThrow('broken');
    expect(underWay.has('a')).toBe(false);
  });
});
