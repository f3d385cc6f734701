import { decodeListCursor, pageOf } from '../list-cursor.js';
import type { ConversationQuery, ConversationRow, Page } from '../store.js';
import type { ConversationColumns } from './columns.js';
import type { Connection, Value } from './connection.js';

// Lines are counted when read. The cheap search comes first: few rows hold a line, and only those are taken apart, since the
// same words may also stand deeper inside another event.
const COLUMNS = `
  k, id, workspace_id, agent_id, status, epoch, user_id, user_id_verified, app_metadata, begun, created_at, opened_at, ended_at,
  end_reason, end_status, source, rating, (SELECT name FROM agents WHERE agents.agent_id = c.agent_id) AS agent_name,
  coalesce((SELECT last_seq FROM log WHERE conversation = c.k ORDER BY first_seq DESC LIMIT 1), 0) AS last_seq,
  (SELECT count(*) FROM log, json_each(log.events) AS event
    WHERE log.conversation = c.k AND instr(log.events, '"message.added"') > 0 AND event.value ->> '$.type' = 'message.added') AS lines`;

/** A query string names metadata as text: `5` finds the number 5 and the string "5". */
const METADATA_FILTER = `EXISTS (SELECT 1 FROM json_each(app_metadata) AS entry WHERE entry.key = ? AND (
  CASE entry.type WHEN 'text' THEN entry.atom WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' END = ?
  OR entry.type IN ('integer', 'real') AND entry.atom = ?))`;
const asNumber = (text: string): number | null => (String(Number(text)) === text ? Number(text) : null);

const oneOf = (column: string): string => `${column} IN (SELECT value FROM json_each(?))`;
/** Whole seconds, as the list shows them; nothing for what has not opened. */
const SECS = 'max(0, coalesce((coalesce(ended_at, ?) - opened_at) / 1000, 0))';
const OF_AGENTS = oneOf('agent_id');

const STATUSES: readonly ConversationRow['status'][] = ['created', 'open', 'dropped', 'ended'];

export function conversationLists(connection: Connection) {
  const get = connection.prepare(`SELECT ${COLUMNS} FROM conversations AS c WHERE id = ?`);
  const live = "SELECT count(*) AS n FROM conversations WHERE workspace_id = ? AND status IN ('open', 'dropped')";
  const countAll = connection.prepare(live);
  const countOfAgents = connection.prepare(`${live} AND ${OF_AGENTS}`);
  return {
    get: (id: string): ConversationColumns | undefined => get.get<ConversationColumns>(id),
    /** By row number, which is the order of creation whatever the clock did. */
    list(query: ConversationQuery): Page<ConversationColumns> {
      const { conditions, values } = where(query);
      const order = query.oldestFirst ? 'ASC' : 'DESC';
      const page = `SELECT k FROM conversations WHERE ${conditions.join(' AND ')} ORDER BY k ${order} LIMIT ?`;
      const rows = connection
        .prepare(`SELECT ${COLUMNS} FROM conversations AS c WHERE k IN (${page}) ORDER BY k ${order}`)
        .all<ConversationColumns>(...values, query.pageSize + 1);
      return pageOf(rows, query.pageSize);
    },
    countLive(workspaceId: string, agentIds: readonly string[] | undefined): number {
      const row =
        agentIds === undefined
          ? countAll.get<{ n: number }>(workspaceId)
          : countOfAgents.get<{ n: number }>(workspaceId, JSON.stringify(agentIds));
      return row?.n ?? 0;
    },
  };
}

function where(query: ConversationQuery): { conditions: string[]; values: Value[] } {
  const conditions = ['workspace_id = ?'];
  const values: Value[] = [query.workspaceId];
  const add = (condition: string, ...bound: Value[]): void => {
    conditions.push(condition);
    values.push(...bound);
  };
  if (query.cursor !== undefined) add(query.oldestFirst ? 'k > ?' : 'k < ?', decodeListCursor(query.cursor));
  // Written out, not bound, so that the partial index can be chosen; only words from our own list get here.
  if (query.statuses) add(`status IN (${STATUSES.filter((status) => query.statuses?.includes(status)).map((status) => `'${status}'`)})`);
  if (query.endStatus !== undefined) add('(end_status IS NULL OR end_status = ?)', query.endStatus);
  if (query.endReasons !== undefined) add(oneOf('end_reason'), JSON.stringify(query.endReasons));
  if (query.agentId !== undefined) add('agent_id = ?', query.agentId);
  if (query.agentIds !== undefined) add(OF_AGENTS, JSON.stringify(query.agentIds));
  if (query.userId !== undefined) add('user_id = ?', query.userId);
  if (query.sources !== undefined) add(oneOf('source'), JSON.stringify(query.sources));
  if (query.startedAfter !== undefined) add('coalesce(opened_at, created_at) > ?', query.startedAfter);
  if (query.startedBefore !== undefined) add('coalesce(opened_at, created_at) < ?', query.startedBefore);
  const { now = 0 } = query;
  if (query.minSecs !== undefined) add(`${SECS} >= ?`, now, query.minSecs);
  if (query.maxSecs !== undefined) add(`${SECS} <= ?`, now, query.maxSecs);
  if (query.minRating !== undefined) add('rating >= ?', query.minRating);
  if (query.maxRating !== undefined) add('rating <= ?', query.maxRating);
  if (query.commented !== undefined) add('commented = ?', query.commented ? 1 : 0);
  for (const [key, value] of Object.entries(query.appMetadata ?? {})) add(METADATA_FILTER, key, value, asNumber(value));
  return { conditions, values };
}
