import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../lib/log.js';
import { LogWriter, line } from '../../testing/log-writer.js';
import { ManualClock } from '../../testing/manual-clock.js';
import { withTemporaryFolder } from '../../testing/temporary-folder.js';
import type { AgentRow, Store } from '../store.js';
import { openConnection } from './connection.js';
import { openSqliteStore } from './open-sqlite-store.js';

const FILE = 'backchannel.sqlite';
const open = (folder: string): Promise<Store> => openSqliteStore({ folder, clock: new ManualClock(), log: silentLog });
const refusal = (reason: string, words: RegExp) =>
  expect.objectContaining({ name: 'StoreOpenError', reason, message: expect.stringMatching(words) });

/** A data folder that was used and closed. */
async function used(folder: string): Promise<void> {
  const store = await open(folder);
  const log = new LogWriter(store);
  await log.create();
  for (let i = 0; i < 30; i++) await log.append([line('x'.repeat(2_000))]);
  await store.close();
}

describe('opening', () => {
  it('[ST60] makes the data folder, for its owner alone', () =>
    withTemporaryFolder(async (parent) => {
      const folder = join(parent, 'a', 'data');
      await (await open(folder)).close();
      expect((await stat(folder)).mode & 0o777).toBe(0o700);
    }));

  it('[ST61] refuses a folder that is in use, and takes it once it is given back', () =>
    withTemporaryFolder(async (folder) => {
      const store = await open(folder);
      await expect(open(folder)).rejects.toEqual(refusal('locked', /in use by another process: stop that one, or set BACKCHANNEL_DATA/));
      await new LogWriter(store).create();
      await store.close();
      await (await open(folder)).close();
    }));

  it('[ST62] refuses a file that is no database, and leaves it as it was', () =>
    withTemporaryFolder(async (folder) => {
      const garbage = 'This is not a database. '.repeat(500);
      await writeFile(join(folder, FILE), garbage);
      await expect(open(folder)).rejects.toEqual(refusal('corrupt', /damaged or is none: put back a backup/));
      expect(await readFile(join(folder, FILE), 'utf8')).toBe(garbage);
      // The refused start has given the folder back.
      await expect(open(folder)).rejects.toEqual(refusal('corrupt', /damaged/));
    }));

  it('[ST62] refuses a database whose tables are damaged', () =>
    withTemporaryFolder(async (folder) => {
      await used(folder);
      const bytes = await readFile(join(folder, FILE));
      // Only the header and the sizes in it are left.
      bytes.fill(0x5a, 100, bytes.length);
      await writeFile(join(folder, FILE), bytes);
      await expect(open(folder)).rejects.toEqual(refusal('corrupt', /damaged/));
    }));

  it('[ST62] answers unavailable when damage shows only in use', () =>
    withTemporaryFolder(async (folder) => {
      await used(folder);
      const bytes = await readFile(join(folder, FILE));
      const schemaEnds = bytes.length / 2;
      bytes.fill(0x5a, schemaEnds, bytes.length);
      await writeFile(join(folder, FILE), bytes);
      const store = await open(folder);
      const [id] = await store.conversations.unended(undefined, 1);
      await expect(store.read(id ?? '', 0, 1_000)).rejects.toEqual(expect.objectContaining({ reason: 'unavailable' }));
      expect(await store.conversations.unended(undefined, 1)).toEqual([id]);
      await store.close();
    }));

  it('[ST63] refuses a database that a newer version has changed', () =>
    withTemporaryFolder(async (folder) => {
      await used(folder);
      const connection = openConnection(join(folder, FILE), 'write');
      connection.exec("INSERT INTO migrations (id, applied_at) VALUES (999, 'later')");
      connection.close();
      await expect(open(folder)).rejects.toEqual(refusal('newer', /newer version \(schema 999, this one knows \d+\): start that version/));
    }));

  it('[ST64] says what stands in the way of opening: a file for a folder, a folder for the file', () =>
    withTemporaryFolder(async (folder) => {
      await writeFile(join(folder, 'file'), '');
      await expect(open(join(folder, 'file', 'data'))).rejects.toEqual(refusal('unreadable', /cannot be made/));
      await mkdir(join(folder, 'data', FILE), { recursive: true });
      await expect(open(join(folder, 'data'))).rejects.toEqual(refusal('unreadable', /cannot be opened/));
      await writeFile(join(folder, 'lock.sqlite'), 'no lock at all '.repeat(100));
      await expect(open(folder)).rejects.toEqual(refusal('corrupt', /is not a lock file: delete it/));
    }));

  it('[ST64] says when it may not write to the folder', () =>
    withTemporaryFolder(async (folder) => {
      // Stands for any reason: whoever tests as root may write everywhere.
      await mkdir(join(folder, 'lock.sqlite'));
      await expect(open(folder)).rejects.toEqual(refusal('unreadable', /cannot be written to: give this user the right/));
    }));

  it('[ST65] drops at the start the configurations that nobody names any more', () =>
    withTemporaryFolder(async (folder) => {
      const agent: AgentRow = { agentId: 'agent_1', workspaceId: 'ws_1', name: '', config: '{}', hash: 'h1', createdAt: 1, updatedAt: 1 };
      const store = await open(folder);
      await store.agents.put(agent);
      await store.agents.put({ ...agent, hash: 'h2' });
      // A conversation that is about to begin may still name it.
      expect(await store.agents.configByHash('h1')).toBe('{}');
      await store.close();
      const again = await open(folder);
      expect([await again.agents.configByHash('h1'), await again.agents.configByHash('h2')]).toEqual([undefined, '{}']);
      await again.close();
    }));
});
