import { AppError, type ConversationId, type Refusal, refuse } from '@backchannel/protocol';
import type { FastifyRequest } from 'fastify';
import type { Scope } from './scopes.js';

/** Whose key a request came with, what it may do, and how much of the workspace exists for it. */
export type Caller = {
  readonly workspaceId: string;
  readonly keyId: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Only these agents and their conversations. */
  readonly agentIds?: ReadonlySet<string>;
  /** When the key ends by itself, in milliseconds since 1970. */
  readonly expiresAt?: number;
  /** Only this conversation. */
  readonly conversationId?: ConversationId;
};

/**
 * The narrowest caller that a route serves. `conversation`: also one of a single conversation, since the URL names it. `agents`:
 * also one of certain agents; lists show only theirs. `workspace`: nobody who is narrowed.
 */
export type Reach = 'conversation' | 'agents' | 'workspace';

const OF_CONVERSATION = refuse('narrowed_key', {
  message: 'This token is for the messages and the log of one conversation; use an API key here.',
});
const OF_AGENTS = refuse('narrowed_key', { message: 'This API key is restricted to certain agents; use one of the whole workspace here.' });

/** Why a route that serves callers of this reach does not serve this one. What it does serve is looked up within the caller's own. */
export function reachRefusal(caller: Caller, reach: Reach): Refusal | undefined {
  if (caller.conversationId !== undefined && reach !== 'conversation') return OF_CONVERSATION;
  return caller.agentIds !== undefined && reach === 'workspace' ? OF_AGENTS : undefined;
}

/** Why a caller may not: it needs any one of `anyOf`. */
export function scopeRefusal(caller: Caller, anyOf: readonly Scope[]): Refusal | undefined {
  if (anyOf.some((scope) => caller.scopes.has(scope))) return undefined;
  const needed = anyOf.join(' or ');
  return refuse('missing_scope', { message: `This API key lacks the scope ${needed}; use a key that has it.`, extra: { scope: anyOf[0] } });
}

/** Whether an agent of the caller's workspace exists for it. */
export const reachesAgent = ({ agentIds }: Caller, agentId: string): boolean => agentIds === undefined || agentIds.has(agentId);

/** The agents that a list or a count is about which asks for `agentId`, or for all: `undefined` where all is the workspace's. */
export function agentsWithin(caller: Caller, agentId: string | undefined): readonly string[] | undefined {
  if (agentId === undefined) return caller.agentIds && [...caller.agentIds];
  return reachesAgent(caller, agentId) ? [agentId] : [];
}

/** The caller of a route that asks for a key. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === undefined) throw AppError.of('missing_api_key');
  return request.caller;
}
