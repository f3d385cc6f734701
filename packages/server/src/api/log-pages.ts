import type { ConversationEvent, ConversationId } from '@backchannel/protocol';
import type { Store } from '../store/store.js';

const PAGE = 500;

/** The stored events behind `after`, page by page: a long conversation is never in memory as a whole. */
export async function* logPages(log: Pick<Store, 'read'>, id: ConversationId, after: number): AsyncGenerator<readonly ConversationEvent[]> {
  for (let last = after; ; ) {
    const page = await log.read(id, last, PAGE);
    yield page;
    const end = page.at(-1);
    if (end === undefined || page.length < PAGE) return;
    last = end.seq;
  }
}
