import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { type Checked, check, holds, reportOf } from './check.js';
import { type CrashRun, crashRun } from './crash-run.js';
import type { Recovery } from './nemesis.js';
import { HISTORIES, REPOSITORY, SERVER, sabotagedServer } from './programs.js';
import { readHistory } from './read-history.js';
import { SABOTAGE_NAMES, SABOTAGES, type SabotageName } from './sabotages.js';

const USAGE = `npm run prove -- [--seed=N] [--messages=20000] [--kills=25] [--only=crash|sabotages]`;
/** Enough for each sabotage to be seen many times. */
const SABOTAGED = { messages: 3_000, kills: 6 } as const;

/** Ctrl-C ends the servers too, and removes their data. */
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());

/** The crash run at its full size, and the five sabotaged servers, each judged by the same checker from the history file. */
async function main(): Promise<boolean> {
  const { seed, messages, kills, only } = options();
  mkdirSync(HISTORIES, { recursive: true });
  console.log(`Seed ${seed}; the same again: npm run prove -- --seed=${seed} --messages=${messages} --kills=${kills}`);
  let good = true;
  if (only !== 'sabotages') good = await proveCrashes(seed, messages, kills);
  if (only !== 'crash') for (const name of SABOTAGE_NAMES) good = (await proveSabotage(name, seed)) && good;
  console.log(good ? '\nProved.' : '\nNOT proved.');
  return good;
}

function options(): { seed: number; messages: number; kills: number; only: string | undefined } {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      messages: { type: 'string', default: '20000' },
      kills: { type: 'string', default: '25' },
      only: { type: 'string' },
    },
  });
  const [seed, messages, kills] = [values.seed, values.messages, values.kills].map(Number);
  if (![seed, messages, kills].every((number) => Number.isInteger(number) && Number(number) >= 0)) throw new Error(USAGE);
  if (values.only !== undefined && !['crash', 'sabotages'].includes(values.only)) throw new Error(USAGE);
  return { seed: Number(seed), messages: Number(messages), kills: Number(kills), only: values.only };
}

async function proveCrashes(seed: number, messages: number, kills: number): Promise<boolean> {
  console.log(`\nCrash run: ${messages.toLocaleString('en-US')} messages, ${kills} × kill -9`);
  const { checked, recovery, tookMs } = await runAndCheck(`crash-${seed}`, { program: SERVER, seed, messages, kills, patienceMs: 15_000 });
  console.log(reportOf(checked));
  console.log(recoveryOf(recovery, tookMs));
  return holds(checked);
}

async function proveSabotage(name: SabotageName, seed: number): Promise<boolean> {
  const { does, verdict } = SABOTAGES[name];
  const { checked } = await runAndCheck(`sabotage-${name}`, { program: sabotagedServer(name), seed, ...SABOTAGED, patienceMs: 3_000 });
  const caught = checked.findings.counts[verdict] > 0;
  console.log(`\nSabotage, ${name}: ${does}.\n${caught ? 'Caught' : 'NOT CAUGHT'}: ${checked.findings.summary()}`);
  return caught;
}

type Size = Pick<CrashRun, 'program' | 'seed' | 'messages' | 'kills' | 'patienceMs'>;

async function runAndCheck(name: string, size: Size): Promise<{ checked: Checked; recovery: Recovery; tookMs: number }> {
  const history = join(HISTORIES, `${name}.jsonl`);
  const shape = { conversations: 12, producers: 8, atMostMs: 60_000 + 30 * size.messages + 10_000 * size.kills };
  const result = await crashRun({ ...size, ...shape, history, say: (text) => console.log(text), signal: interrupted.signal });
  console.log(`History: ${relative(REPOSITORY, history)}`);
  return { ...result, checked: check(await readHistory(history)) };
}

function recoveryOf({ toAcknowledge, toDeliver }: Recovery, tookMs: number): string {
  const times = (ms: readonly number[]): string => `p50 ${quantile(ms, 0.5)} ms, p99 ${quantile(ms, 0.99)} ms`;
  return (
    `Took ${(tookMs / 1_000).toFixed(1)} s. From kill -9 to the first new acknowledgement: ${times(toAcknowledge)}; ` +
    `to the first line at a client that joined again: ${times(toDeliver)}.`
  );
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN);
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
