import type { Clock } from '../lib/clock.js';

/** Requests a second, or `off` for none counted. */
export type Rate = number | 'off';

const WINDOW_MS = 1_000;
/** Far below the smallest interval, far above what adding intervals loses. */
const ROUNDING_MS = 1e-6;

/**
 * A token bucket an id, of one second's tokens, kept as one number: when the bucket would be full again.
 * An id that was not seen for a second has a full bucket and is forgotten: two generations of at most
 * `maxIds` numbers each are all there is.
 */
export class RateLimit {
  private readonly intervalMs: number;
  private young = new Map<string, number>();
  private old = new Map<string, number>();
  private turnedAt = 0;

  constructor(
    rate: Rate,
    private readonly clock: Clock,
    private readonly maxIds = 50_000,
  ) {
    this.intervalMs = rate === 'off' ? 0 : WINDOW_MS / rate;
  }

  /** Takes one token. 0: go on; otherwise whole seconds to wait, and nothing was taken. */
  take(id: string): number {
    if (this.intervalMs === 0) return 0;
    const now = this.clock.mono();
    if (now - this.turnedAt >= WINDOW_MS || this.young.size >= this.maxIds) this.turn(now);
    const fullAt = Math.max(this.young.get(id) ?? this.old.get(id) ?? 0, now);
    const missing = fullAt - now + this.intervalMs - WINDOW_MS;
    if (missing > ROUNDING_MS) return Math.max(1, Math.ceil(missing / 1_000));
    this.young.set(id, fullAt + this.intervalMs);
    return 0;
  }

  /** How many ids stand in memory. */
  get remembered(): number {
    return this.young.size + this.old.size;
  }

  private turn(now: number): void {
    // What was last touched over a window ago stands in neither afterwards; its bucket is full.
    this.old = now - this.turnedAt >= 2 * WINDOW_MS ? new Map() : this.young;
    this.young = new Map();
    this.turnedAt = now;
  }
}
