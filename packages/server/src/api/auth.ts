import { hash as digest } from 'node:crypto';
import type { Clock } from '../lib/clock.js';
import type { KeyStore } from '../store/store.js';
import type { Caller } from './caller.js';
import { grantedScopes } from './scopes.js';

type Known = { readonly caller: Caller | undefined; readonly at: number };

/** A revoked key is refused within 5 s, so no answer of the store is believed for longer. */
const BELIEVED_MS = 4_000;
/** Good and bad keys are remembered apart: whoever guesses keys cannot push the good ones out. */
const MAX_REMEMBERED = 1_000;

/**
 * Finds out whose key it is. A good key is found by itself, since hashing it would cost more than all the rest of
 * looking at it; what a stranger sent is remembered by its hash only. Neither is ever written anywhere.
 */
export class KeyRing {
  /** By key. */
  private readonly good = new Map<string, Known>();
  /** By hash. */
  private readonly bad = new Map<string, Known>();

  constructor(
    private readonly keys: KeyStore,
    private readonly clock: Clock,
  ) {}

  /** At once when the key was asked about a moment ago. `undefined`: no such key. */
  callerOf(key: string): Caller | undefined | Promise<Caller | undefined> {
    const good = this.good.get(key);
    if (good !== undefined && this.isBelieved(good)) return good.caller;
    const hash = digest('sha256', key);
    const bad = this.bad.get(hash);
    return bad !== undefined && this.isBelieved(bad) ? undefined : this.ask(key, hash);
  }

  private isBelieved({ at }: Known): boolean {
    return this.clock.mono() - at < BELIEVED_MS;
  }

  private async ask(key: string, hash: string): Promise<Caller | undefined> {
    // The answer is as old as the question.
    const at = this.clock.mono();
    const row = await this.keys.byHash(hash);
    const caller = row && { workspaceId: row.workspaceId, keyId: row.keyId, scopes: grantedScopes(row.scopes) };
    this.good.delete(key);
    this.bad.delete(hash);
    if (caller === undefined) remember(this.bad, hash, { caller, at });
    else remember(this.good, key, { caller, at });
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
