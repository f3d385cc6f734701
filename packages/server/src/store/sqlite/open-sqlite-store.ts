import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type ConversationEvent, parseOwn } from '@backchannel/protocol';
import { AppendError } from '../../conversation/event-store.js';
import type { Clock } from '../../lib/clock.js';
import type { Log } from '../../lib/log.js';
import type { Store } from '../store.js';
import { StoreOpenError } from '../store-open-error.js';
import { agentRow, conversationRow, ifFound, keyRow, mapPage } from './columns.js';
import type { StoreFaults } from './faults.js';
import { lockFolder } from './folder-lock.js';
import { ReaderLink } from './reader-link.js';
import { WriterLink } from './writer-link.js';
import { REPLAY_MS } from './writes.js';

export type SqliteStoreOptions = {
  /** The data folder; made, readable by its owner only, where there is none. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** `full` (the default): an acknowledged append survives power loss. `normal`: it survives a crash of the process only. */
  readonly synchronous?: 'full' | 'normal';
  /** For tests of what goes wrong. */
  readonly faults?: StoreFaults;
};

/**
 * Opens the store of a data folder: takes the folder for this process, brings the database up to date, starts one
 * thread that writes and one that reads. Rejects with StoreOpenError, whose message says what to do.
 */
export async function openSqliteStore({ folder, clock, log, synchronous = 'full', faults = {} }: SqliteStoreOptions): Promise<Store> {
  const place = resolve(folder);
  makeFolder(place);
  const unlock = lockFolder(place);
  const file = join(place, 'backchannel.sqlite');
  const writer = new WriterLink({ file, synchronous, faults, clock, log });
  try {
    await writer.revive();
  } catch (error) {
    unlock();
    throw error;
  }
  const reader = new ReaderLink(file);
  return compose(writer, reader, clock, async () => {
    // The writer's connection closes last: that one folds the write-ahead log into the file.
    await reader.close();
    await writer.close();
    unlock();
  });
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const message = `The data folder ${folder} cannot be made: give this user the right to, or set BACKCHANNEL_DATA to another folder.`;
    throw new StoreOpenError('unreadable', message, { cause });
  }
}

function compose(writer: WriterLink, reader: ReaderLink, clock: Clock, end: () => Promise<void>): Store {
  let ended: Promise<void> | undefined;
  return {
    append: (id, epoch, firstSeq, events, when) => writer.append(id, epoch, firstSeq, events, when),
    read: async (id, after, limit) => {
      const events = parseOwn<ConversationEvent[]>(await reader.ask('log', id, after, limit));
      // Rows come whole: the first may begin earlier, the last may end later.
      const first = events.findIndex((event) => event.seq > after);
      return first < 0 ? [] : events.slice(first, first + limit);
    },
    head: (id) => reader.ask('head', id),
    claim: async (id) => {
      const epoch = await writer.write('claim', id);
      if (epoch === undefined) throw new AppendError('fenced', 'There is no such conversation.');
      return epoch;
    },
    agents: {
      put: (agent) => writer.write('putAgent', agent),
      get: async (agentId) => ifFound(await reader.ask('agent', agentId), agentRow),
      list: async (query) => mapPage(await reader.ask('agents', query), agentRow),
      delete: (agentId) => writer.write('deleteAgent', agentId),
      configByHash: (hash) => reader.ask('configuration', hash),
    },
    conversations: {
      get: async (id) => ifFound(await reader.ask('conversation', id), conversationRow),
      list: async (query) => mapPage(await reader.ask('conversations', query), conversationRow),
      countLive: (workspaceId, agentIds) => reader.ask('countLive', workspaceId, agentIds),
      unended: (after, limit) => reader.ask('unended', after, limit),
      erase: (id) => writer.write('erase', id),
    },
    keys: {
      put: (key) => writer.write('putKey', key),
      byHash: async (hash) => ifFound(await reader.ask('keyByHash', hash), keyRow),
      get: async (keyId) => ifFound(await reader.ask('key', keyId), keyRow),
      list: async (workspaceId) => (await reader.ask('keys', workspaceId)).map(keyRow),
      revoke: (keyId, at) => writer.write('revokeKey', keyId, at),
      noteUse: (keyId, at) => writer.write('noteUse', keyId, at),
      createWorkspace: (workspaceId, name) => writer.write('createWorkspace', workspaceId, name),
      workspaceByName: (name) => reader.ask('workspace', name),
    },
    settings: {
      get: (name) => reader.ask('setting', name),
      set: (name, value) => writer.write('setSetting', name, value),
    },
    replays: {
      put: (scope, entry) => writer.write('putReplay', scope, entry),
      get: (scope) => reader.ask('replay', scope, clock.wall() - REPLAY_MS),
    },
    writable: () => writer.writable,
    written: () => writer.written,
    intact: () => writer.intact(),
    probe: async () => {
      try {
        await writer.revive();
      } catch (cause) {
        throw cause instanceof AppendError ? cause : new AppendError('unavailable', 'The store cannot be opened again.', { cause });
      }
      // In two commits: room that one transaction takes and gives back is never written.
      await writer.write('fillProbe');
      await writer.write('clearProbe');
    },
    close: () => {
      ended ??= end();
      return ended;
    },
  };
}
