import type { Clock } from './clock.js';

type Release = () => void | Promise<void>;

/**
 * A lifetime: whatever must be released when it is over, in reverse order. Scopes form a tree (server, conversation,
 * turn, call of a provider); closing one closes its children. `onError` is told what a release threw.
 */
export class Scope {
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  #held: Set<Release | Scope> | undefined;
  #controller: AbortController | undefined;
  #over: { readonly reason: unknown } | undefined;
  #closing: Promise<void> | undefined;

  constructor(clock: Clock, onError: (error: unknown) => void) {
    this.#clock = clock;
    this.#onError = onError;
  }

  get closed(): boolean {
    return this.#over !== undefined;
  }

  /** Aborted as soon as this scope, or one above it, begins to close. Made when first asked for. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#over) this.#controller.abort(this.#over.reason);
    return this.#controller.signal;
  }

  /** Calls `release` at the close, or at once when that has begun. Returns what takes it back. */
  defer(release: Release | Scope): () => void {
    this.#held ??= new Set();
    if (this.#over) void this.#release(release, Number.POSITIVE_INFINITY);
    else this.#held.add(release);
    return () => this.#held?.delete(release);
  }

  child(): Scope {
    const child = new Scope(this.#clock, this.#onError);
    const forget = this.defer(child);
    child.defer(() => forget());
    return child;
  }

  /**
   * Aborts every signal of this tree at once, then releases one after the other, last come first. After `deadlineMs`
   * what is left is released without being waited for. Never rejects; a second call waits for the first.
   */
  close(reason?: unknown, deadlineMs = Number.POSITIVE_INFINITY): Promise<void> {
    this.#abort(reason);
    this.#closing ??= this.#releaseAll(this.#clock.mono() + deadlineMs);
    return this.#closing;
  }

  #abort(reason: unknown): void {
    this.#over ??= { reason };
    this.#controller?.abort(this.#over.reason);
    for (const held of this.#held ?? []) if (held instanceof Scope) held.#abort(reason);
  }

  async #releaseAll(by: number): Promise<void> {
    let cancel = (): void => {};
    const deadline = new Promise<void>((resolve) => {
      if (by < Number.POSITIVE_INFINITY) cancel = this.#clock.alarm(by, resolve);
    });
    for (const held of [...(this.#held ?? [])].reverse()) await Promise.race([this.#release(held, by), deadline]);
    cancel();
  }

  async #release(held: Release | Scope, by: number): Promise<void> {
    try {
      await (held instanceof Scope ? held.close(this.#over?.reason, by - this.#clock.mono()) : held());
    } catch (error) {
      this.#onError(error);
    }
  }
}
