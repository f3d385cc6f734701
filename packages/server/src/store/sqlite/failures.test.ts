import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
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

/** Appends until there is no room for more. */
async function fill(log: LogWriter): Promise<void> {
  for (;;) {
    const stored = log.lastSeq;
    const failed = await log.append([line('x'.repeat(10_000))]).then(
      () => false,
      () => true,
    );
    if (!failed) continue;
    log.lastSeq = stored;
    return;
  }
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

  it('[ST25] says that it cannot be written to from the failed commit on, until a probe succeeds', () =>
    withFaults({ failAtGroup: 2 }, async (store) => {
      const [log] = (await begin(store, 1)) as [LogWriter];
      expect(store.writable()).toBe(true);
      await allFail([log.append([warned('lost')])]);
      expect(store.writable()).toBe(false);
      await store.probe();
      expect(store.writable()).toBe(true);
    }));

  it('[ST25] says that it cannot be written to while the disk is full, until a commit or a probe finds room', () =>
    withFaults({ maxPages: 80 }, async (store) => {
      const [big, old] = (await begin(store, 2)) as [LogWriter, LogWriter];
      await old.append([opened, line('x'.repeat(100_000)), ended]);
      await allFail([big.append([line('x'.repeat(400_000))])]);
      expect(store.writable()).toBe(false);
      big.lastSeq = 1;
      // Little is needed for little: the store says what the last commit has shown.
      await big.append([warned('fits')]);
      expect(store.writable()).toBe(true);
      await fill(big);
      await expect(store.probe()).rejects.toEqual(unavailable);
      expect(store.writable()).toBe(false);
      await store.conversations.erase(old.id);
      await allFail([big.append([line('x'.repeat(400_000))])]);
      expect(store.writable()).toBe(false);
      await store.probe();
      expect(store.writable()).toBe(true);
    }));

  it('[ST28] refuses everything once its folder is found removed, says so once, and goes on when the same is put back', () =>
    withTemporaryFolder(async (parent) => {
      const [folder, elsewhere] = [join(parent, 'data'), join(parent, 'elsewhere')];
      const told: string[] = [];
      const tell = (_fields: object, message: string): void => void told.push(message);
      const store = await openSqliteStore({ folder, clock: new ManualClock(), log: { ...silentLog, info: tell, error: tell } });
      const [log] = (await begin(store, 1)) as [LogWriter];
      expect([await store.intact(), store.writable()]).toEqual([true, true]);

      await rename(folder, elsewhere);
      expect(await Promise.all([store.intact(), store.intact()])).toEqual([false, false]);
      expect([await store.intact(), store.writable()]).toEqual([false, false]);
      expect(told).toEqual([expect.stringMatching(/the data folder was removed: put it back as it was or restart the server/)]);
      await allFail([log.append([warned('lost')]), log.append([warned('riding')], 'ride'), store.settings.set('a', 'b'), store.probe()]);

      await rename(elsewhere, folder);
      await store.probe();
      expect(store.writable()).toBe(true);
      expect(told.slice(1)).toEqual(['the data folder is back in its place']);
      log.lastSeq = 1;
      await log.append([warned('stored')]);
      expect(await log.seqs()).toEqual([1, 2]);
      await store.close();
    }));

  it('[ST28] takes no other file for its own and makes none, also after the writer has died, and closes in the end', () =>
    withTemporaryFolder(async (parent) => {
      const folder = join(parent, 'data');
      const store = await openSqliteStore({ folder, clock: new ManualClock(), log: silentLog, faults: { exitAtGroup: 2 } });
      const [log] = (await begin(store, 1)) as [LogWriter];
      await rm(folder, { recursive: true });
      await allFail([log.append([warned('lost')])]);
      await mkdir(folder);
      await expect(store.probe()).rejects.toEqual(unavailable);
      await expect(access(join(folder, 'backchannel.sqlite'))).rejects.toMatchObject({ code: 'ENOENT' });
      const other = await openSqliteStore({ folder, clock: new ManualClock(), log: silentLog });
      await expect(store.probe()).rejects.toEqual(unavailable);
      await other.close();
      await store.close();
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
