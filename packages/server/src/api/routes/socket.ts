import { refuse } from '@backchannel/protocol';
import type { FastifyInstance } from 'fastify';
import { BASE } from '../api.js';
import { OPEN_SOCKET } from '../operations/signed-urls.js';
import { sendRefusal } from '../refusal-reply.js';

/** What comes to the conversation socket's path and is no upgrade: its proxy has dropped the header, or it never had one. */
export function socketRoutes(app: FastifyInstance): void {
  app.get(`${BASE}/conversation`, { config: { policy: { open: true }, operation: OPEN_SOCKET } }, (_request, reply) =>
    // RFC 9110 §15.5.22 asks for both.
    sendRefusal(reply.header('upgrade', 'websocket').header('connection', 'upgrade'), refuse('upgrade_required')),
  );
}
