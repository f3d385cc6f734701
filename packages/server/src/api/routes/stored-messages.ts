import { AppError, isBadEnd, type Receipt, refuse } from '@backchannel/protocol';
import { ListMessagesQuery } from '@backchannel/protocol/convai';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Api, BASE } from '../api.js';
import { ask } from '../ask.js';
import { callerOf } from '../caller.js';
import { sendJson } from '../json-reply.js';
import { messageAnswer, messageTimeline } from '../message-answer.js';
import { CANCEL_MESSAGE, GET_MESSAGE, LIST_MESSAGES } from '../operations/messages.js';
import { readReceipt, readReceipts } from '../read-receipt.js';
import { sendRefusal } from '../refusal-reply.js';
import { checkedQuery } from '../request-body.js';

type OneMessage = { Params: { conversation_id: string; message_id: string } };

const PATH = `${BASE}/conversations/:conversation_id/messages`;
/** Whoever may send a message may ask what became of it. */
const READ = { anyOf: ['conversations:read', 'messages:write', 'messages:speak'], reach: 'conversation' } as const;
const CANCEL = {
  config: { policy: { anyOf: ['messages:write', 'messages:speak'], reach: 'conversation' }, operation: CANCEL_MESSAGE },
} as const;

/** What became of messages: one with its timeline, all of them in pages, and taking one back. */
export function storedMessageRoutes(app: FastifyInstance, api: Api): void {
  app.get<OneMessage>(`${PATH}/:message_id`, { config: { policy: READ, operation: GET_MESSAGE } }, async (request, reply) => {
    const receipt = await demandReceipt(api, request);
    return sendJson(reply, 200, messageTimeline(request.params.conversation_id, receipt));
  });

  app.get<{ Params: { conversation_id: string } }>(PATH, { config: { policy: READ, operation: LIST_MESSAGES } }, async (request, reply) => {
    const { conversation_id: id } = request.params;
    await api.owners.demand(callerOf(request), id);
    const { page_size, cursor, status } = checkedQuery(ListMessagesQuery, request);
    // The cursor is the seq of the last message of the page before.
    if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) return sendRefusal(reply, refuse('invalid_cursor', { param: 'cursor' }));
    const receipts = await readReceipts(api.store, id, Number(cursor ?? 0), page_size + 1, status);
    const shown = receipts.slice(0, page_size);
    const more = receipts.length > shown.length;
    return sendJson(reply, 200, {
      messages: shown.map((receipt) => messageAnswer(id, receipt)),
      has_more: more,
      next_cursor: more ? String(shown.at(-1)?.seq) : null,
    });
  });

  app.delete<OneMessage>(`${PATH}/:message_id`, CANCEL, async (request, reply) => {
    const { conversation_id: id, message_id } = request.params;
    const before = await demandReceipt(api, request);
    if (before.status === 'cancelled') return sendJson(reply, 200, messageAnswer(id, before));
    const answer = await ask(api, id, { type: 'message.cancel', message_id });
    if (!answer.ok && answer.code !== 'already_applied') return sendRefusal(reply, answer);
    const now = await demandReceipt(api, request);
    if (answer.ok || now.status === 'cancelled') return sendJson(reply, 200, messageAnswer(id, now));
    return sendRefusal(reply, isBadEnd(now.status) ? { ...answer, message: endedOtherwise(now) } : answer);
  });
}

function endedOtherwise({ status, timeline }: Receipt): string {
  const reason = timeline.at(-1)?.reason;
  return `The message has already ended: ${status}${reason === undefined ? '' : ` (${reason})`}; there is nothing left to take back.`;
}

async function demandReceipt(api: Api, request: FastifyRequest<OneMessage>) {
  const { conversation_id: id, message_id } = request.params;
  await api.owners.demand(callerOf(request), id);
  const receipt = await readReceipt(api.store, id, message_id);
  if (receipt === undefined) throw AppError.of('message_not_found');
  return receipt;
}
