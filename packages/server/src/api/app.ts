import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { AppError, ERRORS, type ErrorCode, refuse } from '@backchannel/protocol';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type HTTPMethods } from 'fastify';
import type { Log } from '../lib/log.js';
import { Tally } from '../lib/tally.js';
import type { Api } from './api.js';
import type { ApiParts } from './api-parts.js';
import { KeyRing } from './auth.js';
import { lettingGoOf } from './connections.js';
import { ConversationOwners } from './conversation-owners.js';
import { answerPreflights, nameReaders, pagesFrom } from './cors.js';
import { guardOf } from './guard.js';
import { IdempotentPosts } from './idempotent-posts.js';
import { requireDescriptions } from './operation.js';
import { UnderWay } from './pending.js';
import { type Policy, requirePolicies } from './policy.js';
import { pathPrefix, withoutPrefix } from './public-url.js';
import { RateLimit } from './rates.js';
import { refusalOf, sendRefusal } from './refusal-reply.js';
import { allRoutes } from './routes/all-routes.js';
import { refuseUnreadable } from './unreadable.js';

/** Room for an id of any length, so that a wrong id is always answered as a wrong id. */
const MAX_PARAM_LENGTH = 16_384;
/** A signed URL's user_id and app_metadata travel URL-encoded: three bytes for one. */
const MAX_HEADER_BYTES = 32_768;

/** What routes take is checked by zod. Fastify's own compilers, which are loaded unless others are named, are a good part of a start. */
function compilesNothing(): never {
  throw new Error('A route has a schema of fastify, which nothing here compiles: check what it takes with zod.');
}

/**
 * The REST door. It listens when it is told to; `app.server` also carries the WebSocket upgrades. Closing it
 * answers whoever waits with what is known, and new requests with `server_stopping`.
 */
export function createApp(parts: ApiParts): FastifyInstance {
  const { clock, limits, config, store, log } = parts;
  const stopping = new AbortController();
  // Every request that waits listens to it.
  setMaxListeners(0, stopping.signal);
  const keyRate = new RateLimit(config.rates.perKey, clock);
  const prefix = pathPrefix(config.publicUrl);
  const app = fastify({
    logger: false,
    ...(prefix === '' ? {} : { rewriteUrl: ({ url = '/' }: IncomingMessage) => withoutPrefix(url, prefix) }),
    bodyLimit: limits.maxBodyBytes,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionTimeout: limits.stalledMs,
    http: { headersTimeout: limits.requestHeadMs, connectionsCheckingInterval: limits.httpCheckMs, maxHeaderSize: MAX_HEADER_BYTES },
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    return503OnClosing: false,
    schemaController: { compilersFactory: { buildValidator: compilesNothing, buildSerializer: compilesNothing } },
    genReqId: requestIds(),
    frameworkErrors: (error, _request, reply) => sendRefusal(reply, refusalOf(error) ?? refuse('invalid_request')),
    clientErrorHandler: (error, socket) => refuseUnreadable(error, socket, limits.goodbyeMs),
  });
  app.decorateRequest('caller', undefined);
  app.decorateReply('refusal', undefined);
  app.decorate('onRefusal', notingWhoMayNot(log));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('preParsing', (request, _reply, payload, done) => done(isEncoded(request) ? ENCODED : null, payload));
  app.setErrorHandler((error, request, reply) => {
    const refusal = refusalOf(error);
    if (refusal === undefined) log.error({ err: error, request_id: request.id, route: request.routeOptions.url }, 'a request failed');
    return sendRefusal(reply, refusal ?? refuse('internal'));
  });
  app.setNotFoundHandler((_request, reply) => sendRefusal(reply, refuse('route_not_found')));
  const letGo = lettingGoOf(app.server);
  app.addHook('preClose', (done) => {
    stopping.abort();
    letGo();
    done();
  });

  const pageOf = pagesFrom(config.corsOrigins);
  nameReaders(app, pageOf);
  requirePolicies(
    app,
    guardOf({
      keys: new KeyRing({ keys: store.keys, ends: parts.keyEnds, clock, log }),
      tokens: parts.tokens,
      keyRate,
      stopping: stopping.signal,
    }),
  );
  const policies = policiesByUrl(app);
  const api: Api = {
    ...parts,
    owners: new ConversationOwners(store, parts.liveHere),
    posts: new IdempotentPosts({ stored: store.replays, clock, limits, secret: parts.signingSecret, keyRate }),
    keyRate,
    conversationRate: new RateLimit(config.rates.perConversation, clock),
    openRate: new RateLimit(limits.openPerSec, clock),
    feedbackRate: new RateLimit(limits.openPerConversation, clock),
    pageRate: new RateLimit(limits.pagesPerSec, clock),
    keyedSends: new UnderWay(),
    sends: { accepted: 0, refused: 0, refusedByCode: new Tally() },
    stopping: stopping.signal,
    routes: requireDescriptions(app),
  };
  for (const routes of allRoutes) routes(app, api);
  answerPreflights(app, policies, pageOf);
  refuseOtherMethods(app, policies);
  return app;
}

/** Who may not, at `debug`: by route and id of the key, never by what was sent. */
function notingWhoMayNot(log: Log): (reply: FastifyReply, code: ErrorCode) => void {
  return ({ request }, code) => {
    const { http } = ERRORS[code];
    if (http !== 401 && http !== 403) return;
    const { method, routeOptions, id, caller } = request;
    log.debug({ code, method, route: routeOptions.url, request_id: id, key_id: caller?.keyId }, 'a request was refused');
  };
}

/** A small body that unpacks to a large one is not unpacked at all. */
const ENCODED = AppError.of('unsupported_media_type', { message: 'Send the body as it is, without Content-Encoding.' });

function isEncoded({ headers }: FastifyRequest): boolean {
  const encoding = headers['content-encoding'];
  return encoding !== undefined && encoding.toLowerCase() !== 'identity';
}

/** Unique across restarts, cheap within one. */
function requestIds(): () => string {
  const boot = randomBytes(6).toString('hex');
  let count = 0;
  return () => `req_${boot}${(count++).toString(36).padStart(6, '0')}`;
}

/** What exists: the policy of each method of each URL. */
function policiesByUrl(app: FastifyInstance): Map<string, Map<string, Policy | undefined>> {
  const policies = new Map<string, Map<string, Policy | undefined>>();
  app.addHook('onRoute', ({ url, method, config }) => {
    const known = policies.get(url) ?? new Map<string, Policy | undefined>();
    for (const name of [method].flat()) if (name !== 'OPTIONS') known.set(name, config?.policy);
    policies.set(url, known);
  });
  return policies;
}

/** 405 with the methods that exist, where the URL does. */
function refuseOtherMethods(app: FastifyInstance, policies: ReadonlyMap<string, ReadonlyMap<string, unknown>>): void {
  const all: HTTPMethods[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
  for (const [url, known] of [...policies]) {
    const allow = [...known.keys()].join(', ');
    app.route({
      url,
      method: all.filter((method) => !known.has(method)),
      config: { policy: { open: true }, noOperation: 'says which methods there are' },
      // Before the body is read: whatever it holds does not matter.
      onRequest: (_request, reply) => {
        sendRefusal(reply.header('allow', allow), refuse('method_not_allowed', { message: `This route exists with ${allow}.` }));
      },
      handler: (_request, reply) => reply,
    });
  }
}
