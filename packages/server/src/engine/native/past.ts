import type { ConversationEvent } from '@backchannel/protocol';
import type { EngineHost } from '../../conversation/engine.js';

const FIRST_LIMIT = 512;
const MOST_EVENTS = 8_192;

/**
 * The end of the log, far enough back to fill a window of `bytes`, at most 8,192 events. Most of a log's
 * events hold no line, so one fixed number would be too few for short lines and too many for long ones.
 */
export async function readPast(host: EngineHost, bytes: number): Promise<ConversationEvent[]> {
  for (let limit = FIRST_LIMIT; ; limit *= 4) {
    const events = await host.history(limit);
    // Fewer than asked for is no sign of the beginning: what is not committed yet may have been counted.
    if ((events[0]?.seq ?? 1) === 1 || limit >= MOST_EVENTS || textBytes(events) >= bytes) return events;
  }
}

const textBytes = (events: readonly ConversationEvent[]): number =>
  events.reduce((sum, event) => (event.type === 'message.added' ? sum + Buffer.byteLength(event.text) : sum), 0);
