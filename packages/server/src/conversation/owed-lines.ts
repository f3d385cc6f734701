import type { ConversationEvent } from '@backchannel/protocol';
import type { EventStore } from './event-store.js';
import type { ConversationRecord } from './record.js';

const PAGE = 256;

/**
 * The record keeps only the seqs of owed lines; this reads the lines. A line that is not durable yet is not
 * found, and the caller looks again once it is.
 */
export async function readOwedLines(store: EventStore, record: Readonly<ConversationRecord>): Promise<ConversationEvent[]> {
  const wanted = new Set(record.owed.map((line) => line.seq));
  const lines: ConversationEvent[] = [];
  let after = Math.min(...wanted) - 1;
  while (lines.length < wanted.size && after < record.seq) {
    const page = await store.read(record.conversationId, after, PAGE);
    for (const event of page) if (wanted.has(event.seq)) lines.push(event);
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.seq;
  }
  return lines;
}
