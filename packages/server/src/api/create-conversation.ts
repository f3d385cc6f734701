import type { Answer, AppMetadata, ConversationId, Cursor } from '@backchannel/protocol';

/** A conversation that a backend begins: at once and without a client (`api`), or with a signed URL that names it. */
export type CreateRequest = {
  readonly workspaceId: string;
  /** The id to give it, where the caller derived one from an Idempotency-Key; nobody has it yet. */
  readonly conversationId?: ConversationId;
  readonly agentId: string;
  readonly begun: 'api' | 'signed_url';
  readonly userId?: string;
  readonly appMetadata?: AppMetadata;
  readonly dynamicVariables?: Readonly<Record<string, unknown>>;
  readonly override?: Readonly<Record<string, unknown>>;
  readonly firstMessage?: string;
  /** For `signed_url`: until it ends as never opened. */
  readonly expiresInMs?: number;
};

/** Refusals: `agent_not_found`, `override_error`, `missing_dynamic_variable` (with one problem each), `unavailable`. */
export type CreateConversation = (
  request: CreateRequest,
) => Promise<Answer<{ readonly conversationId: ConversationId; readonly firstMessage?: string; readonly cursor: Cursor }>>;
