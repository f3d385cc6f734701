import { AppError, refuse } from '@backchannel/protocol';
import { SignedUrlQuery } from '@backchannel/protocol/convai';
import type { FastifyInstance } from 'fastify';
import type { SignedClaims } from '../../lib/signature.js';
import { type Api, BASE } from '../api.js';
import { ask } from '../ask.js';
import { type Caller, callerOf, reachesAgent } from '../caller.js';
import { sendJson } from '../json-reply.js';
import { mintSignedUrl } from '../mint-signed-url.js';
import { GET_SIGNED_URL, GET_SIGNED_URL_BEFORE } from '../operations/signed-urls.js';
import { within } from '../pending.js';
import { socketOrigin } from '../public-url.js';
import { sendRefusal } from '../refusal-reply.js';
import { checkedQuery } from '../request-body.js';

/** ElevenLabs' path, and the older one that some of its clients still use. */
const PATHS = { 'get-signed-url': GET_SIGNED_URL, get_signed_url: GET_SIGNED_URL_BEFORE };
const MINT = { anyOf: ['tokens:mint'], reach: 'agents' } as const;

/** Mints the URL with which a client opens, or comes back to, a conversation: 15 minutes to start. */
export function signedUrlRoutes(app: FastifyInstance, api: Api): void {
  for (const [path, operation] of Object.entries(PATHS)) {
    app.get(`${BASE}/conversation/${path}`, { config: { policy: MINT, operation } }, async (request, reply) => {
      const query = checkedQuery(SignedUrlQuery, request);
      const caller = callerOf(request);
      const origin = socketOrigin(api.config, request.headers.host);
      if (origin === undefined) return sendRefusal(reply, refuse('public_url_missing'));
      const conversationId = await conversationOf(api, caller, query);
      const url = mintSignedUrl(api, origin, claimsOf(caller, query, conversationId));
      return sendJson(reply, 200, { signed_url: url, ...(conversationId === undefined ? {} : { conversation_id: conversationId }) });
    });
  }
}

/** The conversation that the URL names: one that is there, a new one, or none. */
async function conversationOf(api: Api, caller: Caller, query: SignedUrlQuery): Promise<string | undefined> {
  const { agent_id, conversation_id, include_conversation_id, user_id, app_metadata, join } = query;
  const expiresInMs = api.limits.signedUrlMs;
  if (conversation_id !== undefined) {
    await api.owners.demand(caller, conversation_id);
    const answer = await ask(api, conversation_id, { type: 'signed_url.mint', agent_id, expires_in_ms: expiresInMs });
    if (!answer.ok) throw new AppError(answer);
    return conversation_id;
  }
  // Looked up only here: conversations that are there outlive their agent.
  const agent = await api.store.agents.get(agent_id);
  if (agent?.workspaceId !== caller.workspaceId || !reachesAgent(caller, agent_id))
    throw AppError.of('agent_not_found', { param: 'agent_id' });
  if (join !== undefined) {
    const msg = 'join says how to come back to a conversation: add conversation_id, or leave join out.';
    throw AppError.of('invalid_request', { problems: [{ loc: ['query', 'join'], msg, type: 'value_error' }] });
  }
  if (!include_conversation_id) return undefined;
  const making = api.createConversation({
    workspaceId: caller.workspaceId,
    agentId: agent_id,
    begun: 'signed_url',
    expiresInMs,
    ...(user_id === undefined ? {} : { userId: user_id }),
    ...(app_metadata === undefined ? {} : { appMetadata: app_metadata }),
  });
  const made = await within(api.clock, api.limits.acknowledgeMs, making, refuse('unavailable'));
  if (!made.ok) throw new AppError(made);
  return made.conversationId;
}

function claimsOf(caller: Caller, query: SignedUrlQuery, conversationId: string | undefined): Omit<SignedClaims, 'id' | 'expiresAt'> {
  const { agent_id, join, user_id, app_metadata } = query;
  return {
    agentId: agent_id,
    workspaceId: caller.workspaceId,
    ...(conversationId === undefined ? {} : { conversationId }),
    ...(join === undefined ? {} : { join }),
    ...(user_id === undefined ? {} : { userId: user_id }),
    ...(app_metadata === undefined ? {} : { appMetadata: app_metadata }),
  };
}
