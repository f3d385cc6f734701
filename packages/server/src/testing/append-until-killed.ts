import { silentLog } from '../lib/log.js';
import { openSqliteStore } from '../store/sqlite/open-sqlite-store.js';
import { LogWriter, opened, warned } from './log-writer.js';
import { ManualClock } from './manual-clock.js';

/**
 * A process that appends until somebody kills it: `node append-until-killed.js FOLDER [ID …]` goes on with the given
 * conversations, or begins new ones, and writes a line `ID SEQ` after each append that was acknowledged, and only then.
 */
const CONVERSATIONS = 20;

const [folder = '', ...ids] = process.argv.slice(2);
// Without waiting for the disk most of the time passes inside transactions: that is where a kill has to hit.
const store = await openSqliteStore({ folder, clock: new ManualClock(), log: silentLog, synchronous: 'normal' });

async function resume(id: string): Promise<LogWriter> {
  const log = new LogWriter(store, id);
  await log.claim();
  log.lastSeq = (await store.head(id))?.lastSeq ?? 0;
  return log;
}

async function begin(): Promise<LogWriter> {
  const log = new LogWriter(store);
  await log.create();
  return log;
}

async function appendForEver(log: LogWriter): Promise<never> {
  for (let round = 0; ; round++) {
    const events = Array.from({ length: 1 + (round % 3) }, () => warned('x'.repeat(200)));
    // Each append carries its conversation's next seqs, so two of them may be under way; the later one waits for nobody less.
    const first = log.append(events);
    await Promise.all([first, log.append([round % 2 ? opened : warned('y')])]);
    process.stdout.write(`${log.id} ${log.lastSeq}\n`);
  }
}

const logs = await Promise.all(ids.length > 0 ? ids.map(resume) : Array.from({ length: CONVERSATIONS }, begin));
await Promise.all(logs.map(appendForEver));
