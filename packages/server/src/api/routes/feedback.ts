import { AppError, type NamedCommand } from '@backchannel/protocol';
import { FeedbackBody } from '@backchannel/protocol/convai';
import type { FastifyInstance } from 'fastify';
import { type Api, BASE } from '../api.js';
import { sendJson } from '../json-reply.js';
import { GIVE_FEEDBACK } from '../operations/conversations.js';
import { bodyOf, checkedBody } from '../request-body.js';

const MAX_BODY_BYTES = 8_192;
/** Requests of all senders together share one bucket of this name. */
const EVERYBODY = '*';

/**
 * The official client posts feedback without a key. It can only be written, and every id gets the same answer, so
 * it tells nobody which conversations exist.
 */
export function feedbackRoutes(app: FastifyInstance, api: Api): void {
  app.post<{ Params: { conversation_id: string } }>(
    `${BASE}/conversations/:conversation_id/feedback`,
    { config: { policy: { open: true, fromAnyPage: true }, operation: GIVE_FEEDBACK }, bodyLimit: MAX_BODY_BYTES },
    async (request, reply) => {
      const { conversation_id: id } = request.params;
      const secs = api.openRate.take(EVERYBODY) || api.feedbackRate.take(id);
      if (secs > 0) throw AppError.of('rate_limited', { extra: { retry_after_secs: secs } });
      const { feedback, rating, comment } = checkedBody(FeedbackBody, bodyOf(request));
      const command: NamedCommand = {
        type: 'feedback.give',
        ...(feedback == null ? {} : { score: feedback }),
        ...(rating == null ? {} : { rating }),
        ...(comment == null ? {} : { comment }),
      };
      const answer = await api.router.send(id, command);
      // Unknown, malformed, ended for too long: nobody is told.
      if (!answer.ok && answer.code === 'unavailable') throw AppError.of('unavailable');
      return sendJson(reply, 200, {});
    },
  );
}
