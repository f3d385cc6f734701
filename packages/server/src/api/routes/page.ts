import { refuse } from '@backchannel/protocol';
import type { FastifyInstance } from 'fastify';
import type { Api } from '../api.js';
import { GET_PAGE, GET_PAGE_PART } from '../operations/page.js';
import { readPageFiles } from '../page-files.js';
import { withPageHeaders } from '../page-headers.js';
import { sendRefusal } from '../refusal-reply.js';

const PAGE = { config: { policy: { open: true }, operation: GET_PAGE } } as const;
const PART = { config: { policy: { open: true }, operation: GET_PAGE_PART } } as const;
const A_YEAR = 'public, max-age=31536000, immutable';
const NOT_BUILT = `The page has not been built here: stop the server and run npm start, which builds it.
Everything else works without it: the API is at /v1/convai, and the README has the commands.
`;

/** The page at `/` and what it loads. Parts have a hash in their name and are kept by browsers; the page itself is asked for anew. */
export function pageRoutes(app: FastifyInstance, api: Api): void {
  const files = readPageFiles(api.page.folder);

  app.get('/', PAGE, (_request, reply) => {
    withPageHeaders(reply).header('cache-control', 'no-cache');
    if (files === undefined) return reply.code(503).header('content-type', 'text/plain; charset=utf-8').send(NOT_BUILT);
    return reply.header('content-type', 'text/html; charset=utf-8').send(files.index);
  });

  app.get<{ Params: { part: string } }>('/assets/:part', PART, (request, reply) => {
    const file = files?.assets.get(request.params.part);
    if (file === undefined) return sendRefusal(reply, refuse('route_not_found'));
    return withPageHeaders(reply).header('cache-control', A_YEAR).header('content-type', file.type).send(file.body);
  });
}
