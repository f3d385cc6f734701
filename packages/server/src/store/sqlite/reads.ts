import type { ConversationHead } from '../../conversation/event-store.js';
import type { ConversationQuery, Page, ReplayEntry } from '../store.js';
import { agentLists } from './agent-lists.js';
import type { AgentColumns, ConversationColumns, KeyColumns } from './columns.js';
import type { Connection } from './connection.js';
import { conversationLists } from './conversation-lists.js';

const KEY_COLUMNS =
  'key_id, workspace_id, name, hash, scopes, agent_ids, last_four, source, created_at, expires_at, revoked_at, last_used_at';

/** Every question to the store, on a connection that only reads; each sees whatever was committed before it was asked. */
export function reads(connection: Connection) {
  const sql = {
    // A row holds at least one event, so no row that begins later than `after + limit` is needed.
    log: connection.prepare(`
      SELECT events FROM log JOIN (SELECT k AS owner FROM conversations WHERE id = ?1) ON conversation = owner
      WHERE first_seq >= coalesce((SELECT max(first_seq) FROM log WHERE conversation = owner AND first_seq <= ?2 + 1), 1)
        AND first_seq <= ?2 + ?3
      ORDER BY first_seq LIMIT ?3`),
    head: connection.prepare(`
      SELECT workspace_id, agent_id, status, epoch, ended_at, end_reason,
        coalesce((SELECT last_seq FROM log WHERE conversation = conversations.k ORDER BY first_seq DESC LIMIT 1), 0) AS last_seq
      FROM conversations WHERE id = ?`),
    unended: connection.prepare(
      `SELECT id FROM conversations WHERE status <> 'ended' AND k > coalesce((SELECT k FROM conversations WHERE id = ?), 0) ORDER BY k LIMIT ?`,
    ),
    configuration: connection.prepare('SELECT config FROM configurations WHERE hash = ?'),
    keyByHash: connection.prepare(`SELECT ${KEY_COLUMNS} FROM keys WHERE hash = ?`),
    key: connection.prepare(`SELECT ${KEY_COLUMNS} FROM keys WHERE key_id = ?`),
    keys: connection.prepare(`SELECT ${KEY_COLUMNS} FROM keys WHERE workspace_id = ? AND revoked_at IS NULL ORDER BY k DESC`),
    workspace: connection.prepare('SELECT workspace_id FROM workspaces WHERE name = ?'),
    setting: connection.prepare('SELECT value FROM settings WHERE name = ?'),
    replay: connection.prepare('SELECT fingerprint, status, body, at FROM replays WHERE scope = ? AND at > ?'),
  };
  const conversations = conversationLists(connection);
  const agents = agentLists(connection);
  return {
    /** The events of whole rows as one JSON array: it may begin before `after + 1` and end beyond `limit`. */
    log(id: string, after: number, limit: number): string {
      let text = '';
      for (const { events } of sql.log.all<{ events: string }>(id, after, limit)) text += (text === '' ? '[' : ',') + events.slice(1, -1);
      return text === '' ? '[]' : `${text}]`;
    },
    head(id: string): ConversationHead | undefined {
      const row = sql.head.get<HeadColumns>(id);
      if (!row) return undefined;
      const head = { workspaceId: row.workspace_id, agentId: row.agent_id, status: row.status, epoch: row.epoch, lastSeq: row.last_seq };
      if (row.ended_at === null || row.end_reason === null) return head;
      return { ...head, ended: { at: new Date(row.ended_at).toISOString(), reason: row.end_reason } };
    },
    conversation: (id: string): ConversationColumns | undefined => conversations.get(id),
    conversations: (query: ConversationQuery): Page<ConversationColumns> => conversations.list(query),
    countLive: (workspaceId: string, agentIds: readonly string[] | undefined): number => conversations.countLive(workspaceId, agentIds),
    unended: (after: string | undefined, limit: number): string[] =>
      sql.unended.all<{ id: string }>(after ?? null, limit).map((row) => row.id),
    agent: (agentId: string): AgentColumns | undefined => agents.get(agentId),
    agents: (query: Parameters<typeof agents.list>[0]): Page<AgentColumns> => agents.list(query),
    configuration: (hash: string): string | undefined => sql.configuration.get<{ config: string }>(hash)?.config,
    keyByHash: (hash: string): KeyColumns | undefined => sql.keyByHash.get<KeyColumns>(hash),
    key: (keyId: string): KeyColumns | undefined => sql.key.get<KeyColumns>(keyId),
    keys: (workspaceId: string): KeyColumns[] => sql.keys.all<KeyColumns>(workspaceId),
    workspace: (name: string): string | undefined => sql.workspace.get<{ workspace_id: string }>(name)?.workspace_id,
    setting: (name: string): string | undefined => sql.setting.get<{ value: string }>(name)?.value,
    /** An entry that was put after `since`. */
    replay(scope: string, since: number): ReplayEntry | undefined {
      const row = sql.replay.get<ReplayEntry>(scope, since);
      return row && { fingerprint: row.fingerprint, status: row.status, body: row.body, at: row.at };
    },
  };
}

export type Reads = ReturnType<typeof reads>;

type HeadColumns = {
  readonly workspace_id: string;
  readonly agent_id: string;
  readonly status: ConversationHead['status'];
  readonly epoch: number;
  readonly last_seq: number;
  readonly ended_at: number | null;
  readonly end_reason: string | null;
};
