import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * What a signed URL says: `base64url(json).base64url(HMAC-SHA256)`, with node:crypto (2.5 µs; an async WebCrypto
 * check costs a hundred times that). A signature is a credential: it never reaches a log.
 */
export type SignedClaims = {
  /** The URL's own id: one that names a conversation is spent by its first join. */
  readonly id: string;
  readonly agentId: string;
  readonly workspaceId: string;
  readonly conversationId?: string;
  readonly join?: 'resume' | 'attach';
  readonly userId?: string;
  readonly appMetadata?: Readonly<Record<string, string | number | boolean>>;
  /** Milliseconds since 1970 on the server's wall clock. */
  readonly expiresAt: number;
};

export type Verified =
  | { readonly ok: true; readonly claims: SignedClaims }
  | { readonly ok: false; readonly reason: 'invalid' | 'expired' };

const LEEWAY_MS = 30_000;

const mac = (secret: string, body: string): Buffer => createHmac('sha256', secret).update(body).digest();

export function sign(secret: string, claims: SignedClaims): string {
  const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${body}.${mac(secret, body).toString('base64url')}`;
}

/** Checks signature and expiry (30 s leeway); whether it was spent is for the conversation to know. */
export function verify(secret: string, token: string, wallMs: number, decode: (text: string) => unknown): Verified {
  const dot = token.indexOf('.');
  const body = token.slice(0, dot);
  // As text: the decoder takes several texts for the same bytes, and only one of them was minted.
  const given = Buffer.from(token.slice(dot + 1));
  const expected = Buffer.from(mac(secret, body).toString('base64url'));
  if (dot < 1 || given.length !== expected.length || !timingSafeEqual(given, expected)) return { ok: false, reason: 'invalid' };
  // We signed it, so its shape is ours.
  const claims = decode(Buffer.from(body, 'base64url').toString()) as SignedClaims;
  return claims.expiresAt + LEEWAY_MS < wallMs ? { ok: false, reason: 'expired' } : { ok: true, claims };
}
