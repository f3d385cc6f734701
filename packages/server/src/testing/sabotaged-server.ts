import { readEnvironment } from '../environment.js';
import { createPinoLog } from '../lib/pino-log.js';
import { createSystemClock } from '../lib/system-clock.js';
import { startServer } from '../server.js';
import { openSqliteStore } from '../store/sqlite/open-sqlite-store.js';
import { LEAKS } from './leaks.js';
import { beforeEachRequest, SABOTAGES, type Sabotage } from './sabotage.js';

const ALL: Readonly<Record<string, Sabotage>> = { ...SABOTAGES, ...LEAKS };

/**
 * `node sabotaged-server.js NAME`: the server as its environment says, with one thing wrong. Without a name nothing is,
 * which shows that what the checker finds otherwise is the sabotage.
 */
async function main(name: string | undefined): Promise<void> {
  const read = readEnvironment(process.env);
  if (!read.ok) throw new Error(read.problems.join('\n'));
  const { environment } = read;
  const sabotage: Sabotage = name === undefined ? {} : named(name);
  const log = createPinoLog(environment.BACKCHANNEL_LOG_LEVEL);
  const clock = createSystemClock();
  const folder = environment.BACKCHANNEL_DATA ?? './data';
  const store = await openSqliteStore({ folder, clock, log, synchronous: environment.BACKCHANNEL_SYNC });
  if (sabotage.request !== undefined) beforeEachRequest(sabotage.request);
  const { url } = await startServer({
    environment,
    clock,
    log,
    store: sabotage.store?.(store) ?? store,
    ...(sabotage.between === undefined ? {} : { between: sabotage.between }),
  });
  process.stdout.write(`The server of the tests is listening on ${url}\n`);
}

function named(name: string): Sabotage {
  const sabotage = Object.hasOwn(ALL, name) ? ALL[name] : undefined;
  if (sabotage === undefined) throw new Error(`There is no sabotage "${name}", only ${Object.keys(ALL).join(', ')}.`);
  return sabotage;
}

await main(process.argv[2]);
