import { type Refusal, refuse } from '@backchannel/protocol';
import type { KeyRow } from '../store/store.js';
import type { Caller } from './caller.js';
import { grantedScopes } from './scopes.js';

export const EXPIRED = refuse('api_key_expired');
export const REVOKED = refuse('api_key_revoked');
const INVALID = refuse('invalid_api_key');

/** Who a stored key stands for at `wall` (milliseconds since 1970), or why it is good for nothing. */
export function callerOfKey(row: KeyRow | undefined, wall: number): Caller | Refusal {
  if (row === undefined) return INVALID;
  if (row.revokedAt !== undefined) return REVOKED;
  if (row.expiresAt !== undefined && row.expiresAt <= wall) return EXPIRED;
  return {
    workspaceId: row.workspaceId,
    keyId: row.keyId,
    scopes: grantedScopes(row.scopes),
    ...(row.agentIds === undefined ? {} : { agentIds: new Set(row.agentIds) }),
    ...(row.expiresAt === undefined ? {} : { expiresAt: row.expiresAt }),
  };
}
