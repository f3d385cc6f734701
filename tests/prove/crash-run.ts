import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Backend } from './backend.js';
import { freePort } from './free-port.js';
import { type Battlefield, killAgainAndAgain, loseClients, Progress, Recovery } from './nemesis.js';
import { type Load, produce } from './producer.js';
import { seeded } from './random.js';
import { Recorder } from './recorder.js';
import { ServerProcess } from './server-process.js';
import { settled, wholeLog } from './settle.js';
import { type Audience, Subscriber } from './subscriber.js';

export type CrashRun = {
  /** The server's program and its arguments, for Node. */
  readonly program: readonly [string, ...string[]];
  readonly seed: number;
  /** Messages to be acknowledged, and how often the server is killed meanwhile. */
  readonly messages: number;
  readonly kills: number;
  readonly conversations: number;
  readonly producers: number;
  /** Where the history is written. */
  readonly history: string;
  /** How long nothing may change in a log whose messages have not all ended, in milliseconds. */
  readonly patienceMs: number;
  /** The run is given up after so long, in milliseconds. */
  readonly atMostMs: number;
  readonly say?: (text: string) => void;
  /** Gives the run up. */
  readonly signal?: AbortSignal;
};

export type CrashRunResult = { readonly tookMs: number; readonly recovery: Recovery };

const AGENT = 'agent_demo';
const API_KEY = 'bc_a_key_of_the_crash_run';
const START_AT_MOST_MS = 20_000;
/** Clients lose their network four times a kill, and in a short run so often that each has its turn. */
const FEWEST_LOSSES = 20;

/**
 * A server under load that is killed again and again, with everything that its senders were told and its clients were
 * shown written down, and in the end the logs, read from a server that was killed and started once more.
 */
export async function crashRun(run: CrashRun): Promise<CrashRunResult> {
  const random = seeded(run.seed);
  const dataFolder = await mkdtemp(join(tmpdir(), 'backchannel-crash-'));
  const port = await freePort(random);
  const server = new ServerProcess({ program: run.program, port, dataFolder, apiKey: API_KEY });
  const recorder = new Recorder(run.history);
  const stop = new AbortController();
  const limit = AbortSignal.any([AbortSignal.timeout(run.atMostMs), ...(run.signal === undefined ? [] : [run.signal])]);
  try {
    const began = performance.now();
    const recovery = await Promise.race([
      server.broken,
      givenUp(limit, run.atMostMs),
      fight(run, { server, recorder, signal: stop.signal }),
    ]);
    return { tookMs: performance.now() - began, recovery };
  } finally {
    stop.abort();
    await server.close();
    recorder.close();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

function givenUp(signal: AbortSignal, atMostMs: number): Promise<never> {
  return new Promise((_resolve, reject) => {
    const giveUp = () => reject(new Error(`The run was stopped, or was not over after ${atMostMs / 1_000} s.`));
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
}

type Parts = { readonly server: ServerProcess; readonly recorder: Recorder; readonly signal: AbortSignal };

async function fight(run: CrashRun, { server, recorder, signal }: Parts): Promise<Recovery> {
  const { messages, kills, seed } = run;
  const backend = new Backend(server.url, API_KEY, AGENT);
  const progress = new Progress();
  const recovery = new Recovery();
  recorder.tell({ type: 'run', seed, messages, kills, conversations: run.conversations });
  server.start();
  recorder.tell({ type: 'start', server: 1 });

  const audience: Audience = { backend, recorder, line: (joinedAt) => recovery.delivered(joinedAt), sessions: 1 };
  const subscribers = await begin(run.conversations, audience);
  const closeAll = () => Promise.all(subscribers.map((subscriber) => subscriber.close()));
  signal.addEventListener('abort', () => void closeAll(), { once: true });
  const field: Battlefield = { server, subscribers, recorder, progress, recovery, messages, random: seeded(seed + 1) };
  const load: Load = {
    backend,
    recorder,
    conversations: subscribers.map(({ conversation }) => conversation) as [string, ...string[]], // as many as subscribers
    messages,
    signal,
    taken: 0,
    ops: 1,
    answered: (sentAt) => recovery.acknowledged(sentAt),
    acknowledged: () => progress.acknowledge(),
  };
  const stopTelling = tellProgress(run, progress, recovery);
  try {
    await Promise.all([
      killAgainAndAgain(field, kills),
      loseClients({ ...field, random: seeded(seed + 2) }, Math.max(4 * kills, FEWEST_LOSSES)),
      ...Array.from({ length: run.producers }, (_, producer) => produce(load, seeded(seed * 1_000 + producer))),
    ]);
  } finally {
    stopTelling();
  }
  await Promise.all(load.conversations.map((conversation) => settled(backend, conversation, run.patienceMs)));
  await closeAll();
  await server.kill();
  server.start();
  await answers(backend);
  for (const conversation of load.conversations) {
    for await (const events of wholeLog(backend, conversation)) recorder.tell({ type: 'log', conversation, events });
  }
  return recovery;
}

/** Makes the conversations, each with a client that joins it. */
async function begin(count: number, audience: Audience): Promise<[Subscriber, ...Subscriber[]]> {
  const first = await answers(audience.backend);
  const subscribers: [Subscriber, ...Subscriber[]] = [subscribe(audience, first)];
  while (subscribers.length < count) subscribers.push(subscribe(audience, (await audience.backend.mint()).body));
  return subscribers;
}

const subscribe = (audience: Audience, { conversation_id, signed_url }: Readonly<Record<string, unknown>>): Subscriber =>
  new Subscriber(audience, String(conversation_id), String(signed_url));

/** The first answer of a server that was just started: a new conversation. */
async function answers(backend: Backend): Promise<Readonly<Record<string, unknown>>> {
  for (const until = performance.now() + START_AT_MOST_MS; ; ) {
    try {
      const { status, body } = await backend.mint();
      if (status === 200) return body;
      if (performance.now() > until) throw new Error(`No conversation can be made: ${status} ${JSON.stringify(body)}`);
    } catch (error) {
      if (performance.now() > until) throw error;
    }
    await pause(20);
  }
}

function tellProgress({ messages, say }: CrashRun, progress: Progress, recovery: Recovery): () => void {
  if (say === undefined) return () => {};
  const began = performance.now();
  const timer = setInterval(() => {
    const seconds = ((performance.now() - began) / 1_000).toFixed(0);
    say(
      `  ${seconds} s: ${progress.acknowledged.toLocaleString('en-US')} of ${messages.toLocaleString('en-US')}, back from ${recovery.toAcknowledge.length} kills`,
    );
  }, 5_000).unref(); // a run that was given up is not kept alive by telling of it
  return () => clearInterval(timer);
}
