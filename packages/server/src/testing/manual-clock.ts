import type { Clock } from '../lib/clock.js';

type Alarm = { readonly at: number; readonly order: number; readonly ring: () => void };

/** Alarms that ring without time passing: more of them set each other without end, and a test would hang. */
const MOST_AT_ONCE = 10_000;

/** A clock that stands still until a test moves it. Both times are milliseconds. */
export class ManualClock implements Clock {
  #mono = 0;
  #wall: number;
  #orders = 0;
  readonly #alarms = new Set<Alarm>();

  constructor(wall = Date.parse('2030-01-01T00:00:00.000Z')) {
    this.#wall = wall;
  }

  wall(): number {
    return this.#wall;
  }

  mono(): number {
    return this.#mono;
  }

  alarm(at: number, ring: () => void): () => void {
    const alarm = { at, order: this.#orders++, ring };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }

  /** Lets `ms` pass and rings what is due on the way, earliest first, each at its own time. */
  advance(ms: number): void {
    const end = this.#mono + ms;
    let atOnce = 0;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      atOnce = next.at > this.#mono ? 0 : atOnce + 1;
      if (atOnce > MOST_AT_ONCE) throw new Error(`An alarm is set again and again for ${next.at}, which is over at ${this.#mono}.`);
      this.#alarms.delete(next);
      this.#pass(Math.max(0, next.at - this.#mono));
      next.ring();
    }
    this.#pass(end - this.#mono);
  }

  /** The wall clock is set, forward or back; the monotonic one does not notice. */
  stepWall(ms: number): void {
    this.#wall += ms;
  }

  /** How many alarms are set. */
  get pending(): number {
    return this.#alarms.size;
  }

  #pass(ms: number): void {
    this.#mono += ms;
    this.#wall += ms;
  }

  #next(end: number): Alarm | undefined {
    let next: Alarm | undefined;
    for (const alarm of this.#alarms) {
      if (alarm.at > end) continue;
      if (next === undefined || alarm.at < next.at || (alarm.at === next.at && alarm.order < next.order)) next = alarm;
    }
    return next;
  }
}
