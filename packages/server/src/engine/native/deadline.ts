import type { Clock } from '../../lib/clock.js';

/**
 * One deadline that moves with every piece of a reply, on one alarm: a later deadline leaves the alarm where
 * it is, and the alarm looks again when it rings. So a piece costs no timer.
 */
export class Deadline {
  private at = Number.POSITIVE_INFINITY;
  private armedAt = Number.POSITIVE_INFINITY;
  private disarm: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly missed: () => void,
  ) {}

  /** From now on, in milliseconds of the monotonic clock. */
  set(ms: number): void {
    this.at = this.clock.mono() + ms;
    if (this.at < this.armedAt) this.arm();
  }

  clear(): void {
    this.at = Number.POSITIVE_INFINITY;
    this.armedAt = Number.POSITIVE_INFINITY;
    this.disarm?.();
    this.disarm = undefined;
  }

  private arm(): void {
    this.disarm?.();
    this.armedAt = this.at;
    this.disarm = this.clock.alarm(this.at, () => this.ring());
  }

  private ring(): void {
    this.armedAt = Number.POSITIVE_INFINITY;
    this.disarm = undefined;
    if (this.at === Number.POSITIVE_INFINITY) return;
    if (this.clock.mono() >= this.at) this.missed();
    else this.arm();
  }
}
