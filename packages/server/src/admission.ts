import { parseOwn, type Refusal, refuse } from '@backchannel/protocol';
import { allowedHost, type FullAgentConfig, hostOfOrigin } from '@backchannel/protocol/convai';
import { type Caller, reachesAgent, scopeRefusal } from './api/caller.js';
import { callerOfKey } from './api/key-standing.js';
import type { JoinRequest } from './conversation/joining.js';
import { hashKey } from './lib/api-key.js';
import type { Clock } from './lib/clock.js';
import { type SignedClaims, verify } from './lib/signature.js';
import type { AgentRow, Store } from './store/store.js';

/** By what a client was let in. */
export type Credential =
  | { readonly method: 'public' }
  | { readonly method: 'authorization_header'; readonly caller: Caller }
  | { readonly method: 'signed_url'; readonly claims: SignedClaims };

type Parts = { readonly store: Pick<Store, 'keys'>; readonly signingSecret: string; readonly clock: Clock };

/** What a key needs to open a conversation: as much as to send a user's line into one. */
export const OPENS_BY_KEY = ['messages:write'] as const;

/** Who asks: by a signature, by a key in the header, or nobody in particular. */
export async function authenticate({ store, signingSecret, clock }: Parts, request: JoinRequest): Promise<Credential | Refusal> {
  if (request.signature !== undefined) {
    const verified = verify(signingSecret, request.signature, clock.wall(), parseOwn);
    if (!verified.ok) return refuse(verified.reason === 'expired' ? 'signed_url_expired' : 'signed_url_invalid');
    if (request.agentId !== undefined && request.agentId !== verified.claims.agentId) return refuse('signed_url_invalid');
    return { method: 'signed_url', claims: verified.claims };
  }
  if (request.apiKey === undefined) return { method: 'public' };
  const caller = callerOfKey(await store.keys.byHash(hashKey(request.apiKey)), clock.wall());
  if ('ok' in caller) return caller;
  return scopeRefusal(caller, OPENS_BY_KEY) ?? { method: 'authorization_header', caller };
}

/** Anybody may ask for an agent by its id; a credential is good for the agents that it reaches. */
export function mayUse(credential: Credential, { workspaceId, agentId }: AgentRow): boolean {
  if (credential.method === 'public') return true;
  if (credential.method === 'signed_url') return workspaceId === credential.claims.workspaceId;
  return workspaceId === credential.caller.workspaceId && reachesAgent(credential.caller, agentId);
}

/** A private agent wants a signature or a key; an allowlist binds whoever has neither. */
export function whyNotIn(
  { origin }: Pick<JoinRequest, 'origin'>,
  credential: Credential,
  config: Pick<FullAgentConfig, 'platform_settings'>,
): Refusal | undefined {
  if (credential.method !== 'public') return undefined;
  const { enable_auth, allowlist, require_origin_header } = config.platform_settings.auth;
  if (enable_auth) return refuse('authorization_required');
  if (allowlist.length === 0 && !require_origin_header) return undefined;
  if (origin === undefined) return refuse('origin_not_allowed', { message: 'no Origin header; come with a signed URL or an API key.' });
  if (allowlist.length === 0) return undefined;
  const host = hostOfOrigin(origin);
  if (host !== undefined && allowlist.some(({ hostname }) => hostname === host)) return undefined;
  // What no list may hold, such as a name with a dot at its end, cannot be added either.
  const listable = host !== undefined && allowedHost(host) === host;
  const fix = listable ? `add ${host} to the agent’s allowlist.` : 'come with a signed URL or an API key.';
  return refuse('origin_not_allowed', { message: `${origin}; ${fix}` });
}
