import type { Chromium } from '../harness/chromium.js';
import type { TestServer } from '../harness/start-server.js';
import { CAPABILITIES } from './capabilities.js';
import type { Client } from './clients.js';
import { installVersion } from './install-version.js';
import { NoWay } from './no-way.js';
import { openRemote } from './remotes.js';
import { Talk } from './talk.js';

export type Cell =
  | { readonly capability: string; readonly outcome: 'works' }
  /** The version has no interface for it: `why`. */
  | { readonly capability: string; readonly outcome: 'none'; readonly why: string }
  | { readonly capability: string; readonly outcome: 'fails'; readonly why: string };

/** A cell that hangs has failed. */
const AT_MOST_MS = 15_000;

/** Tries everything with one version of a client: a cell each, each a run of its own. */
export async function tryVersion(
  root: string,
  client: Client,
  version: string,
  server: TestServer,
  chromium: () => Promise<Chromium>,
): Promise<Cell[]> {
  const installed = installVersion(root, client, version);
  const remote = await openRemote(client, installed, server, chromium);
  try {
    const cells: Cell[] = [];
    for (const { name, run } of CAPABILITIES) {
      const fault = client.faults?.find((one) => one.version === version && one.capability === name);
      if (fault !== undefined) {
        cells.push({ capability: name, outcome: 'none', why: fault.why });
        continue;
      }
      const talk = new Talk(server, remote, client, `${name} ${version}`, installed.streams);
      cells.push(await cell(name, within(run(talk))));
    }
    const unhandled = remote.events.find(({ event }) => event === 'unhandled');
    if (unhandled !== undefined) cells.push({ capability: 'unhandled', outcome: 'fails', why: String(unhandled.text) });
    return cells;
  } finally {
    await remote.stop();
  }
}

async function cell(capability: string, done: Promise<void>): Promise<Cell> {
  try {
    await done;
    return { capability, outcome: 'works' };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { capability, outcome: error instanceof NoWay ? 'none' : 'fails', why };
  }
}

function within(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${AT_MOST_MS / 1_000} s`)), AT_MOST_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
