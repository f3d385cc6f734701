import { AppError, type EndedState, type Refusal } from '@backchannel/protocol';
import { readEndBody } from '@backchannel/protocol/convai';
import type { FastifyInstance } from 'fastify';
import { awaitEnd } from '../../routing/await-end.js';
import { type Api, BASE } from '../api.js';
import { ask } from '../ask.js';
import { callerOf } from '../auth.js';
import { idempotencyKeyOf } from '../idempotency-key.js';
import { sendJson } from '../json-reply.js';
import { sendRefusal } from '../refusal-reply.js';
import { bodyOf } from '../request-body.js';

type OneConversation = { Params: { conversation_id: string } };

const PATH = `${BASE}/conversations/:conversation_id`;
const WRITE = { config: { policy: { anyOf: ['messages:write'] } } } as const;

/** Ending a conversation, and erasing it. Both answer when the end is durable, so whoever waits has heard of it. */
export function endingRoutes(app: FastifyInstance, api: Api): void {
  app.post<OneConversation>(`${PATH}/end`, WRITE, async (request, reply) => {
    const { conversation_id: id } = request.params;
    await api.owners.demand(callerOf(request).workspaceId, id);
    // Ending twice is ending once, so a key has nothing to add; a wrong one is still said to be wrong.
    idempotencyKeyOf(request);
    const body = readEndBody(bodyOf(request));
    if (!body.ok) return sendRefusal(reply, body);
    const ended = await end(api, id, 'ended_by_api', body.message);
    const { ended_at, reason, status, last_seq } = ended;
    return sendJson(reply, 200, { conversation_id: id, status, ended_at, reason, last_seq });
  });

  app.delete<OneConversation>(PATH, WRITE, async (request, reply) => {
    const { conversation_id: id } = request.params;
    await api.owners.demand(callerOf(request).workspaceId, id);
    await end(api, id, 'deleted', undefined);
    await api.store.conversations.erase(id);
    api.owners.forget(id);
    return sendJson(reply, 200, {});
  });
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
