import { hash as digest } from 'node:crypto';
import { AppError, type Refusal, refuse } from '@backchannel/protocol';
import type { FastifyRequest } from 'fastify';
import type { Clock } from '../lib/clock.js';
import type { KeyStore } from '../store/store.js';
import { grantedScopes, type Scope } from './scopes.js';

/** Whose key a request came with, and what it may do. */
export type Caller = { readonly workspaceId: string; readonly keyId: string; readonly scopes: ReadonlySet<Scope> };

type Known = { readonly caller: Caller | undefined; readonly at: number };

/** A revoked key is refused within 5 s, so no answer of the store is believed for longer. */
const BELIEVED_MS = 4_000;
/** Good and bad keys are remembered apart: whoever guesses keys cannot push the good ones out. */
const MAX_REMEMBERED = 1_000;

/** Finds out whose key it is. The key is hashed first; neither the key nor its hash is kept anywhere else. */
export class KeyRing {
  private readonly good = new Map<string, Known>();
  private readonly bad = new Map<string, Known>();

  constructor(
    private readonly keys: KeyStore,
    private readonly clock: Clock,
  ) {}

  /** At once when the key was asked about a moment ago. `undefined`: no such key. */
  callerOf(key: string): Caller | undefined | Promise<Caller | undefined> {
    const hash = digest('sha256', key);
    const known = this.good.get(hash) ?? this.bad.get(hash);
    if (known !== undefined && this.clock.mono() - known.at < BELIEVED_MS) return known.caller;
    return this.ask(hash);
  }

  private async ask(hash: string): Promise<Caller | undefined> {
    // The answer is as old as the question.
    const at = this.clock.mono();
    const row = await this.keys.byHash(hash);
    const caller = row && { workspaceId: row.workspaceId, keyId: row.keyId, scopes: grantedScopes(row.scopes) };
    this.good.delete(hash);
    this.bad.delete(hash);
    remember(caller === undefined ? this.bad : this.good, hash, { caller, at });
    return caller;
  }
}

function remember(into: Map<string, Known>, hash: string, known: Known): void {
  into.set(hash, known);
  if (into.size <= MAX_REMEMBERED) return;
  for (const oldest of into.keys()) {
    into.delete(oldest);
    return;
  }
}

/** Why a caller may not: it needs any one of `anyOf`. */
export function scopeRefusal(caller: Caller, anyOf: readonly Scope[]): Refusal | undefined {
  if (anyOf.some((scope) => caller.scopes.has(scope))) return undefined;
  const needed = anyOf.join(' or ');
  return refuse('missing_scope', { message: `This API key lacks the scope ${needed}; use a key that has it.`, extra: { scope: anyOf[0] } });
}

/** The caller of a route that asks for a key. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === undefined) throw AppError.of('missing_api_key');
  return request.caller;
}
