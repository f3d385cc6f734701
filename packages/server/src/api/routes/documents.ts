import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Api } from '../api.js';
import { openapiOf } from '../documents/openapi.js';
import { productVersion } from '../documents/product-version.js';
import { GET_OPENAPI } from '../operations/server.js';
import { JSON_TYPE } from '../refusal-reply.js';

const OPEN = { open: true } as const;

/** What this server offers, for people and for programs. Made when first asked for: most servers are never asked. */
export function documentRoutes(app: FastifyInstance, api: Api): void {
  const openapi = once(() => JSON.stringify(openapiOf(api.routes, productVersion())));
  app.get('/openapi.json', { config: { policy: OPEN, operation: GET_OPENAPI } }, (_request, reply) => sendText(reply, openapi()));
}

function sendText(reply: FastifyReply, text: string): FastifyReply {
  return reply.header('content-type', JSON_TYPE).send(text);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
