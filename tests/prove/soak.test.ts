import { describe, expect, it } from 'vitest';
import { LEAK_NAMES, LEAKS } from './leaks.js';
import { SERVER, sabotagedServer } from './programs.js';
import { type SoakRun, soak } from './soak-run.js';
import { judge } from './soak-verdicts.js';

/** `SEED=N` asks for a run again. */
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const AT_MOST_MS = 180_000;

/** By count and not by time, so that a slow machine sees as much. */
const small = (program: SoakRun['program']): SoakRun => ({
  program,
  seed: SEED,
  warmUp: { conversations: 150, ms: 0 },
  load: { conversations: 300, ms: 0 },
  atOnce: 30,
});

/** Side by side: most of a soak is waiting until a server has rested. */
describe.concurrent('a soak', () => {
  it('[PR15] finds that a server holds no more when all is over than it did before', { timeout: AT_MOST_MS }, async () => {
    const soaked = await soak(small(SERVER));
    const judged = judge(soaked, { resident: false });
    expect(
      judged.filter(({ holds }) => !holds).map(({ line }) => line),
      `SEED=${SEED}`,
    ).toEqual([]);
    for (const what of ['messages', 'joins', 'lost', 'left by their clients', 'lost for good', 'deleted', 'ended by a backend'])
      expect(soaked.counts[what], what).toBeGreaterThan(0);
  });

  it.each(LEAK_NAMES)('[PR16] catches a server that leaks: %s', { timeout: AT_MOST_MS }, async (name) => {
    const judged = judge(await soak(small(sabotagedServer(name))), { resident: false });
    const broken = judged.filter(({ holds }) => !holds).map(({ verdict }) => verdict);
    expect(broken, `SEED=${SEED}`).toContain(LEAKS[name].verdict);
  });
});
