import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.js';
import { RateLimit } from './rates.js';

describe('rates', () => {
  it('[RE20] an id may use a whole second of its rate at once, then is told to wait a second', () => {
    const limit = new RateLimit(100, new ManualClock());
    expect(Array.from({ length: 100 }, () => limit.take('conv_a'))).toEqual(Array.from({ length: 100 }, () => 0));
    expect(limit.take('conv_a')).toBe(1);
  });

  it('[RE20] tokens come back one by one, and a refusal takes none', () => {
    const clock = new ManualClock();
    const limit = new RateLimit(10, clock);
    for (let i = 0; i < 10; i++) limit.take('a');
    for (let i = 0; i < 50; i++) expect(limit.take('a')).toBe(1);
    clock.advance(100);
    expect([limit.take('a'), limit.take('a')]).toEqual([0, 1]);
    clock.advance(1_000);
    expect(Array.from({ length: 11 }, () => limit.take('a')).filter((secs) => secs > 0)).toEqual([1]);
  });

  it('[RE20] ids do not use each other’s tokens', () => {
    const limit = new RateLimit(1, new ManualClock());
    expect([limit.take('a'), limit.take('b'), limit.take('a'), limit.take('b')]).toEqual([0, 0, 1, 1]);
  });

  it('[RE21] off counts nothing', () => {
    const limit = new RateLimit('off', new ManualClock());
    expect(Array.from({ length: 5_000 }, () => limit.take('a')).every((secs) => secs === 0)).toBe(true);
  });

  it('[RE20] whatever comes when, no more than the rate and a second’s worth of it get through', () => {
    const gaps = fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 50 }), (waits, rate) => {
        const clock = new ManualClock();
        const limit = new RateLimit(rate, clock);
        let taken = 0;
        for (const wait of waits) {
          clock.advance(wait);
          if (limit.take('a') === 0) taken++;
        }
        expect(taken).toBeLessThanOrEqual(rate + (clock.mono() * rate) / 1_000 + 1e-6);
      }),
    );
  });

  it('[RE22] forgets ids whose bucket is full again, and never remembers more than its bound', () => {
    const clock = new ManualClock();
    const limit = new RateLimit(5, clock, 100);
    for (let i = 0; i < 10_000; i++) limit.take(`id_${i}`);
    expect(limit.remembered).toBeLessThanOrEqual(200);
    clock.advance(2_000);
    limit.take('a');
    expect(limit.remembered).toBe(1);
  });
});
