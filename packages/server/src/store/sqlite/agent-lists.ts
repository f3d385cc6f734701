import { decodeListCursor, decodeNameCursor, nameCursor, pageOf } from '../list-cursor.js';
import type { AgentQuery, Page } from '../store.js';
import type { AgentColumns } from './columns.js';
import type { Connection, Value } from './connection.js';

const COLUMNS = 'k, agent_id, workspace_id, name, config, hash, created_at, updated_at';
/** Of ASCII letters, the case does not count. */
const NAME = 'lower(name)';

/** Agents by id and in pages; `search` finds names that contain it. */
export function agentLists(connection: Connection) {
  const get = connection.prepare(`SELECT ${COLUMNS} FROM agents WHERE agent_id = ?`);
  return {
    get: (agentId: string): AgentColumns | undefined => get.get<AgentColumns>(agentId),
    list(query: AgentQuery): Page<AgentColumns> {
      const { order = 'newest', pageSize } = query;
      const byName = order === 'a to z' || order === 'z to a';
      const way = order === 'oldest' || order === 'a to z' ? 'ASC' : 'DESC';
      const { conditions, values } = where(query, byName, way);
      const rows = connection
        .prepare(
          `SELECT ${COLUMNS}, ${NAME} AS sorted FROM agents WHERE ${conditions.join(' AND ')} ORDER BY ${byName ? `${NAME} ${way}, ` : ''}k ${way} LIMIT ?`,
        )
        .all<AgentColumns & { readonly sorted: string }>(...values, pageSize + 1);
      return pageOf(rows, pageSize, byName ? (row) => nameCursor(row.k, row.sorted) : undefined);
    },
  };
}

function where(query: AgentQuery, byName: boolean, way: 'ASC' | 'DESC'): { conditions: string[]; values: Value[] } {
  const conditions = ['workspace_id = ?'];
  const values: Value[] = [query.workspaceId];
  const add = (condition: string, ...bound: Value[]): void => {
    conditions.push(condition);
    values.push(...bound);
  };
  const behind = way === 'ASC' ? '>' : '<';
  if (query.cursor !== undefined && byName) {
    const { row, name } = decodeNameCursor(query.cursor);
    add(`(${NAME}, k) ${behind} (?, ?)`, name, row);
  } else if (query.cursor !== undefined) add(`k ${behind} ?`, decodeListCursor(query.cursor));
  if (query.agentIds !== undefined) add('agent_id IN (SELECT value FROM json_each(?))', JSON.stringify(query.agentIds));
  if (query.search) add(`instr(${NAME}, lower(?)) > 0`, query.search);
  if (query.archived !== undefined) add("coalesce(config ->> '$.platform_settings.archived', 0) = ?", query.archived ? 1 : 0);
  if (query.tags !== undefined)
    add("EXISTS (SELECT 1 FROM json_each(config, '$.tags') WHERE value IN (SELECT value FROM json_each(?)))", JSON.stringify(query.tags));
  return { conditions, values };
}
