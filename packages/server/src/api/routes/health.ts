import type { FastifyInstance } from 'fastify';
import type { Api } from '../api.js';
import { sendJson } from '../json-reply.js';
import { METRICS_TYPE, metricsText } from '../metrics.js';
import { GET_HEALTH, GET_METRICS, GET_READINESS } from '../operations/server.js';

const OPEN = { open: true } as const;

/** Alive, and able to acknowledge: what a load balancer asks. In numbers: what a monitoring system collects. */
export function healthRoutes(app: FastifyInstance, api: Api): void {
  app.get('/healthz', { config: { policy: OPEN, operation: GET_HEALTH } }, (_request, reply) => sendJson(reply, 200, { status: 'ok' }));
  app.get('/readyz', { config: { policy: OPEN, operation: GET_READINESS } }, (_request, reply) => {
    const { ok, store } = api.ready();
    return sendJson(reply, ok ? 200 : 503, { status: ok ? 'ok' : 'unavailable', store });
  });
  app.get('/metrics', { config: { policy: OPEN, operation: GET_METRICS } }, async (_request, reply) => {
    const connections = await new Promise<number>((resolve) => app.server.getConnections((_never, count) => resolve(count)));
    return reply.header('content-type', METRICS_TYPE).send(metricsText(api.numbers(), api.sends, connections));
  });
}
