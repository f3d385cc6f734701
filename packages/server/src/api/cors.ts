import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Policy } from './policy.js';

const LOOPBACK = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/;
const EXPOSED = 'retry-after, idempotent-replayed';
/** Ours, and those that ElevenLabs' own SDK puts on every request. */
const REQUEST_HEADERS = [
  'content-type, xi-api-key, authorization, idempotency-key',
  'x-fern-language, x-fern-sdk-name, x-fern-sdk-version, x-fern-runtime, x-fern-runtime-version',
].join(', ');
/** The longest that Chromium believes a preflight. */
const PREFLIGHT_SECS = '7200';

/** The page's origin, when that page may read the answer of a route with this policy. */
export type PageOf = (request: FastifyRequest, policy: Policy | undefined) => string | undefined;

/**
 * Which pages may use the API: every one what official clients call from a browser without a key, those on loopback
 * and of `corsOrigins` the rest. Cookies are never asked for, so a page can do nothing without a key of its own.
 */
export function pagesFrom(corsOrigins: readonly string[]): PageOf {
  const listed = new Set(corsOrigins);
  return ({ headers: { origin } }, policy) => {
    if (origin === undefined) return undefined;
    const fromAnyPage = policy !== undefined && 'fromAnyPage' in policy;
    return fromAnyPage || listed.has(origin) || LOOPBACK.test(origin) ? origin : undefined;
  };
}

/** Every answer says which page may read it: in front of all guards, because a page must be able to read why it was refused. */
export function nameReaders(app: FastifyInstance, pageOf: PageOf): void {
  app.addHook('onRequest', (request, reply, done) => {
    // A preflight asks about another method than its own.
    const page = request.method === 'OPTIONS' ? undefined : pageOf(request, request.routeOptions.config.policy);
    reply.header('vary', 'origin');
    if (page !== undefined) reply.header('access-control-allow-origin', page).header('access-control-expose-headers', EXPOSED);
    done();
  });
}

/** Answers what a browser asks before it sends JSON or a key; whoever else asks is told the methods that exist. */
export function answerPreflights(
  app: FastifyInstance,
  policies: ReadonlyMap<string, ReadonlyMap<string, Policy | undefined>>,
  pageOf: PageOf,
): void {
  for (const [url, known] of [...policies]) {
    const byMethod = new Map(known);
    const methods = [...byMethod.keys()].join(', ');
    app.options(url, {
      config: { policy: { open: true }, noOperation: 'a preflight of the others' },
      // Before the body is read: there should be none.
      onRequest: (request, reply) => {
        const wanted = request.headers['access-control-request-method'];
        const page = wanted === undefined ? undefined : pageOf(request, byMethod.get(wanted));
        if (page !== undefined) {
          reply.header('access-control-allow-origin', page);
          reply.header('access-control-allow-methods', methods);
          reply.header('access-control-allow-headers', REQUEST_HEADERS);
          reply.header('access-control-max-age', PREFLIGHT_SECS);
        }
        reply.header('allow', methods).code(204).send();
      },
      handler: (_request, reply) => reply,
    });
  }
}
