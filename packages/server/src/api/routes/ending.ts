import { AppError, type ConversationId, type EndedState, type Refusal } from '@backchannel/protocol';
import { readEndBody } from '@backchannel/protocol/convai';
import type { FastifyInstance } from 'fastify';
import { awaitEnd } from '../../routing/await-end.js';
import { type Api, BASE } from '../api.js';
import { ask } from '../ask.js';
import { callerOf } from '../caller.js';
import { fingerprint } from '../fingerprint.js';
import { idempotencyKeyOf } from '../idempotency-key.js';
import type { Made } from '../idempotent-posts.js';
import { sendJson } from '../json-reply.js';
import { DELETE_CONVERSATION, END_CONVERSATION } from '../operations/conversations.js';
import { bodyOf } from '../request-body.js';
import { reusedKey } from '../reused-key.js';

type OneConversation = { Params: { conversation_id: string } };

const PATH = `${BASE}/conversations/:conversation_id`;
const END = {
  config: { policy: { anyOf: ['messages:write'], reach: 'conversation', countsItself: true }, operation: END_CONVERSATION },
} as const;
const ERASE = { config: { policy: { anyOf: ['messages:write'], reach: 'agents' }, operation: DELETE_CONVERSATION } } as const;

/** Ending a conversation, and erasing it. Both answer when the end is durable, so whoever waits has heard of it. */
export function endingRoutes(app: FastifyInstance, api: Api): void {
  app.post<OneConversation>(`${PATH}/end`, END, async (request, reply) => {
    const { conversation_id: id } = request.params;
    await api.owners.demand(callerOf(request), id);
    const route = `POST ${BASE}/conversations/${id}/end`;
    const key = idempotencyKeyOf(request);
    // None is the same as an empty one.
    const body = bodyOf(request) ?? {};
    return api.posts.answer(request, reply, route, body, async () => {
      // Messages keep their keys with the conversation.
      const reused = key === undefined ? undefined : await reusedKey(api, id, key, fingerprint(route, body));
      return reused ?? made(api, id, body);
    });
  });

  app.delete<OneConversation>(PATH, ERASE, async (request, reply) => {
    const { conversation_id: id } = request.params;
    await api.owners.demand(callerOf(request), id);
    await end(api, id, 'deleted', undefined);
    await api.store.conversations.erase(id);
    api.owners.forget(id);
    return sendJson(reply, 200, {});
  });
}

async function made(api: Api, id: ConversationId, body: unknown): Promise<Made> {
  const read = readEndBody(body);
  if (!read.ok) return read;
  const { ended_at, reason, status, last_seq } = await end(api, id, 'ended_by_api', read.message);
  return { ok: true, status: 200, body: JSON.stringify({ conversation_id: id, status, ended_at, reason, last_seq }) };
}

/** The end, whoever brought it about: this request or an earlier one. */
async function end(api: Api, id: string, reason: 'ended_by_api' | 'deleted', message: string | undefined): Promise<EndedState> {
  const answer = await ask(api, id, { type: 'conversation.end', reason, ...(message === undefined ? {} : { message }) });
  if (!answer.ok) return endedBefore(api, id, answer);
  if (answer.ended !== undefined) return answer.ended;
  const ended = await awaitEnd(api.router, id, answer.cursor, {
    timeout: { ms: api.limits.acknowledgeMs, clock: api.clock },
    signal: api.stopping,
  });
  if (ended === undefined) throw AppError.of('unavailable');
  return ended;
}

/** Where nobody is left who could answer for it, the store knows how it ended. */
async function endedBefore(api: Api, id: string, refusal: Refusal): Promise<EndedState> {
  const row = refusal.code === 'conversation_ended' ? await api.store.conversations.get(id) : undefined;
  if (row?.endedAt === undefined) throw new AppError(refusal);
  const { endReason = '', endStatus = 'done', lastSeq } = row;
  return { ended_at: new Date(row.endedAt).toISOString(), reason: endReason, status: endStatus, last_seq: lastSeq };
}
