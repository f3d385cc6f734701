import { describe, expect, it } from 'vitest';
import { silentLog } from '../../lib/log.js';
import { ended, LogWriter, line, opened, warned } from '../../testing/log-writer.js';
import { ManualClock } from '../../testing/manual-clock.js';
import { withTemporaryFolder } from '../../testing/temporary-folder.js';
import type { Store } from '../store.js';
import type { StoreFaults } from './faults.js';
import { openSqliteStore } from './open-sqlite-store.js';

const unavailable = expect.objectContaining({ name: 'AppendError', reason: 'unavailable' });

async function withFaults(faults: StoreFaults, body: (store: Store) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const store = await openSqliteStore({ folder, clock: new ManualClock(), log: silentLog, faults });
    try {
      await body(store);
    } finally {
      await store.close();
    }
  });
}

/** Begins conversations, one commit each. */
async function begin(store: Store, count: number): Promise<LogWriter[]> {
  const logs = Array.from({ length: count }, () => new LogWriter(store));
  for (const log of logs) await log.create();
  return logs;
}

/** Appends all at once, so that they share a commit, and expects every one to fail. */
async function allFail(appends: readonly Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(appends)) expect(outcome).toEqual({ status: 'rejected', reason: unavailable });
}

describe('failures', () => {
  it('[ST22] stores nothing of a group whose commit failed, and fails all of it', () =>
    withFaults({ failAtGroup: 4 }, async (store) => {
      const logs = await begin(store, 3);
      await allFail(logs.map((log) => log.append([opened, line('lost')])));
      for (const log of logs) expect(await log.seqs()).toEqual([1]);
      expect(await store.conversations.countLive('ws_1')).toBe(0);
    }));

  it('[ST24] refuses everything after a broken commit until a probe has opened the file again', () =>
    withFaults({ failAtGroup: 2 }, async (store) => {
      const [log] = (await begin(store, 1)) as [LogWriter];
      const lost = log.append([warned('lost')]);
      await expect(lost).rejects.toEqual(unavailable);
      await expect(log.append([warned('behind')])).rejects.toEqual(unavailable);
      await expect(store.settings.set('a', 'b')).rejects.toEqual(unavailable);
      expect(await store.head(log.id)).toMatchObject({ lastSeq: 1 });
      await Promise.all([store.probe(), store.probe()]);
      await log.claim();
      log.lastSeq = 1;
      await log.append([warned('stored')]);
      expect(await log.seqs()).toEqual([1, 2]);
    }));

  it('[ST24] fails what is pending when the writer dies, and lives on after a probe', () =>
    withFaults({ exitAtGroup: 2 }, async (store) => {
      const [log] = (await begin(store, 1)) as [LogWriter];
      const onTheWay = log.append([warned('lost')]);
      await new Promise((resolve) => setImmediate(resolve));
      await allFail([onTheWay, log.append([warned('waiting')]), log.append([warned('riding')], 'ride'), store.settings.set('a', 'b')]);
      await expect(log.append([warned('later')])).rejects.toEqual(unavailable);
      await store.probe();
      expect(await log.seqs()).toEqual([1]);
      log.lastSeq = 1;
      await log.append([warned('stored')]);
      expect([await log.seqs(), await store.settings.get('a')]).toEqual([[1, 2], undefined]);
    }));

  it('[ST23] fails a group that the disk has no room for, keeps what was stored, and goes on when there is room', () =>
    withFaults({ maxPages: 80 }, async (store) => {
      const [big, small, old] = (await begin(store, 3)) as [LogWriter, LogWriter, LogWriter];
      await old.append([opened, line('x'.repeat(100_000)), ended]);
      let stored = 0;
      for (;;) {
        const outcome = await big.append([line('x'.repeat(10_000))]).catch((error: unknown) => error);
        if (outcome === undefined) stored += 1;
        else {
          expect(outcome).toEqual(unavailable);
          break;
        }
      }
      big.lastSeq = stored + 1;
      await allFail([small.append([warned('shares its commit')]), big.append([line('x'.repeat(10_000))])]);
      await expect(store.probe()).rejects.toEqual(unavailable);
      expect((await big.seqs()).length).toBe(stored + 1);
      await store.conversations.erase(old.id);
      await store.probe();
      small.lastSeq = 1;
      await small.append([warned('stored')]);
      expect(await small.seqs()).toEqual([1, 2]);
    }));
});
