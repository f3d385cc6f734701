import { type AnswerTo, AppError, type ConversationId, type Refusal, refuse, type SendMessage, waitIsOver } from '@backchannel/protocol';
import { toMessageRequest } from '@backchannel/protocol/convai';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { type Api, BASE } from '../api.js';
import { callerOf, scopeRefusal } from '../caller.js';
import { fingerprint } from '../fingerprint.js';
import { idempotencyKeyOf } from '../idempotency-key.js';
import { messageAnswer } from '../message-answer.js';
import { SEND_MESSAGE } from '../operations/messages.js';
import { within } from '../pending.js';
import { readReceipt } from '../read-receipt.js';
import { JSON_TYPE, sendRefusal } from '../refusal-reply.js';
import { bodyOf } from '../request-body.js';
import { NEVER, reusedKey } from '../reused-key.js';
import { SCOPE_OF_MESSAGE } from '../scopes.js';
import { waitForLevel } from '../wait-for-level.js';

type Send = { Params: { conversation_id: string } };

const PATH = `${BASE}/conversations/:conversation_id/messages`;
/** The type of the message decides which of these it is. The route counts by itself: a known key goes before the rate. */
const SEND = {
  config: {
    policy: { anyOf: ['messages:write', 'messages:speak', 'takeover:write'], reach: 'conversation', countsItself: true },
    operation: SEND_MESSAGE,
  },
} as const;

const NOT_FOUND = refuse('conversation_not_found');
const PENDING = refuse('idempotency_key_pending');

/**
 * Sending a message, the path that everything else is measured by: whose it is, what it asks, its owner's answer.
 * Nothing is checked twice and no schema sees the answer.
 */
export function messageRoutes(app: FastifyInstance, api: Api): void {
  const onResponse = (_request: unknown, reply: FastifyReply, done: () => void): void => {
    if (reply.statusCode >= 400) {
      api.sends.refused += 1;
      if (reply.refusal !== undefined) api.sends.refusedByCode.add(reply.refusal);
    } else if (!reply.hasHeader('idempotent-replayed')) api.sends.accepted += 1;
    done();
  };
  app.post<Send>(PATH, { ...SEND, onResponse }, async (request, reply) => {
    const caller = callerOf(request);
    const { conversation_id: id } = request.params;
    if (!(await api.owners.owns(caller, id))) return sendRefusal(reply, NOT_FOUND);
    const key = idempotencyKeyOf(request);
    const body = bodyOf(request);
    const asked = toMessageRequest(body);
    const print = key === undefined ? undefined : fingerprint(`POST ${PATH}`, body);
    if (!asked.ok) {
      const reused = key === undefined || print === undefined ? undefined : await reusedKey(api, id, key, print);
      return sendRefusal(reply, reused ?? asked);
    }
    const lacking = scopeRefusal(caller, [SCOPE_OF_MESSAGE[asked.request.type]]);
    if (lacking !== undefined) return sendRefusal(reply, lacking);

    const secs = api.keyRate.take(caller.keyId) || api.conversationRate.take(id);
    if (secs > 0 && key === undefined) return sendRefusal(reply, overRate(secs));
    const command: SendMessage = {
      type: 'message.send',
      message: secs > 0 ? { ...asked.request, if: NEVER } : asked.request,
      source: 'api',
      key_id: caller.keyId,
      ...(key === undefined || print === undefined ? undefined : { idempotency_key: key, fingerprint: print }),
    };
    const answer = await acknowledged(api, id, command);
    if (!answer.ok) return sendRefusal(reply, secs > 0 && answer.code === 'condition_not_met' ? overRate(secs) : answer);
    if (answer.replayed) reply.header('idempotent-replayed', 'true');
    const receipt = answer.receipt ?? (await readReceipt(api.store, id, answer.message_id));
    if (receipt === undefined) throw AppError.of('unavailable');

    const waits = asked.wait_for !== 'accepted';
    const current = waits && !waitIsOver(receipt, asked.wait_for) ? await waitForLevel(api, reply, id, receipt, asked) : receipt;
    reply.code(waits && waitIsOver(current, asked.wait_for) ? 200 : 202).header('content-type', JSON_TYPE);
    return reply.send(JSON.stringify(messageAnswer(id, current)));
  });
}

/** The owner's answer. Who comes second with a key, while the first is under way here, is not kept waiting for long. */
function acknowledged(api: Api, id: ConversationId, command: SendMessage): Promise<AnswerTo<SendMessage>> {
  const { idempotency_key: key } = command;
  if (key === undefined) return api.router.send(id, command);
  const name = `${id} ${key}`;
  const isRetry = api.keyedSends.has(name);
  const answer = api.keyedSends.during(name, api.router.send(id, command));
  return isRetry ? within(api.clock, api.limits.replayPendingMs, answer, PENDING) : answer;
}

const overRate = (secs: number): Refusal => refuse('rate_limited', { extra: { retry_after_secs: secs } });
