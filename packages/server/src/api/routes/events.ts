import { type ConversationEvent, type ConversationId, type Cursor, cursorOf, parseCursor, refuse } from '@backchannel/protocol';
import { EventsQuery } from '@backchannel/protocol/convai';
import type { FastifyInstance } from 'fastify';
import { type Api, BASE } from '../api.js';
import { callerOf } from '../caller.js';
import { sendJson } from '../json-reply.js';
import { LIST_EVENTS } from '../operations/conversations.js';
import { sendRefusal } from '../refusal-reply.js';
import { checkedQuery } from '../request-body.js';

/** The log as plain pages. A cursor that is not (any more) one of this log is said so, and the page begins at seq 1. */
export function eventRoutes(app: FastifyInstance, api: Api): void {
  app.get<{ Params: { conversation_id: string } }>(
    `${BASE}/conversations/:conversation_id/events`,
    { config: { policy: { anyOf: ['conversations:read'], reach: 'conversation' }, operation: LIST_EVENTS } },
    async (request, reply) => {
      const { conversation_id: id } = request.params;
      await api.owners.demand(callerOf(request), id);
      const { after, limit } = checkedQuery(EventsQuery, request);
      const place = after === undefined ? undefined : parseCursor(after);
      if (after !== undefined && place === undefined) return sendRefusal(reply, refuse('invalid_cursor', { param: 'after' }));
      const page = await readPage(api, id, place, limit);
      // Only an erased conversation has no events at all.
      return page === undefined ? sendRefusal(reply, refuse('conversation_not_found')) : sendJson(reply, 200, page);
    },
  );
}

type EventPage = {
  readonly events: readonly ConversationEvent[];
  readonly cursor: Cursor;
  readonly has_more: boolean;
  readonly recovered?: false;
};

async function readPage(
  api: Api,
  id: ConversationId,
  after: { epoch: number; seq: number } | undefined,
  limit: number,
): Promise<EventPage | undefined> {
  // One more in front: the entry that the cursor names, whose epoch has to fit. One more behind: is there more?
  const read = await api.store.read(id, Math.max(0, (after?.seq ?? 0) - 1), limit + 2);
  const [named, ...rest] = read;
  if (after !== undefined && named !== undefined && named.seq === after.seq && named.epoch === after.epoch)
    return pageOf(rest, limit, cursorOf(named));
  const events = after === undefined ? read : await api.store.read(id, 0, limit + 1);
  const [first] = events;
  if (first === undefined) return undefined;
  const page = pageOf(events, limit, cursorOf(first));
  return after === undefined ? page : { ...page, recovered: false };
}

/** An empty page repeats the cursor that it was asked for. */
function pageOf(events: readonly ConversationEvent[], limit: number, cursor: Cursor): EventPage {
  const shown = events.slice(0, limit);
  const last = shown.at(-1);
  return { events: shown, cursor: last === undefined ? cursor : cursorOf(last), has_more: events.length > shown.length };
}
