import { expect, it } from 'vitest';
import { ManualClock } from './manual-clock.js';

it('[RT42] rings what is due on the way, in order, each at its own time', () => {
  const clock = new ManualClock();
  const rung: [string, number][] = [];
  const ring = (name: string) => () => rung.push([name, clock.mono()]);
  clock.alarm(20, ring('b'));
  const cancel = clock.alarm(15, ring('cancelled'));
  clock.alarm(10, () => {
    ring('a')();
    clock.alarm(12, ring('set on the way'));
  });
  clock.alarm(20, ring('c'));
  clock.alarm(99, ring('later'));
  cancel();
  clock.advance(30);
  expect(rung).toEqual([
    ['a', 10],
    ['set on the way', 12],
    ['b', 20],
    ['c', 20],
  ]);
  expect(clock.mono()).toBe(30);
  expect(clock.pending).toBe(1);
});

it('[RT42] throws when an alarm rings without end', () => {
  const clock = new ManualClock();
  const again = (): void => void clock.alarm(clock.mono(), again);
  again();
  expect(() => clock.advance(1)).toThrow('set again and again');
});

it('[RT42] keeps durations when the wall clock is set', () => {
  const clock = new ManualClock(1_000);
  clock.advance(5);
  clock.stepWall(-500);
  expect([clock.wall(), clock.mono()]).toEqual([505, 5]);
});
