import type { ConversationId, Cursor, EndedState } from '@backchannel/protocol';
import { awaitEvent, type Until } from './await-event.js';
import type { Router } from './router-port.js';

/**
 * The end that follows behind `after`, once it is durable; `undefined` when that did not happen in time, was
 * given up by `signal`, or the conversation was erased before it was seen. Rejects when the log cannot be read.
 */
export async function awaitEnd(router: Router, id: ConversationId, after: Cursor, until?: Until): Promise<EndedState | undefined> {
  let ended: EndedState | undefined;
  await awaitEvent(
    router,
    id,
    after,
    (event) => {
      if (event.type !== 'conversation.ended') return false;
      ended = { ended_at: event.time, reason: event.reason, status: event.status, last_seq: event.seq };
      return true;
    },
    until,
  );
  return ended;
}
