import { type AppMetadata, parseOwn } from '@backchannel/protocol';
import type { AgentRow, ConversationRow, KeyRow, Page } from '../store.js';

// Rows as the tables hold them cross to the main thread, which makes the store's own out of them: so the reader's
// thread needs nothing of the protocol package, whose schemas take longer to load than the database to open.

export type ConversationColumns = {
  readonly k: number;
  readonly id: string;
  readonly workspace_id: string;
  readonly agent_id: string;
  readonly status: ConversationRow['status'];
  readonly epoch: number;
  readonly user_id: string | null;
  readonly user_id_verified: number;
  readonly app_metadata: string;
  readonly begun: ConversationRow['begun'];
  readonly created_at: number;
  readonly opened_at: number | null;
  readonly ended_at: number | null;
  readonly end_reason: string | null;
  readonly end_status: 'done' | 'failed' | null;
  readonly source: string | null;
  readonly rating: number | null;
  readonly agent_name: string | null;
  readonly last_seq: number;
  readonly lines: number;
};

export type AgentColumns = {
  readonly k: number;
  readonly agent_id: string;
  readonly workspace_id: string;
  readonly name: string;
  readonly config: string;
  readonly hash: string;
  readonly created_at: number;
  readonly updated_at: number;
};

export type KeyColumns = {
  readonly key_id: string;
  readonly workspace_id: string;
  readonly name: string;
  readonly hash: string;
  readonly scopes: string;
  readonly agent_ids: string | null;
  readonly last_four: string | null;
  readonly source: KeyRow['source'];
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
  readonly last_used_at: number | null;
};

export const conversationRow = (row: ConversationColumns): ConversationRow => ({
  conversationId: row.id,
  workspaceId: row.workspace_id,
  agentId: row.agent_id,
  status: row.status,
  epoch: row.epoch,
  lastSeq: row.last_seq,
  ...(row.user_id !== null && { userId: row.user_id }),
  userIdVerified: row.user_id_verified === 1,
  appMetadata: parseOwn<AppMetadata>(row.app_metadata),
  begun: row.begun,
  createdAt: row.created_at,
  ...(row.opened_at !== null && { openedAt: row.opened_at }),
  ...(row.ended_at !== null && { endedAt: row.ended_at }),
  ...(row.end_reason !== null && { endReason: row.end_reason }),
  ...(row.end_status !== null && { endStatus: row.end_status }),
  ...(row.source !== null && { source: row.source }),
  ...(row.rating !== null && { rating: row.rating }),
  ...(row.agent_name !== null && { agentName: row.agent_name }),
  messageCount: row.lines,
});

export const agentRow = (row: AgentColumns): AgentRow => ({
  agentId: row.agent_id,
  workspaceId: row.workspace_id,
  name: row.name,
  config: row.config,
  hash: row.hash,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

export const keyRow = (row: KeyColumns): KeyRow => ({
  keyId: row.key_id,
  workspaceId: row.workspace_id,
  name: row.name,
  hash: row.hash,
  scopes: parseOwn<string[]>(row.scopes),
  ...(row.agent_ids !== null && { agentIds: parseOwn<string[]>(row.agent_ids) }),
  ...(row.last_four !== null && { lastFour: row.last_four }),
  source: row.source,
  createdAt: row.created_at,
  ...(row.expires_at !== null && { expiresAt: row.expires_at }),
  ...(row.revoked_at !== null && { revokedAt: row.revoked_at }),
  ...(row.last_used_at !== null && { lastUsedAt: row.last_used_at }),
});

/** Maps what may be missing, and pages. */
export const ifFound = <A, B>(row: A | undefined, make: (row: A) => B): B | undefined => (row === undefined ? undefined : make(row));
export const mapPage = <A, B>(page: Page<A>, make: (row: A) => B): Page<B> => ({ ...page, items: page.items.map(make) });
