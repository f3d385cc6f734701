import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Checked, check, holds, reportOf } from './check.js';
import { crashRun } from './crash-run.js';
import { HISTORIES, SERVER, sabotagedServer } from './programs.js';
import { readHistory } from './read-history.js';
import { SABOTAGE_NAMES, SABOTAGES } from './sabotages.js';

/** `SEED=N` asks for a run again; the moments at which the kills hit still depend on the machine. */
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const AT_MOST_MS = 120_000;

type Size = { readonly messages: number; readonly kills: number; readonly conversations: number; readonly patienceMs: number };

async function judged(name: string, program: readonly [string, ...string[]], size: Size): Promise<{ checked: Checked; history: string }> {
  mkdirSync(HISTORIES, { recursive: true });
  const history = join(HISTORIES, `test-${name}.jsonl`);
  await crashRun({ program, seed: SEED, producers: 8, history, atMostMs: AT_MOST_MS - 10_000, ...size });
  return { checked: check(await readHistory(history)), history };
}

describe('a server that is killed again and again under load', () => {
  it('[PR13] loses, doubles and reorders nothing that it acknowledged', { timeout: AT_MOST_MS }, async () => {
    const size = { messages: 1_500, kills: 4, conversations: 8, patienceMs: 15_000 };
    const { checked, history } = await judged('crash', SERVER, size);
    expect(holds(checked), `${reportOf(checked)}\nSEED=${SEED}, history in ${history}`).toBe(true);
    expect(checked).toMatchObject({ acknowledged: size.messages, kills: size.kills });
    expect(checked.sessions).toBeGreaterThanOrEqual(size.conversations * (size.kills + 1));
    rmSync(history);
  });
});

describe('a sabotaged server', () => {
  const size = { messages: 600, kills: 2, conversations: 6, patienceMs: 2_000 };

  it.each(SABOTAGE_NAMES)('[PR14] is caught: %s', { timeout: AT_MOST_MS }, async (name) => {
    const { checked, history } = await judged(name, sabotagedServer(name), size);
    const { verdict } = SABOTAGES[name];
    expect(checked.findings.counts[verdict], `${reportOf(checked)}\nSEED=${SEED}, history in ${history}`).toBeGreaterThan(0);
    rmSync(history);
  });

  it('[PR14] is not, when nothing is wrong with it', { timeout: AT_MOST_MS }, async () => {
    const { checked, history } = await judged('none', sabotagedServer(), { ...size, patienceMs: 15_000 });
    expect(holds(checked), `${reportOf(checked)}\nSEED=${SEED}, history in ${history}`).toBe(true);
    rmSync(history);
  });
});
