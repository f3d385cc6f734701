import type { Refusal } from '@backchannel/protocol';
import { hashKey } from '../lib/api-key.js';
import type { Clock } from '../lib/clock.js';
import type { Log } from '../lib/log.js';
import type { KeyStore } from '../store/store.js';
import type { Caller } from './caller.js';
import type { KeyEnds } from './key-ends.js';
import { callerOfKey, EXPIRED, REVOKED } from './key-standing.js';

type Known<T> = { readonly answer: T; readonly at: number };

/** A revoked key is refused within 5 s, so no answer of the store is believed for longer. */
const BELIEVED_MS = 4_000;
/** Good and bad keys are remembered apart: whoever guesses keys cannot push the good ones out. */
const MAX_REMEMBERED = 1_000;
/** How exactly it is known when a key was last used. */
const USE_NOTED_MS = 60_000;

type Parts = {
  readonly keys: Pick<KeyStore, 'byHash' | 'noteUse'>;
  readonly ends: Pick<KeyEnds, 'has'>;
  readonly clock: Clock;
  readonly log: Log;
};

/**
 * Finds out whose key it is. A good key is found by itself, since hashing it would cost more than all the rest of
 * looking at it; what a stranger sent is remembered by its hash only. Neither is ever written anywhere.
 */
export class KeyRing {
  /** By key. */
  private readonly good = new Map<string, Known<Caller>>();
  /** By hash. */
  private readonly bad = new Map<string, Known<Refusal>>();

  constructor(private readonly parts: Parts) {}

  /** At once when the key was asked about a moment ago. A refusal for one that is unknown, expired or revoked. */
  callerOf(key: string): Caller | Refusal | Promise<Caller | Refusal> {
    const good = this.good.get(key);
    if (good !== undefined && this.isBelieved(good)) return this.standing(good.answer);
    const hash = hashKey(key);
    const bad = this.bad.get(hash);
    return bad !== undefined && this.isBelieved(bad) ? bad.answer : this.ask(key, hash);
  }

  /** Of a key that was good a moment ago. */
  private standing(caller: Caller): Caller | Refusal {
    if (this.parts.ends.has(caller.keyId)) return REVOKED;
    return caller.expiresAt !== undefined && caller.expiresAt <= this.parts.clock.wall() ? EXPIRED : caller;
  }

  private isBelieved({ at }: Known<unknown>): boolean {
    return this.parts.clock.mono() - at < BELIEVED_MS;
  }

  private async ask(key: string, hash: string): Promise<Caller | Refusal> {
    const { keys, clock } = this.parts;
    // The answer is as old as the question.
    const at = clock.mono();
    const row = await keys.byHash(hash);
    const answer = callerOfKey(row, clock.wall());
    this.good.delete(key);
    this.bad.delete(hash);
    if ('ok' in answer) {
      remember(this.bad, hash, { answer, at });
      return answer;
    }
    remember(this.good, key, { answer, at });
    this.noteUse(answer.keyId, row?.lastUsedAt);
    return this.standing(answer);
  }

  /** Behind the request's back, which does not depend on it. */
  private noteUse(keyId: string, before: number | undefined): void {
    const { keys, clock, log } = this.parts;
    const now = clock.wall();
    if (before !== undefined && Math.abs(now - before) < USE_NOTED_MS) return;
    keys.noteUse(keyId, now).catch((error: unknown) => log.debug({ err: error, key_id: keyId }, 'the use of a key could not be noted'));
  }
}

function remember<T>(into: Map<string, Known<T>>, name: string, known: Known<T>): void {
  into.set(name, known);
  if (into.size <= MAX_REMEMBERED) return;
  for (const oldest of into.keys()) {
    into.delete(oldest);
    return;
  }
}
