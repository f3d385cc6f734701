import type { ConversationEvent, ConversationId, Cursor } from '@backchannel/protocol';
import type { Clock } from '../lib/clock.js';
import { deadline } from '../lib/deadline.js';
import type { Router } from './router-port.js';

export type Until = {
  /** No longer than so many milliseconds; needs the clock that measures them. */
  readonly timeout?: { readonly ms: number; readonly clock: Clock };
  readonly signal?: AbortSignal | undefined;
};

/**
 * Shows `take` every event behind `after` until it says true, the conversation is over, time is up, or `signal`
 * aborts. Holds a place in the log and nothing else, and is released at once when it ends. Rejects when the log
 * cannot be read.
 */
export async function awaitEvent(
  router: Router,
  id: ConversationId,
  after: Cursor,
  take: (event: ConversationEvent) => boolean,
  { timeout, signal }: Until = {},
): Promise<void> {
  if (signal?.aborted) return;
  const entries = router.follow(id, after, { partials: false })[Symbol.asyncIterator]();
  let stop = (): void => {};
  // Beside the loop, since a store that does not answer must not hold up whoever stops waiting.
  const stopped = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
  });
  const cancel = timeout && deadline(timeout.clock, timeout.clock.mono() + timeout.ms, stop);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      const next = await Promise.race([entries.next(), stopped]);
      if (next === undefined || next.done) return;
      if ('event' in next.value && take(next.value.event)) return;
    }
  } finally {
    cancel?.();
    signal?.removeEventListener('abort', stop);
    // Not awaited: it settles when a read that is under way does.
    void entries.return?.();
  }
}
