import { randomPart } from '@backchannel/protocol';
import type { Clock } from '../lib/clock.js';
import type { Stamp } from './state.js';

/** The time and the chance of one decision: fixed when it begins, written out only when an event or an id asks for it. */
export class FreshStamp implements Stamp {
  readonly wall: number;
  readonly mono: number;
  private written: string | undefined;
  private drawn: string | undefined;

  constructor(clock: Clock) {
    this.wall = clock.wall();
    this.mono = clock.mono();
  }

  get time(): string {
    this.written ??= new Date(this.wall).toISOString();
    return this.written;
  }

  get random(): string {
    this.drawn ??= randomPart();
    return this.drawn;
  }
}
