import type { ConversationEvent, ConversationId } from '@backchannel/protocol';
import type { EventStore } from '../conversation/event-store.js';

const PAGE = 1_000;

/** A whole log, page by page. */
export async function readLog(store: Pick<EventStore, 'read'>, id: ConversationId): Promise<ConversationEvent[]> {
  const events: ConversationEvent[] = [];
  for (;;) {
    const page = await store.read(id, events.at(-1)?.seq ?? 0, PAGE);
    events.push(...page);
    if (page.length < PAGE) return events;
  }
}
