import { startContender } from '../contender.mjs';
import { awaitConfirmed } from './confirmed.mjs';

/** Up to so many conversations a server, all servers run at once; their idle clients are pinged every 5 s. */
const AT_ONCE = 2_000;
/** Milliseconds of load before anything is counted: what runs must be compiled. */
const WARM_UP_MS = 3_000;

/**
 * Rounds of both loads (`max`: as much as it takes; `paced`: `rate` a second), servers in turn within a round. Few conversations
 * stay open all the time. With many each server is started for its turn: six times 15,000 clients, pinged every 5 s, would be
 * the load. Answers, for each server, its runs in the order of the rounds.
 */
export async function measureThroughput(names, { size, rounds, ms, rate, scratch, say }) {
  const runs = Object.fromEntries(names.map((name) => [name, { max: [], paced: [] }]));
  const held = new Map();
  const ready = async (name) => {
    const contender = await startContender(name, scratch);
    held.set(name, contender);
    await contender.open(size);
    await contender.load({ ms: Math.min(WARM_UP_MS, ms) });
    return contender;
  };
  const end = async (name) => {
    await held.get(name)?.stop();
    held.delete(name);
  };
  try {
    if (size <= AT_ONCE) for (const name of names) await ready(name);
    for (let round = 0; round < rounds; round++) {
      // Each begins a round in its turn, so that none always follows the same.
      for (const name of [...names.slice(round % names.length), ...names.slice(0, round % names.length)]) {
        const contender = held.get(name) ?? (await ready(name));
        runs[name].max.push(await measured(contender, { ms }));
        runs[name].paced.push(await measured(contender, { ms, perSecond: rate }));
        if (size > AT_ONCE) await end(name);
      }
      say(`  ${size.toLocaleString('en-US')} conversations: round ${round + 1} of ${rounds}`);
    }
  } finally {
    await Promise.all([...held.keys()].map(end));
  }
  return runs;
}

async function measured(contender, load) {
  const before = contender.cpuMicros();
  const run = await contender.load(load);
  const { operations, refused, perSecond, p50, p90, p99, late } = run;
  if (refused > 0) throw new Error(`${contender.name} refused ${refused} of ${operations + refused} messages`);
  await awaitConfirmed(contender, run);
  return { operations, perSecond, p50, p90, p99, late, cpu: (contender.cpuMicros() - before) / operations };
}
