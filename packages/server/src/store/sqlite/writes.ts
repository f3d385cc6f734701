import type { AgentRow, KeyRow, ReplayEntry } from '../store.js';
import type { Connection } from './connection.js';
import type { Ownership } from './ownership.js';

/** How long the answers of idempotent requests are kept, in milliseconds. */
export const REPLAY_MS = 24 * 3_600_000;
/** A probe needs more room than any single append usually does, so that its success means something. */
const PROBE_BYTES = 65_536;

/** Every write but appends. Each runs inside the transaction of its group and may throw: then it alone is undone. */
export function writes(connection: Connection, ownership: Ownership) {
  const sql = {
    raiseEpoch: connection.prepare('UPDATE conversations SET epoch = ? WHERE k = ?'),
    statusOf: connection.prepare('SELECT k, status FROM conversations WHERE id = ?'),
    eraseLog: connection.prepare('DELETE FROM log WHERE conversation = ?'),
    eraseRow: connection.prepare('DELETE FROM conversations WHERE k = ?'),
    putAgent: connection.prepare(`
      INSERT INTO agents (agent_id, workspace_id, name, config, hash, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (agent_id) DO UPDATE SET workspace_id = excluded.workspace_id, name = excluded.name, config = excluded.config,
        hash = excluded.hash, created_at = excluded.created_at, updated_at = excluded.updated_at`),
    putConfiguration: connection.prepare('INSERT INTO configurations (hash, config) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING'),
    deleteAgent: connection.prepare('DELETE FROM agents WHERE agent_id = ?'),
    putKey: connection.prepare(`
      INSERT INTO keys (key_id, workspace_id, name, hash, scopes, agent_ids, last_four, source, created_at, expires_at, revoked_at, last_used_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (key_id) DO UPDATE SET workspace_id = excluded.workspace_id, name = excluded.name, hash = excluded.hash,
        scopes = excluded.scopes, agent_ids = excluded.agent_ids, last_four = excluded.last_four, source = excluded.source,
        created_at = excluded.created_at, expires_at = excluded.expires_at, revoked_at = excluded.revoked_at,
        last_used_at = excluded.last_used_at`),
    otherAdmins: connection.prepare(`
      SELECT count(*) AS n FROM keys AS other JOIN keys AS this ON this.key_id = ?1
      WHERE other.workspace_id = this.workspace_id AND other.key_id <> this.key_id AND other.revoked_at IS NULL
        AND (other.expires_at IS NULL OR other.expires_at > ?2)
        AND EXISTS (SELECT 1 FROM json_each(other.scopes) WHERE value = 'admin')`),
    isAdmin: connection.prepare(`
      SELECT count(*) AS n FROM keys WHERE key_id = ?1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?2)
        AND EXISTS (SELECT 1 FROM json_each(scopes) WHERE value = 'admin')`),
    revokeKey: connection.prepare('UPDATE keys SET revoked_at = ?2 WHERE key_id = ?1 AND revoked_at IS NULL'),
    noteUse: connection.prepare('UPDATE keys SET last_used_at = ?2 WHERE key_id = ?1'),
    putWorkspace: connection.prepare('INSERT INTO workspaces (workspace_id, name) VALUES (?, ?)'),
    setSetting: connection.prepare(
      'INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    ),
    purgeReplays: connection.prepare('DELETE FROM replays WHERE at <= ?'),
    putReplay: connection.prepare(
      'INSERT INTO replays (scope, fingerprint, status, body, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (scope) DO NOTHING',
    ),
    getReplay: connection.prepare('SELECT fingerprint, status, body, at FROM replays WHERE scope = ?'),
    fillProbe: connection.prepare(`INSERT INTO probes (filler) VALUES (zeroblob(${PROBE_BYTES}))`),
    clearProbe: connection.prepare('DELETE FROM probes'),
  };
  return {
    /** The new epoch, or `undefined` when there is no such conversation. */
    claim(id: string): number | undefined {
      const owned = ownership.get(id);
      if (!owned) return undefined;
      sql.raiseEpoch.run(owned.epoch + 1, owned.k);
      owned.epoch += 1;
      return owned.epoch;
    },
    erase(id: string): void {
      const row = sql.statusOf.get<{ k: number; status: string }>(id);
      if (!row) return;
      if (row.status !== 'ended') throw new Error('A conversation has to end before it can be erased.');
      sql.eraseLog.run(row.k);
      sql.eraseRow.run(row.k);
      ownership.forget(id);
    },
    putAgent(agent: AgentRow): void {
      sql.putConfiguration.run(agent.hash, agent.config);
      sql.putAgent.run(agent.agentId, agent.workspaceId, agent.name, agent.config, agent.hash, agent.createdAt, agent.updatedAt);
    },
    deleteAgent: (agentId: string): boolean => sql.deleteAgent.run(agentId).changes > 0,
    putKey(key: KeyRow): void {
      const agentIds = key.agentIds === undefined ? null : JSON.stringify(key.agentIds);
      const { createdAt, expiresAt = null, revokedAt = null, lastUsedAt = null, lastFour = null, source } = key;
      const fixed = [key.keyId, key.workspaceId, key.name, key.hash, JSON.stringify(key.scopes)] as const;
      sql.putKey.run(...fixed, agentIds, lastFour, source, createdAt, expiresAt, revokedAt, lastUsedAt);
    },
    /** In one transaction, so that two who revoke each other's keys leave one. */
    revokeKey(keyId: string, at: number): 'revoked' | 'last_admin' {
      const some = (rows: { n: number } | undefined): boolean => (rows?.n ?? 0) > 0;
      if (some(sql.isAdmin.get(keyId, at)) && !some(sql.otherAdmins.get(keyId, at))) return 'last_admin';
      sql.revokeKey.run(keyId, at);
      return 'revoked';
    },
    noteUse(keyId: string, at: number): void {
      sql.noteUse.run(keyId, at);
    },
    createWorkspace(workspaceId: string, name: string): void {
      sql.putWorkspace.run(workspaceId, name);
    },
    setSetting(name: string, value: string): void {
      sql.setSetting.run(name, value);
    },
    putReplay(scope: string, entry: ReplayEntry): ReplayEntry {
      sql.purgeReplays.run(entry.at - REPLAY_MS);
      sql.putReplay.run(scope, entry.fingerprint, entry.status, entry.body, entry.at);
      const kept = sql.getReplay.get<ReplayEntry>(scope) ?? entry;
      return { fingerprint: kept.fingerprint, status: kept.status, body: kept.body, at: kept.at };
    },
    fillProbe(): void {
      sql.fillProbe.run();
    },
    clearProbe(): void {
      sql.clearProbe.run();
    },
  };
}

export type Writes = ReturnType<typeof writes>;
