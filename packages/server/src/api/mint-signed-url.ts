import { randomPart } from '@backchannel/protocol';
import { type SignedClaims, sign } from '../lib/signature.js';
import { type Api, BASE } from './api.js';

/** A URL at `origin` that lets a client in: signed, with an id of its own, for 15 minutes. */
export function mintSignedUrl(api: Api, origin: string, named: Omit<SignedClaims, 'id' | 'expiresAt'>): string {
  const claims: SignedClaims = { id: randomPart(), ...named, expiresAt: api.clock.wall() + api.limits.signedUrlMs };
  const query = new URLSearchParams({ agent_id: claims.agentId });
  if (claims.conversationId !== undefined) query.set('conversation_id', claims.conversationId);
  query.set('conversation_signature', sign(api.signingSecret, claims));
  return `${origin}${BASE}/conversation?${query}`;
}
