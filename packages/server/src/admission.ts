import { createHash } from 'node:crypto';
import { parseOwn, type Refusal, refuse } from '@backchannel/protocol';
import { allowedHost, type FullAgentConfig, hostOfOrigin } from '@backchannel/protocol/convai';
import type { JoinRequest } from './conversation/joining.js';
import type { Clock } from './lib/clock.js';
import { type SignedClaims, verify } from './lib/signature.js';
import type { AgentRow, Store } from './store/store.js';

/** By what a client was let in. */
export type Credential =
  | { readonly method: 'public' }
  | { readonly method: 'authorization_header'; readonly workspaceId: string }
  | { readonly method: 'signed_url'; readonly claims: SignedClaims };

type Parts = { readonly store: Pick<Store, 'keys'>; readonly signingSecret: string; readonly clock: Clock };

/** Who asks: by a signature, by a key in the header, or nobody in particular. */
export async function authenticate({ store, signingSecret, clock }: Parts, request: JoinRequest): Promise<Credential | Refusal> {
  if (request.signature !== undefined) {
    const verified = verify(signingSecret, request.signature, clock.wall(), parseOwn);
    if (!verified.ok) return refuse(verified.reason === 'expired' ? 'signed_url_expired' : 'signed_url_invalid');
    if (request.agentId !== undefined && request.agentId !== verified.claims.agentId) return refuse('signed_url_invalid');
    return { method: 'signed_url', claims: verified.claims };
  }
  if (request.apiKey === undefined) return { method: 'public' };
  const key = await store.keys.byHash(createHash('sha256').update(request.apiKey).digest('hex'));
  return key === undefined ? refuse('invalid_api_key') : { method: 'authorization_header', workspaceId: key.workspaceId };
}

/** Anybody may ask for an agent by its id; a credential is good for the agents of its workspace. */
export const mayUse = (credential: Credential, agent: AgentRow): boolean =>
  credential.method === 'public' ||
  agent.workspaceId === (credential.method === 'signed_url' ? credential.claims.workspaceId : credential.workspaceId);

/** A private agent wants a signature or a key; an allowlist binds whoever has neither. */
export function whyNotIn(
  { origin }: Pick<JoinRequest, 'origin'>,
  credential: Credential,
  config: Pick<FullAgentConfig, 'platform_settings'>,
): Refusal | undefined {
  if (credential.method !== 'public') return undefined;
  const { enable_auth, allowlist } = config.platform_settings.auth;
  if (enable_auth) return refuse('authorization_required');
  if (allowlist.length === 0) return undefined;
  if (origin === undefined) return refuse('origin_not_allowed', { message: 'no Origin header; come with a signed URL or an API key.' });
  const host = hostOfOrigin(origin);
  if (host !== undefined && allowlist.some(({ hostname }) => hostname === host)) return undefined;
  // What no list may hold, such as a name with a dot at its end, cannot be added either.
  const listable = host !== undefined && allowedHost(host) === host;
  const fix = listable ? `add ${host} to the agent’s allowlist.` : 'come with a signed URL or an API key.';
  return refuse('origin_not_allowed', { message: `${origin}; ${fix}` });
}
