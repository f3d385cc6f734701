import { createHmac } from 'node:crypto';
import { AppError, type ConversationId, parseOwn, randomPart, refuse } from '@backchannel/protocol';
import type { FastifyInstance } from 'fastify';
import { type SignedClaims, sign, verify } from '../../lib/signature.js';
import type { Api } from '../api.js';
import { ask } from '../ask.js';
import { sendJson } from '../json-reply.js';
import { mintSignedUrl } from '../mint-signed-url.js';
import { OPEN_PAGE_SESSION, PageSessionBody } from '../operations/page.js';
import { pageGuest } from '../page-guest.js';
import { within } from '../pending.js';
import { sendRefusal } from '../refusal-reply.js';
import { bodyOf, checkedBody } from '../request-body.js';

const OPEN = { config: { policy: { open: true }, operation: OPEN_PAGE_SESSION } } as const;
const DEMO = 'agent_demo';
const TOO_LATE = { message: 'The way back into that conversation is not known here, or no longer; begin a new one.', param: 'resume' };
/** As long as the demo agent's conversations may last. */
const RESUME_MS = 24 * 3_600_000;

type Guest = { readonly workspaceId: string; readonly conversationId: ConversationId };

/**
 * Gives our own page, in a browser on this machine, a conversation of the demo agent: a signed URL, and a token that reads and
 * writes this conversation alone. Tokens end with the process; `resume` is signed and brings the page back after a restart.
 */
export function pageSessionRoutes(app: FastifyInstance, api: Api): void {
  // Another purpose, another key: neither signature is ever taken for the other.
  const secret = createHmac('sha256', api.signingSecret).update('page/session').digest('base64url');

  app.post('/page/session', OPEN, async (request, reply) => {
    const guest = pageGuest(api.config, request.raw);
    if ('ok' in guest) return sendRefusal(reply, guest);
    const secs = api.pageRate.take('page');
    if (secs > 0) return sendRefusal(reply, refuse('rate_limited', { extra: { retry_after_secs: secs } }));
    const { resume } = checkedBody(PageSessionBody, bodyOf(request) ?? {});
    const claims = resume === undefined ? undefined : resumed(api, secret, resume);
    const { workspaceId, conversationId } = claims === undefined ? await begin(api) : await goOn(api, claims);
    const named = { agentId: DEMO, workspaceId, conversationId };
    return sendJson(reply.header('cache-control', 'no-store'), claims === undefined ? 201 : 200, {
      conversation_id: conversationId,
      signed_url: mintSignedUrl(api, guest.origin, claims === undefined ? named : { ...named, join: 'resume' }),
      token: api.tokens.mint(workspaceId, conversationId).token,
      resume: sign(secret, { id: randomPart(), ...named, expiresAt: api.clock.wall() + RESUME_MS }),
      api_key: api.page.key,
    });
  });
}

/** A new conversation, held until the page's client joins. */
async function begin(api: Api): Promise<Guest> {
  const agent = await api.store.agents.get(DEMO);
  if (agent === undefined) {
    const message = 'The page talks with agent_demo, which is not there any more; the API works without it.';
    throw AppError.of('agent_not_found', { message });
  }
  const { workspaceId } = agent;
  const expiresInMs = api.limits.signedUrlMs;
  const making = api.createConversation({ workspaceId, agentId: DEMO, begun: 'signed_url', expiresInMs });
  const made = await within(api.clock, api.limits.acknowledgeMs, making, refuse('unavailable'));
  if (!made.ok) throw new AppError(made);
  return { workspaceId, conversationId: made.conversationId };
}

function resumed(api: Api, secret: string, resume: string): SignedClaims {
  const read = verify(secret, resume, api.clock.wall(), parseOwn);
  if (!read.ok) throw AppError.of('invalid_token', TOO_LATE);
  return read.claims;
}

/** The conversation that the page had, unless it is over. */
async function goOn(api: Api, { workspaceId, conversationId }: SignedClaims): Promise<Guest> {
  if (conversationId === undefined) throw AppError.of('invalid_token', TOO_LATE);
  await api.owners.demand({ workspaceId, keyId: 'page', scopes: new Set(), conversationId }, conversationId);
  const minted = await ask(api, conversationId, { type: 'signed_url.mint', agent_id: DEMO, expires_in_ms: api.limits.signedUrlMs });
  if (!minted.ok) throw new AppError(minted);
  return { workspaceId, conversationId };
}
