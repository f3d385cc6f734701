import type { AppMetadata, ConversationId } from '@backchannel/protocol';
import type { EventStore } from '../conversation/event-store.js';

/** Everything durable. Times are milliseconds since 1970; lists are newest first, unless they are asked for otherwise. */
export interface Store extends EventStore {
  readonly agents: AgentStore;
  readonly conversations: ConversationStore;
  readonly keys: KeyStore;
  /** Small values of this installation (the signing secret, the default workspace). */
  readonly settings: { get(name: string): Promise<string | undefined>; set(name: string, value: string): Promise<void> };
  /** Answers of idempotent POSTs outside a conversation, kept 24 h. */
  readonly replays: ReplayStore;
  /** False from a failed commit until a commit or a probe succeeds, and while nothing is accepted. */
  writable(): boolean;
  /** Appends that became durable since the start, and the commits that took something there. */
  written(): { readonly commits: number; readonly appends: number };
  /**
   * Looks whether what is stored is still where it was opened; from a look that finds it gone, nothing is accepted until a
   * probe finds it there again. Never rejects, and costs little enough for once a second.
   */
  intact(): Promise<boolean>;
  /** A write that proves that the store can be written to; opens it again where need be. */
  probe(): Promise<void>;
  close(): Promise<void>;
}

export type AgentRow = {
  readonly agentId: string;
  readonly workspaceId: string;
  readonly name: string;
  /** The whole configuration as JSON: conversation_config, platform_settings, tags, … */
  readonly config: string;
  /** SHA-256 of `config`, hex. */
  readonly hash: string;
  readonly createdAt: number;
  readonly updatedAt: number;
};

export type AgentQuery = {
  readonly workspaceId: string;
  /** Only these. */
  readonly agentIds?: readonly string[];
  readonly search?: string;
  readonly archived?: boolean;
  /** Agents that have any of them. */
  readonly tags?: readonly string[];
  /** Newest first where nothing is said. */
  readonly order?: 'newest' | 'oldest' | 'a to z' | 'z to a';
  readonly pageSize: number;
  readonly cursor?: string;
};

export type Page<T> = { readonly items: T[]; readonly nextCursor?: string };

export interface AgentStore {
  /** Inserts or replaces; the configuration is also kept under its hash for as long as conversations name it. */
  put(agent: AgentRow): Promise<void>;
  get(agentId: string): Promise<AgentRow | undefined>;
  list(query: AgentQuery): Promise<Page<AgentRow>>;
  /** True when there was one. Its conversations go on. */
  delete(agentId: string): Promise<boolean>;
  /** The configuration that a conversation started with. */
  configByHash(hash: string): Promise<string | undefined>;
}

export type ConversationRow = {
  readonly conversationId: ConversationId;
  readonly workspaceId: string;
  readonly agentId: string;
  readonly status: 'created' | 'open' | 'dropped' | 'ended';
  readonly epoch: number;
  readonly lastSeq: number;
  readonly userId?: string;
  readonly userIdVerified: boolean;
  readonly appMetadata: AppMetadata;
  readonly begun: 'client' | 'signed_url' | 'api';
  readonly createdAt: number;
  readonly openedAt?: number;
  readonly endedAt?: number;
  readonly endReason?: string;
  readonly endStatus?: 'done' | 'failed';
  /** What the first client that said it called itself. */
  readonly source?: string;
  /** Of the whole conversation. */
  readonly rating?: number;
  /** Of the agent as it is called now. */
  readonly agentName?: string;
  /** Lines so far, counted when read. */
  readonly messageCount: number;
};

export type ConversationQuery = {
  readonly workspaceId: string;
  readonly statuses?: readonly ConversationRow['status'][];
  /** Of those that have ended. */
  readonly endStatus?: 'done' | 'failed';
  readonly endReasons?: readonly string[];
  readonly agentId?: string;
  /** Only conversations of these agents. */
  readonly agentIds?: readonly string[];
  readonly userId?: string;
  readonly appMetadata?: Readonly<Record<string, string>>;
  /** The start is the first opening, or the creation until then. */
  readonly startedAfter?: number;
  readonly startedBefore?: number;
  /** Whole seconds since the first opening, until the end or `now`. */
  readonly minSecs?: number;
  readonly maxSecs?: number;
  readonly now?: number;
  readonly minRating?: number;
  readonly maxRating?: number;
  /** Whether somebody left a comment with the feedback. */
  readonly commented?: boolean;
  /** What the first client that said it called itself. */
  readonly sources?: readonly string[];
  readonly oldestFirst?: boolean;
  readonly pageSize: number;
  readonly cursor?: string;
};

export interface ConversationStore {
  get(id: ConversationId): Promise<ConversationRow | undefined>;
  list(query: ConversationQuery): Promise<Page<ConversationRow>>;
  /** Conversations that are open or dropped, of these agents where some are named. */
  countLive(workspaceId: string, agentIds?: readonly string[]): Promise<number>;
  /** Every conversation that had not ended, oldest first: what a restart loads. */
  unended(after: ConversationId | undefined, limit: number): Promise<ConversationId[]>;
  /** Removes an ended conversation, its row and its log. */
  erase(id: ConversationId): Promise<void>;
}

export type KeyRow = {
  readonly keyId: string;
  readonly workspaceId: string;
  readonly name: string;
  /** SHA-256 of the key, hex. The key itself is never stored. */
  readonly hash: string;
  readonly scopes: readonly string[];
  /** Restricted to these agents. */
  readonly agentIds?: readonly string[];
  /** Its last four characters, for people to tell keys apart; keys from before that was kept have none. */
  readonly lastFour?: string;
  /** `environment`: valid for as long as the environment names it. */
  readonly source: 'installation' | 'environment' | 'api';
  readonly createdAt: number;
  readonly expiresAt?: number;
  readonly revokedAt?: number;
  /** Roughly: it is noted once a minute at most. */
  readonly lastUsedAt?: number;
};

export interface KeyStore {
  /** Inserts, or replaces the one of that id. */
  put(key: KeyRow): Promise<void>;
  byHash(hash: string): Promise<KeyRow | undefined>;
  get(keyId: string): Promise<KeyRow | undefined>;
  /** Those that were not revoked, newest first. */
  list(workspaceId: string): Promise<KeyRow[]>;
  /**
   * From `at` on the key is good for nothing; one that was revoked before keeps its time. `last_admin`: nothing has changed,
   * because no other key of the workspace with the scope `admin` is good at `at`.
   */
  revoke(keyId: string, at: number): Promise<'revoked' | 'last_admin'>;
  noteUse(keyId: string, at: number): Promise<void>;
  createWorkspace(workspaceId: string, name: string): Promise<void>;
  workspaceByName(name: string): Promise<string | undefined>;
}

export interface ReplayStore {
  /** Remembers an answer; the first one for `scope` (workspace, route, key) wins and is returned. */
  put(scope: string, entry: ReplayEntry): Promise<ReplayEntry>;
  get(scope: string): Promise<ReplayEntry | undefined>;
}
export type ReplayEntry = { readonly fingerprint: string; readonly status: number; readonly body: string; readonly at: number };
