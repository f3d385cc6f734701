import type { Clock } from './clock.js';

const TICK_MS = 250;
const STALL_MS = 1_000;
/** What setTimeout takes; anything longer fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export type SystemClockOptions = {
  /** Told once a stall how long it was, in milliseconds. */
  readonly onStall?: (ms: number) => void;
  /** A longer silence of our own loop is a stall. */
  readonly stallMs?: number;
};

export type SystemClock = Clock & {
  /** Stops watching the loop. Alarms that are set still ring. */
  close(): void;
};

/**
 * The clock of a running process. `mono()` stands still from the last moment at which our own loop was seen running
 * until, after a stall of over 1 s (SIGSTOP, a debugger, a long computation), the sockets have been read once: so
 * nobody is judged by what lay unread meanwhile. Alarms keep no process alive, sockets and the store do.
 */
export function createSystemClock({ onStall = () => {}, stallMs = STALL_MS }: SystemClockOptions = {}): SystemClock {
  return new LoopClock(onStall, stallMs);
}

class LoopClock implements SystemClock {
  readonly #onStall: (ms: number) => void;
  readonly #stallMs: number;
  readonly #ticker = setInterval(() => this.#tick(), TICK_MS).unref();
  #seenRunning = performance.now();
  /** What `mono()` told last: after a stall it goes on from there, so it never steps back either. */
  #told = performance.now();
  #skipped = 0;
  #standing = false;

  constructor(onStall: (ms: number) => void, stallMs: number) {
    this.#onStall = onStall;
    this.#stallMs = stallMs;
  }

  wall(): number {
    return Date.now();
  }

  mono(): number {
    const now = performance.now();
    // Whoever asks first after a stall may come before the ticker, so each call looks for itself.
    if (this.#standing || now - this.#seenRunning > this.#stallMs) {
      this.#standing = true;
      return this.#told;
    }
    this.#told = now - this.#skipped;
    return this.#told;
  }

  alarm(at: number, ring: () => void): () => void {
    const alarm = new Alarm(this, at, ring);
    return () => alarm.cancel();
  }

  close(): void {
    clearInterval(this.#ticker);
  }

  #tick(): void {
    const now = performance.now();
    const lag = now - this.#seenRunning;
    if (lag > this.#stallMs) {
      this.#standing = true;
      this.#onStall(lag);
      // Timers run before sockets are read, immediates after.
      setImmediate(() => this.#goOn());
    } else {
      this.mono();
    }
    this.#seenRunning = now;
  }

  #goOn(): void {
    this.#seenRunning = performance.now();
    this.#skipped = this.#seenRunning - this.#told;
    this.#standing = false;
  }
}

/** Counts on `mono()`, which Node's timers don't know: one that fires too soon, as after a stall, is set again. */
class Alarm {
  #timer: NodeJS.Timeout;

  constructor(
    readonly clock: Clock,
    readonly at: number,
    readonly ring: () => void,
  ) {
    this.#timer = this.#set();
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }

  #set(): NodeJS.Timeout {
    const left = Math.ceil(this.at - this.clock.mono());
    return setTimeout(look, Math.min(Math.max(left, 1), LONGEST_TIMER_MS), this).unref();
  }

  look(): void {
    if (this.at - this.clock.mono() < 1) this.ring();
    else this.#timer = this.#set();
  }
}

const look = (alarm: Alarm): void => alarm.look();
