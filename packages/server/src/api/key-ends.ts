import type { Clock } from '../lib/clock.js';

/** A key as far as its end is concerned; `expiresAt` in milliseconds since 1970. */
export type EndingKey = { readonly keyId: string; readonly expiresAt?: number };
export type WhyEnded = 'api_key_expired' | 'api_key_revoked';

/** An alarm is set no further ahead than this, in milliseconds: the wall clock, which expiry is about, may be set meanwhile. */
const LOOK_AGAIN_MS = 60_000;

/** Tells whoever is in the middle of something on behalf of a key that the key has come to its end: it was revoked here, or has expired. */
export class KeyEnds {
  private readonly ended = new Set<string>();
  private readonly told = new Map<string, Set<(why: WhyEnded) => void>>();

  constructor(private readonly clock: Clock) {}

  /** True for a key that was revoked here, whatever the store said a moment ago. */
  has(keyId: string): boolean {
    return this.ended.has(keyId);
  }

  /** Calls `tell` once, when the key ends; at once for one that has been revoked. Returns what takes that back. */
  await({ keyId, expiresAt }: EndingKey, tell: (why: WhyEnded) => void): () => void {
    if (this.ended.has(keyId)) {
      tell('api_key_revoked');
      return () => {};
    }
    const waiting = this.told.get(keyId) ?? new Set();
    this.told.set(keyId, waiting);
    let cancel = (): void => {};
    const stop = (): void => {
      cancel();
      waiting.delete(once);
      if (waiting.size === 0 && this.told.get(keyId) === waiting) this.told.delete(keyId);
    };
    const once = (why: WhyEnded): void => {
      stop();
      tell(why);
    };
    waiting.add(once);
    const look = (): void => {
      if (expiresAt === undefined) return;
      const left = expiresAt - this.clock.wall();
      if (left <= 0) once('api_key_expired');
      else cancel = this.clock.alarm(this.clock.mono() + Math.min(left, LOOK_AGAIN_MS), look);
    };
    look();
    return stop;
  }

  /** The key was revoked. */
  revoked(keyId: string): void {
    this.ended.add(keyId);
    for (const tell of [...(this.told.get(keyId) ?? [])]) tell('api_key_revoked');
  }
}
