import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyRow } from '../store.js';
import { StoreOpenError } from '../store-open-error.js';
import { openConnection } from './connection.js';

/**
 * Adds a key, and its workspace when there is none of that name, beside a server that may be running: keys belong to
 * no conversation, so the folder's lock is not needed, and SQLite lets one writer wait for the other. Answers the
 * workspace's id and whether it is new. Throws StoreOpenError when there is no database yet.
 */
export function addKey(
  folder: string,
  workspace: { readonly id: string; readonly name: string },
  key: Omit<KeyRow, 'workspaceId' | 'agentIds' | 'expiresAt' | 'revokedAt' | 'lastUsedAt'>,
): { workspaceId: string; isNew: boolean } {
  const file = join(folder, 'backchannel.sqlite');
  if (!existsSync(file))
    throw new StoreOpenError(
      'unreadable',
      `There is no database in ${folder} yet: start the server there once (npm start), or set BACKCHANNEL_DATA.`,
    );
  const connection = openConnection(file, 'write');
  try {
    connection.exec('BEGIN IMMEDIATE');
    const known = connection.prepare('SELECT workspace_id FROM workspaces WHERE name = ?').get<{ workspace_id: string }>(workspace.name);
    const workspaceId = known?.workspace_id ?? workspace.id;
    if (known === undefined)
      connection.prepare('INSERT INTO workspaces (workspace_id, name) VALUES (?, ?)').run(workspaceId, workspace.name);
    connection
      .prepare('INSERT INTO keys (key_id, workspace_id, name, hash, scopes, last_four, source, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
      .run(key.keyId, workspaceId, key.name, key.hash, JSON.stringify(key.scopes), key.lastFour ?? null, key.source, key.createdAt);
    connection.exec('COMMIT');
    return { workspaceId, isNew: known === undefined };
  } finally {
    connection.close();
  }
}
