import { refuse } from '@backchannel/protocol';
import type { FastifyInstance } from 'fastify';
import { BASE } from '../api.js';
import { GET_TOKEN } from '../operations/signed-urls.js';
import { sendRefusal } from '../refusal-reply.js';

/** Voice clients ask here before anything else, without a key; the refusal tells them which way there is. */
export function tokenRoutes(app: FastifyInstance): void {
  app.get(
    `${BASE}/conversation/token`,
    { config: { policy: { open: true, fromAnyPage: true }, operation: GET_TOKEN } },
    (_request, reply) => sendRefusal(reply, refuse('webrtc_not_enabled')),
  );
}
