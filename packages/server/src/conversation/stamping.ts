import { randomPart } from '@backchannel/protocol';
import type { Clock } from '../lib/clock.js';
import type { Stamp } from './state.js';

/** The time and the chance of one decision: fixed when it begins, written out only when an event or an id asks for it. */
export class FreshStamp implements Stamp {
  readonly wall: number;
  readonly mono: number;
  private written: string | undefined;
  private drawn: string | undefined;

  constructor(
    clock: Clock,
    private readonly writer: TimeWriter,
  ) {
    this.wall = clock.wall();
    this.mono = clock.mono();
  }

  get time(): string {
    this.written ??= this.writer.at(this.wall);
    return this.written;
  }

  get random(): string {
    this.drawn ??= randomPart();
    return this.drawn;
  }
}

/** Writes times as RFC 3339. On a busy node many decisions fall into one millisecond, and writing is dear. */
export class TimeWriter {
  private wall = Number.NaN;
  private text = '';

  at(wall: number): string {
    if (wall !== this.wall) {
      this.wall = wall;
      this.text = new Date(wall).toISOString();
    }
    return this.text;
  }
}
