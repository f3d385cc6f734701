import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { count, PROVE } from '../harness/counts.js';
import { Lane } from './lane.js';
import { bearable, breaking } from './odd-frames.js';
import { chosenSeed } from './seed.js';
import { WatchedServer } from './watched-server.js';

const LANES = 8;
/** How much more of the heap may be in use at the end than after the first tenth, which is short in everyday runs. */
const GROWTH = PROVE ? 1.1 : 1.15;

const batch = fc
  .tuple(fc.array(bearable, { minLength: 5, maxLength: 35 }), fc.option(breaking, { freq: 2 }))
  .map(([frames, last]) => (last === null ? frames : [...frames, last]));

async function serve(sabotage?: string): Promise<WatchedServer> {
  const server = await WatchedServer.start({ BACKCHANNEL_RATE_LIMIT: 'off' }, sabotage);
  onTestFinished(() => server.stop());
  return server;
}

/** Sends at least so many frames, in several conversations side by side. */
async function flood(
  server: WatchedServer,
  seed: number,
  frames: number,
  patienceMs?: number,
): Promise<{ frames: number; rejoins: number }> {
  const lanes = await Promise.all(Array.from({ length: LANES }, () => Lane.start(server.port, server.api, patienceMs)));
  await Promise.all(
    lanes.map(async (lane, at) => {
      const property = fc.asyncProperty(batch, (odd) => lane.take(odd));
      // A batch has 12 frames or so. It is not shrunk: the conversation is not what it was.
      await fc.assert(property, {
        seed: seed + at,
        numRuns: Math.ceil(frames / LANES / 12),
        endOnFailure: true,
        includeErrorInReport: true,
      });
      await lane.end();
    }),
  );
  return { frames: lanes.reduce((sum, lane) => sum + lane.frames, 0), rejoins: lanes.reduce((sum, lane) => sum + lane.rejoins, 0) };
}

describe('frames that no client should send', () => {
  it('[HC10] harm nothing but their own line: the conversation answers after each, others never notice, and nothing is left behind', {
    timeout: 1_800_000,
  }, async () => {
    const frames = count(1_500, 100_000);
    const seed = chosenSeed('frames');
    const server = await serve();
    await flood(server, seed, count(300, 10_000));
    const before = await server.heapBytes();
    const done = await flood(server, seed + LANES, frames);
    const after = await server.heapBytes();
    console.info(
      `${done.frames} frames, ${done.rejoins} rejoins, the bystander answered ${server.answered} times, heap ${before} → ${after}`,
    );
    expect(await server.faults()).toEqual([]);
    expect(done.frames).toBeGreaterThan(frames * 0.8);
    expect([done.rejoins > 0, server.answered > 0]).toEqual([true, true]);
    expect(after / before).toBeLessThan(GROWTH);
  });

  it.each(['throws-at-long-texts', 'deaf-after-long-texts'])(
    '[HC12] are noticed to harm a server that %s',
    { timeout: 120_000 },
    async (sabotage) => {
      const server = await serve(sabotage);
      await expect(flood(server, 1, 4_000, 2_000)).rejects.toThrow();
    },
  );
});
