import { parseArgs } from 'node:util';
import { LEAK_NAMES, LEAKS } from './leaks.js';
import { SERVER, sabotagedServer } from './programs.js';
import { soak } from './soak-run.js';
import { judge } from './soak-verdicts.js';

const USAGE = 'npm run soak -- [--minutes=10] [--at-once=100] [--seed=N] [--only=soak|leaks]';
/** Enough for each leak to be seen. */
const LEAKING = { warmUp: { conversations: 400, ms: 0 }, load: { conversations: 2_000, ms: 0 }, atOnce: 50 } as const;
const WARM_UP_SHARE = 0.1;

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

/** The soak at its full length, and the leaking servers that it must catch. */
async function main(): Promise<boolean> {
  const { minutes, atOnce, seed, only } = options();
  let good = true;
  if (only !== 'leaks') {
    const ms = minutes * 60_000;
    console.log(`Seed ${seed}: ${minutes} minutes of mixed load, ${atOnce} conversations at once`);
    const amounts = { warmUp: { conversations: 500, ms: ms * WARM_UP_SHARE }, load: { conversations: 1, ms: ms * (1 - WARM_UP_SHARE) } };
    const result = await soak({ program: SERVER, seed, ...amounts, atOnce, say: (text) => console.log(text), signal: stop.signal });
    console.log(
      Object.entries(result.counts)
        .map(([what, count]) => `${count.toLocaleString('en-US')} ${what}`)
        .join(', '),
    );
    const judged = judge(result, { resident: true });
    for (const { holds, line } of judged) console.log(`${holds ? 'ok' : 'BROKEN'}  ${line}`);
    good = judged.every(({ holds }) => holds);
  }
  if (only !== 'soak') {
    for (const name of LEAK_NAMES) {
      const judged = judge(await soak({ program: sabotagedServer(name), seed, ...LEAKING, signal: stop.signal }), { resident: true });
      const caught = judged.find(({ verdict }) => verdict === LEAKS[name].verdict);
      console.log(`\nLeak, ${name}: ${LEAKS[name].does}.\n${caught?.holds === false ? 'Caught' : 'NOT CAUGHT'}: ${caught?.line}`);
      good = caught?.holds === false && good;
    }
  }
  console.log(good ? '\nHeld.' : '\nNOT held.');
  return good;
}

function options(): { minutes: number; atOnce: number; seed: number; only: string | undefined } {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { minutes: text, 'at-once': text, seed: text, only: text } });
  const { minutes = '10', 'at-once': atOnce = '100', seed = String(Date.now() % 1_000_000), only } = values;
  if (![minutes, atOnce, seed].every((value) => Number(value) > 0) || !(only === undefined || only === 'soak' || only === 'leaks'))
    throw new Error(USAGE);
  return { minutes: Number(minutes), atOnce: Number(atOnce), seed: Number(seed), only };
}

main().then(
  (good) => {
    process.exitCode = good ? 0 : 1;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
