import { AppError } from '@backchannel/protocol';
import type { FastifyRequest } from 'fastify';

const VISIBLE_ASCII = /^[\x21-\x7e]{1,255}$/;

/** The request's Idempotency-Key, `undefined` when it has none. Sent twice, it arrives joined by a blank and is refused. */
export function idempotencyKeyOf(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !VISIBLE_ASCII.test(key)) throw AppError.of('idempotency_key_invalid', { param: 'Idempotency-Key' });
  return key;
}
