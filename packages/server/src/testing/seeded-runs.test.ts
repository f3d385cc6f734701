import fc from 'fast-check';
import { expect, it } from 'vitest';
import { liveThrough } from './live-through.js';
import { randomLife } from './random-acts.js';
import { seededRuns } from './seeded-runs.js';

it('[CV41] a run repeats from its seed, which the environment can give, as it can the number of runs', () => {
  expect(seededRuns(7, { BACKCHANNEL_SEED: '42', BACKCHANNEL_RUNS: '9' })).toEqual({ seed: 42, numRuns: 9 });
  const { seed, numRuns } = seededRuns(7, {});
  expect(numRuns).toBe(7);
  expect(Number.isInteger(seed)).toBe(true);
});

it('[CV41] the same seed is the same lives, and the same life the same log', () => {
  const logs = () => fc.sample(randomLife(40), { seed: 42, numRuns: 5 }).map((life) => liveThrough(life).log);
  expect(logs()).toEqual(logs());
});
