import { type ConversationId, foldReceipt, type GoodLevel, type Receipt, waitIsOver } from '@backchannel/protocol';
import type { Clock } from '../lib/clock.js';
import { awaitEvent } from './await-event.js';
import type { Router } from './router-port.js';

/**
 * The receipt when `level` is reached or can no longer be, or as it is after `timeoutMs`, or when `signal` aborts.
 * Never rejects and never knows less than the `receipt` it was given: the message is accepted, whatever becomes of
 * the wait. The caller who hangs up cancels the wait and not the message.
 */
export async function awaitReceipt(
  router: Router,
  id: ConversationId,
  receipt: Receipt,
  level: GoodLevel,
  timeoutMs: number,
  clock: Clock,
  signal?: AbortSignal,
): Promise<Receipt> {
  if (waitIsOver(receipt, level) || timeoutMs <= 0) return receipt;
  // The log is read from the message on, and what the given receipt already holds must not count twice.
  const { reply: _, ...accepted } = receipt;
  let current: Receipt = { ...accepted, timeline: receipt.timeline.slice(0, 1), status: 'accepted', ended: false };
  try {
    await awaitEvent(
      router,
      id,
      receipt.cursor,
      (event) => {
        current = foldReceipt(current, event) ?? current;
        return waitIsOver(current, level);
      },
      { timeout: { ms: timeoutMs, clock }, signal },
    );
  } catch {
    // The log cannot be read now, which the router has logged; what is known of the message stays true.
  }
  return current.timeline.length < receipt.timeline.length ? receipt : current;
}
