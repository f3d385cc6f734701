import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { freePort } from './free-port.js';
import { PROBE } from './programs.js';
import { seeded } from './random.js';
import { ServerProcess } from './server-process.js';
import { SoakApi } from './soak-api.js';
import { gauge, type Held } from './soak-gauge.js';
import { live } from './soak-life.js';
import type { Soaked } from './soak-verdicts.js';

/** How much happens: so many conversations at least, and for so long at least (milliseconds). */
export type Amount = { readonly conversations: number; readonly ms: number };

export type SoakRun = {
  readonly program: readonly [string, ...string[]];
  readonly seed: number;
  readonly warmUp: Amount;
  readonly load: Amount;
  /** Conversations that live at once. */
  readonly atOnce: number;
  readonly say?: (text: string) => void;
  readonly signal?: AbortSignal;
};

export type SoakResult = Soaked & { readonly counts: Readonly<Record<string, number>> };

const API_KEY = 'bc_a_key_of_the_soak';
/** So long a lost client may come back, in seconds: short, so that what it left is over soon. */
const RESUME_SECS = 5;
const START_AT_MOST_MS = 30_000;
const QUIET_AT_MOST_MS = 30_000;
/** What the server puts off ends within so long after the last conversation, in milliseconds. */
const REST_MS = 3_000;
const TELL_EVERY_MS = 10_000;

/** A server under a mixed load, with what it holds after a warm-up and what it holds when as much as wanted has come and gone. */
export async function soak(run: SoakRun): Promise<SoakResult> {
  const random = seeded(run.seed);
  const dataFolder = await mkdtemp(join(tmpdir(), 'backchannel-soak-'));
  const port = await freePort(Math.random); // several may run at once with one seed
  const program = ['--expose-gc', '--import', pathToFileURL(PROBE).href, ...run.program] as [string, ...string[]]; // not empty
  const settings = { BACKCHANNEL_RESUME_SECS: String(RESUME_SECS), BACKCHANNEL_RATE_LIMIT: 'on' };
  const server = new ServerProcess({ program, port, dataFolder, apiKey: API_KEY, settings });
  const api = new SoakApi(port, API_KEY);
  server.start();
  try {
    return await Promise.race([server.broken, interrupted(run.signal), load(run, { server, api, random })]);
  } finally {
    api.close();
    await server.close();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

type Parts = { readonly server: ServerProcess; readonly api: SoakApi; readonly random: () => number };

async function load(run: SoakRun, { server, api, random }: Parts): Promise<SoakResult> {
  await answers(api);
  const counts: Record<string, number> = {};
  const refusals: string[] = [];
  const count = (what: string): void => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  const wrong = (what: string): void => void refusals.push(what);
  const amount = async ({ conversations, ms }: Amount): Promise<void> => {
    const until = performance.now() + ms;
    let begun = 0;
    const lives = async (own: () => number): Promise<void> => {
      while ((begun++ < conversations || performance.now() < until) && run.signal?.aborted !== true) {
        await live({ api, random: own, count, wrong }).catch((error: unknown) => wrong(String(error)));
      }
    };
    const timer = setInterval(() => run.say?.(`  ${begun} conversations`), TELL_EVERY_MS);
    try {
      await Promise.all(Array.from({ length: run.atOnce }, () => lives(seeded(Math.floor(random() * 2 ** 32)))));
    } finally {
      clearInterval(timer);
    }
  };
  await amount(run.warmUp);
  const before = (await quiet(server, api)).held;
  run.say?.('  warm');
  await amount(run.load);
  const { held: after, left } = await quiet(server, api);
  return { before, after, left, refusals, counts };
}

/** What the server holds when all is over and nobody is connected any more. */
async function quiet(server: ServerProcess, api: SoakApi): Promise<{ held: Held; left: Soaked['left'] }> {
  const look = async (): Promise<Soaked['left']> => ({
    conversations: await api.metric('conversations'),
    sockets: await api.metric('client_sockets'),
  });
  let left = await look();
  for (const until = performance.now() + QUIET_AT_MOST_MS; left.conversations + left.sockets > 0 && performance.now() < until; ) {
    await pause(200);
    left = await look();
  }
  api.close();
  await pause(REST_MS);
  return { held: await gauge(server), left };
}

async function answers(api: SoakApi): Promise<void> {
  for (const until = performance.now() + START_AT_MOST_MS; ; ) {
    try {
      if ((await api.metric('conversations')) === 0) return;
    } catch (error) {
      if (performance.now() > until) throw error;
    }
    await pause(50);
  }
}

function interrupted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new Error('interrupted')), { once: true }));
}
