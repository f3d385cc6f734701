import fc from 'fast-check';
import { describe, it } from 'vitest';
import { conversationSettings } from '../testing/conversation-settings.js';
import { liveThrough } from '../testing/live-through.js';
import { FaultyLife, randomHappenings } from '../testing/live-through-faults.js';
import { randomLife } from '../testing/random-acts.js';
import { seededRuns } from '../testing/seeded-runs.js';

/** Small, so that random lives run into them. */
const settings = conversationSettings({
  maxDurationMs: 600_000,
  maxDurationMessage: 'Our time is up.',
  silenceMs: 300_000,
  limits: { maxReplyBytes: 100, maxWaiting: 6, maxKeys: 3, maxContexts: 2, idleMs: 300_000 },
});

describe('any life of a conversation', () => {
  it('[CV41] keeps the rules of log, record and wire after every step, and comes to an end', () => {
    fc.assert(
      fc.property(randomLife(80), (life) => void liveThrough(life, { settings })),
      seededRuns(250),
    );
  });
});

describe('any life on a store that is slow or fails', () => {
  it('[CV42] shows and acknowledges only what is stored, loses and doubles nothing, and answers everybody', async () => {
    await fc.assert(
      fc.asyncProperty(randomHappenings(60), (happenings) => new FaultyLife(settings).through(happenings)),
      seededRuns(60),
    );
  });
});
