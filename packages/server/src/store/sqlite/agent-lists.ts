import { decodeListCursor, pageOf } from '../list-cursor.js';
import type { Page } from '../store.js';
import type { AgentColumns } from './columns.js';
import type { Connection } from './connection.js';

const COLUMNS = 'k, agent_id, workspace_id, name, config, hash, created_at, updated_at';

type AgentQuery = { readonly workspaceId: string; readonly search?: string; readonly pageSize: number; readonly cursor?: string };

/** Agents by id and in pages, newest first; `search` finds names that contain it, whatever the case of ASCII letters. */
export function agentLists(connection: Connection) {
  const get = connection.prepare(`SELECT ${COLUMNS} FROM agents WHERE agent_id = ?`);
  const list = connection.prepare(`
    SELECT ${COLUMNS} FROM agents WHERE workspace_id = ? AND k < ? AND instr(lower(name), lower(?)) > 0 ORDER BY k DESC LIMIT ?`);
  return {
    get: (agentId: string): AgentColumns | undefined => get.get<AgentColumns>(agentId),
    list({ workspaceId, search = '', pageSize, cursor }: AgentQuery): Page<AgentColumns> {
      const below = cursor === undefined ? Number.MAX_SAFE_INTEGER : decodeListCursor(cursor);
      return pageOf(list.all<AgentColumns>(workspaceId, below, search, pageSize + 1), pageSize);
    },
  };
}
