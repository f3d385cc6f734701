import type { AppMetadata, ConversationEvent, ConversationId } from '@backchannel/protocol';
import type { AgentQuery, AgentRow, ConversationQuery, ConversationRow, KeyRow, Page, ReplayEntry, Store } from '../store/store.js';
import { ArrayEventStore } from './array-event-store.js';

/** A whole Store on plain arrays and maps, for tests that look at what reaches the store and what it answers. */
export class ArrayStore extends ArrayEventStore implements Store {
  readonly #ids: ConversationId[] = [];
  readonly #agents = new Map<string, AgentRow>();
  readonly #configs = new Map<string, string>();
  readonly #keys = new Map<string, KeyRow>();
  readonly #workspaces = new Map<string, string>();
  readonly #settings = new Map<string, string>();
  readonly #replays = new Map<string, ReplayEntry>();
  /** How often a key was looked up. */
  keyLookups = 0;
  /** How often a conversation's head was looked up. */
  headLookups = 0;
  /** While set, remembering an answer is refused with it. */
  replaysFail: Error | undefined;

  readonly settings = {
    get: async (name: string) => this.#settings.get(name),
    set: async (name: string, value: string) => void this.#settings.set(name, value),
  };

  readonly replays = {
    put: async (scope: string, entry: ReplayEntry): Promise<ReplayEntry> => {
      if (this.replaysFail) throw this.replaysFail;
      const first = this.#replays.get(scope) ?? entry;
      this.#replays.set(scope, first);
      return first;
    },
    get: async (scope: string) => this.#replays.get(scope),
  };

  readonly keys = {
    put: async (key: KeyRow) => {
      const before = this.#key(key.keyId);
      if (before !== undefined) this.#keys.delete(before.hash);
      this.#keys.set(key.hash, key);
    },
    byHash: async (hash: string) => {
      this.keyLookups++;
      return this.#keys.get(hash);
    },
    get: async (keyId: string) => this.#key(keyId),
    list: async (workspaceId: string) => this.#keysOf(workspaceId).reverse(),
    revoke: async (keyId: string, at: number): Promise<'revoked' | 'last_admin'> => {
      const key = this.#key(keyId);
      if (key === undefined || key.revokedAt !== undefined) return 'revoked';
      const isAdmin = ({ scopes, expiresAt = at + 1 }: KeyRow): boolean => scopes.includes('admin') && expiresAt > at;
      if (isAdmin(key) && !this.#keysOf(key.workspaceId).some((other) => other !== key && isAdmin(other))) return 'last_admin';
      this.#keys.set(key.hash, { ...key, revokedAt: at });
      return 'revoked';
    },
    noteUse: async (keyId: string, at: number) => {
      const key = this.#key(keyId);
      if (key !== undefined) this.#keys.set(key.hash, { ...key, lastUsedAt: at });
    },
    createWorkspace: async (workspaceId: string, name: string) => void this.#workspaces.set(name, workspaceId),
    workspaceByName: async (name: string) => this.#workspaces.get(name),
  };

  readonly agents = {
    put: async (agent: AgentRow) => {
      this.#agents.set(agent.agentId, agent);
      this.#configs.set(agent.hash, agent.config);
    },
    get: async (agentId: string) => this.#agents.get(agentId),
    list: async ({ workspaceId, agentIds, search = '', pageSize, cursor }: AgentQuery) => {
      const found = [...this.#agents.values()].filter(
        (agent) =>
          agent.workspaceId === workspaceId &&
          (agentIds === undefined || agentIds.includes(agent.agentId)) &&
          agent.name.toLowerCase().includes(search.toLowerCase()),
      );
      return pageOf(found.reverse(), pageSize, cursor);
    },
    delete: async (agentId: string) => this.#agents.delete(agentId),
    configByHash: async (hash: string) => this.#configs.get(hash),
  };

  readonly conversations = {
    get: async (id: ConversationId) => this.#row(id),
    list: async (query: ConversationQuery) => {
      const rows = this.#ids.map((id) => this.#row(id)).filter((row) => row !== undefined && fits(row, query)) as ConversationRow[]; // just filtered
      return pageOf(rows.reverse(), query.pageSize, query.cursor);
    },
    countLive: async (workspaceId: string, agentIds?: readonly string[]) =>
      this.#ids
        .map((id) => this.#row(id))
        .filter((row) => row?.workspaceId === workspaceId && isLive(row) && (agentIds === undefined || agentIds.includes(row.agentId)))
        .length,
    unended: async (after: ConversationId | undefined, limit: number) => {
      const from = after === undefined ? 0 : this.#ids.indexOf(after) + 1;
      return this.#ids
        .slice(from)
        .filter((id) => this.#row(id)?.status !== 'ended')
        .slice(0, limit);
    },
    erase: async (id: ConversationId) => this.erase(id),
  };

  /** Writes a conversation's events as they are, as if its owner had. */
  async write(id: ConversationId, events: readonly ConversationEvent[]): Promise<void> {
    await this.append(id, 1, events[0]?.seq ?? 1, events, 'now');
  }

  override append(...args: Parameters<ArrayEventStore['append']>): Promise<void> {
    const [id, , firstSeq] = args;
    if (firstSeq === 1 && !this.#ids.includes(id)) this.#ids.push(id);
    return super.append(...args);
  }

  override head(id: ConversationId): ReturnType<ArrayEventStore['head']> {
    this.headLookups++;
    return super.head(id);
  }

  writable(): boolean {
    return true;
  }

  written(): { commits: number; appends: number } {
    return { commits: 0, appends: 0 };
  }

  async intact(): Promise<boolean> {
    return true;
  }

  async probe(): Promise<void> {}
  async close(): Promise<void> {}

  #key(keyId: string): KeyRow | undefined {
    return [...this.#keys.values()].find((key) => key.keyId === keyId);
  }

  /** Those that were not revoked, oldest first. */
  #keysOf(workspaceId: string): KeyRow[] {
    return [...this.#keys.values()].filter((key) => key.workspaceId === workspaceId && key.revokedAt === undefined);
  }

  #row(id: ConversationId): ConversationRow | undefined {
    const events = this.events(id);
    const [created] = events;
    if (created?.type !== 'conversation.created') return undefined;
    let row: ConversationRow = {
      conversationId: id,
      workspaceId: created.workspace_id,
      agentId: created.agent_id,
      status: 'created',
      epoch: created.epoch,
      lastSeq: events.length,
      ...(created.user_id === undefined ? {} : { userId: created.user_id }),
      userIdVerified: created.user_id_verified ?? false,
      appMetadata: created.app_metadata ?? ({} as AppMetadata),
      begun: created.begun,
      createdAt: Date.parse(created.time),
      messageCount: events.filter((event) => event.type === 'message.added').length,
    };
    for (const event of events) {
      const at = Date.parse(event.time);
      if (event.type === 'conversation.opened') row = { ...row, status: 'open', openedAt: row.openedAt ?? at };
      if (event.type === 'conversation.dropped') row = { ...row, status: 'dropped' };
      if (event.type === 'conversation.metadata_changed') row = { ...row, appMetadata: event.app_metadata };
      if (event.type === 'conversation.ended')
        row = { ...row, status: 'ended', endedAt: at, endReason: event.reason, endStatus: event.status };
    }
    return row;
  }
}

const isLive = (row: ConversationRow): boolean => row.status === 'open' || row.status === 'dropped';

function fits(row: ConversationRow, query: ConversationQuery): boolean {
  return (
    row.workspaceId === query.workspaceId &&
    (query.statuses === undefined || query.statuses.includes(row.status)) &&
    (query.endStatus === undefined || row.endStatus === undefined || row.endStatus === query.endStatus) &&
    (query.agentId === undefined || row.agentId === query.agentId) &&
    (query.agentIds === undefined || query.agentIds.includes(row.agentId)) &&
    (query.userId === undefined || row.userId === query.userId) &&
    Object.entries(query.appMetadata ?? {}).every(([key, value]) => String(row.appMetadata[key]) === value)
  );
}

/** The cursor is the place in the list; good enough where nothing is added between two pages. */
function pageOf<T>(found: readonly T[], pageSize: number, cursor: string | undefined): Page<T> {
  const from = Number(cursor ?? 0);
  const items = found.slice(from, from + pageSize);
  return found.length > from + pageSize ? { items, nextCursor: String(from + pageSize) } : { items };
}
