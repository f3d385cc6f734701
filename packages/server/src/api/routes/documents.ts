import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Api } from '../api.js';
import { asyncapiOf } from '../documents/asyncapi.js';
import { openapiOf } from '../documents/openapi.js';
import { docsPage, PAGE_POLICY } from '../documents/page.js';
import { productVersion } from '../documents/product-version.js';
import { GET_ASYNCAPI, GET_DOCS, GET_OPENAPI } from '../operations/server.js';
import { JSON_TYPE } from '../refusal-reply.js';

const OPEN = { open: true } as const;

/** What this server offers, for people and for programs. Made when first asked for: most servers are never asked. */
export function documentRoutes(app: FastifyInstance, api: Api): void {
  const openapi = once(() => openapiOf(api.routes, productVersion()));
  const asyncapi = once(() => asyncapiOf(productVersion()));
  const openapiText = once(() => JSON.stringify(openapi()));
  const asyncapiText = once(() => JSON.stringify(asyncapi()));
  const page = once(() => docsPage(openapi(), asyncapi()));

  app.get('/openapi.json', { config: { policy: OPEN, operation: GET_OPENAPI } }, (_request, reply) => sendDocument(reply, openapiText()));
  app.get('/asyncapi.json', { config: { policy: OPEN, operation: GET_ASYNCAPI } }, (_request, reply) =>
    sendDocument(reply, asyncapiText()),
  );
  app.get('/docs', { config: { policy: OPEN, operation: GET_DOCS } }, (_request, reply) =>
    reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', PAGE_POLICY)
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
      .send(page()),
  );
}

function sendDocument(reply: FastifyReply, text: string): FastifyReply {
  return reply.header('content-type', JSON_TYPE).send(text);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
