import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../lib/log.js';
import { LogWriter } from '../../testing/log-writer.js';
import { ManualClock } from '../../testing/manual-clock.js';
import { withTemporaryFolder } from '../../testing/temporary-folder.js';
import type { Store } from '../store.js';
import { openSqliteStore } from './open-sqlite-store.js';

const BODY = fileURLToPath(new URL('../../testing/append-until-killed.js', import.meta.url));
const open = (folder: string): Promise<Store> => openSqliteStore({ folder, clock: new ManualClock(), log: silentLog });

/** Starts the appending process and calls `acknowledged` with each line that it writes. */
function startAppending(folder: string, ids: readonly string[], acknowledged: (id: string, seq: number) => void): ChildProcess {
  const child = spawn(process.execPath, [BODY, folder, ...ids], { stdio: ['ignore', 'pipe', 'inherit'] });
  createInterface({ input: child.stdout }).on('line', (text) => {
    // A line that the kill cut short claims less than a whole one would, or nothing.
    const [, id, seq] = /^(conv_\w+) (\d+)$/.exec(text) ?? [];
    if (id !== undefined) acknowledged(id, Number(seq));
  });
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

describe('kill -9', () => {
  it('[ST66] loses no acknowledged append and leaves no gap, kill after kill under load', { timeout: 60_000 }, () =>
    withTemporaryFolder(async (folder) => {
      const acknowledged = new Map<string, number>();
      for (const lines of [200, 1_000, 377, 50, 613, 91]) {
        let left = lines;
        await new Promise<void>((resolve, reject) => {
          const child = startAppending(folder, [...acknowledged.keys()], (id, seq) => {
            acknowledged.set(id, seq);
            if (--left === 0) kill(child).then(resolve, reject);
          });
          child.once('exit', (code) => {
            if (left > 0) reject(new Error(`It ended by itself with ${code}, ${left} lines too early.`));
          });
        });
        const store = await open(folder);
        for (const [id, seq] of acknowledged) {
          const seqs = await new LogWriter(store, id).seqs(1_000);
          expect(seqs.length).toBeGreaterThanOrEqual(seq);
          expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, i) => i + 1));
        }
        await store.close();
      }
      expect(acknowledged.size).toBe(20);
    }),
  );

  it('[ST61] refuses a folder that another process uses, and takes it once that one was killed', { timeout: 60_000 }, () =>
    withTemporaryFolder(async (folder) => {
      const child = await new Promise<ChildProcess>((resolve) => {
        const started = startAppending(folder, [], () => resolve(started));
      });
      await expect(open(folder)).rejects.toEqual(expect.objectContaining({ name: 'StoreOpenError', reason: 'locked' }));
      await kill(child);
      await (await open(folder)).close();
    }),
  );
});
