import { describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.js';
import { KeyEnds } from './key-ends.js';

function stage() {
  const clock = new ManualClock();
  const ends = new KeyEnds(clock);
  const told: string[] = [];
  const wait = (keyId: string, expiresAt?: number) =>
    ends.await(expiresAt === undefined ? { keyId } : { keyId, expiresAt }, (why) => told.push(`${keyId} ${why}`));
  return { clock, ends, told, wait };
}

describe('the end of a key', () => {
  it('[AC18] is told once to everybody who waits for it, and to nobody who no longer does', () => {
    const { clock, ends, told, wait } = stage();
    wait('a');
    const takeBack = wait('a');
    wait('b');
    takeBack();
    wait('a', clock.wall() + 1_000);
    ends.revoked('a');
    ends.revoked('a');
    expect(told).toEqual(['a api_key_revoked', 'a api_key_revoked']);
    expect([ends.has('a'), ends.has('b'), clock.pending]).toEqual([true, false, 0]);
    wait('a');
    expect(told).toHaveLength(3);
  });

  it('[AC18] comes with its expiry on the wall clock, also when that is set meanwhile', () => {
    const { clock, told, wait } = stage();
    wait('a', clock.wall() + 10 * 60_000);
    clock.advance(9 * 60_000);
    expect(told).toEqual([]);
    clock.stepWall(-60_000);
    clock.advance(60_000);
    expect(told).toEqual([]);
    clock.advance(60_000);
    expect(told).toEqual(['a api_key_expired']);
    const takeBack = wait('b', clock.wall() + 1);
    takeBack();
    clock.advance(10);
    expect([told.length, clock.pending]).toEqual([1, 0]);
  });
});
