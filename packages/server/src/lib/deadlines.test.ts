import { describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.js';
import { Deadlines } from './deadlines.js';

describe('deadlines of one length', () => {
  it('[RT43] each passes after its time, in order, and one that was taken back never does', () => {
    const clock = new ManualClock();
    const deadlines = new Deadlines(clock, 1_000);
    const passed: string[] = [];
    deadlines.add(() => passed.push('a'));
    const takeBack = deadlines.add(() => passed.push('b'));
    clock.advance(400);
    deadlines.add(() => passed.push('c'));
    takeBack();
    clock.advance(599);
    expect(passed).toEqual([]);
    clock.advance(1);
    expect(passed).toEqual(['a']);
    clock.advance(400);
    expect(passed).toEqual(['a', 'c']);
  });

  it('[RT43] ten thousand that are taken back leave the ones that stay', () => {
    const clock = new ManualClock();
    const deadlines = new Deadlines(clock, 1_000);
    let passed = 0;
    for (let i = 0; i < 10_000; i++) {
      const takeBack = deadlines.add(() => passed++);
      if (i % 100 !== 0) takeBack();
    }
    clock.advance(1_000);
    expect(passed).toBe(100);
    clock.advance(1_000);
    expect(passed).toBe(100);
  });

  it('[RT43] one that is added while another passes has its whole time', () => {
    const clock = new ManualClock();
    const deadlines = new Deadlines(clock, 1_000);
    let second = false;
    deadlines.add(() => deadlines.add(() => (second = true)));
    clock.advance(1_000);
    clock.advance(999);
    expect(second).toBe(false);
    clock.advance(1);
    expect(second).toBe(true);
  });
});
