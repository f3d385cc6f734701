import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnvironment } from '../../packages/server/dist/environment.js';
import type { Clock } from '../../packages/server/dist/lib/clock.js';
import { createSystemClock } from '../../packages/server/dist/lib/system-clock.js';
import { type RunningServer, startServer as start } from '../../packages/server/dist/server.js';
import { openSqliteStore } from '../../packages/server/dist/store/sqlite/open-sqlite-store.js';
import type { Store } from '../../packages/server/dist/store/store.js';
import { Api } from './api.js';
import { CollectedLog } from './collected-log.js';
import { ScriptedModel } from './scripted-model.js';

export type ServerOptions = {
  /** Further settings, as the environment gives them. */
  readonly env?: Readonly<Record<string, string>>;
  /** The server's time; the system's own unless a test moves it. The store always has the system's. */
  readonly clock?: Clock;
  /** Kept at the end, so that another server can go on with it; otherwise a new one that is removed. */
  readonly folder?: string;
  /** The model refuses a prompt whose roles do not alternate. */
  readonly strict?: boolean;
};

export type TestServer = {
  /** `http://127.0.0.1:port`, and the same for sockets. */
  readonly url: string;
  readonly origin: string;
  readonly key: string;
  readonly api: Api;
  /** What answers for every agent whose `llm` is not `builtin`. */
  readonly model: ScriptedModel;
  readonly log: CollectedLog;
  readonly store: Store;
  readonly running: RunningServer;
  /** Drains and ends the server and its model, and removes its data. More than once is once. */
  stop(): Promise<void>;
};

/** The whole server in this process on a free port, with the real store in a folder of its own and a scripted model behind a URL. */
export async function startServer({ env = {}, clock, strict = false, ...given }: ServerOptions = {}): Promise<TestServer> {
  const folder = given.folder ?? (await mkdtemp(join(tmpdir(), 'backchannel-system-')));
  const model = await ScriptedModel.start({ strict });
  // A test's data need not survive a power cut.
  const defaults = { PORT: '0', BACKCHANNEL_DATA: folder, BACKCHANNEL_SYNC: 'normal', BACKCHANNEL_LLM_URL: model.url };
  const read = readEnvironment({ ...defaults, ...env });
  if (!read.ok) throw new Error(read.problems.join('\n'));
  const log = new CollectedLog();
  const systemClock = createSystemClock();
  const store = await openSqliteStore({ folder, clock: systemClock, log, synchronous: read.environment.BACKCHANNEL_SYNC });
  const running = await start({ environment: read.environment, clock: clock ?? systemClock, log, store });
  const key = (await readFile(join(folder, 'api-key'), 'utf8')).trim();
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await running.close();
    await model.close();
    systemClock.close();
    if (given.folder === undefined) await rm(folder, { recursive: true, force: true });
  };
  return {
    url: running.url,
    origin: running.url.replace(/^http/, 'ws'),
    key,
    api: new Api(running.url, key),
    model,
    log,
    store,
    running,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}
