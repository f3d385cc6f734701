import { z } from 'zod';
import type { Operation } from '../operation.js';

export const PageSessionBody = z.strictObject({
  /** The way back that came with the conversation that the page had. */
  resume: z.string().min(1).max(4_096).optional(),
});
const PageSessionAnswer = z.object({
  conversation_id: z.string(),
  signed_url: z.string(),
  token: z.string(),
  resume: z.string(),
  api_key: z.union([z.object({ file: z.string() }), z.object({ variable: z.string() })]),
});

export const GET_PAGE: Operation = {
  id: 'getPage',
  tag: 'server',
  summary: 'The page: a conversation to try, and what a backend can do about it',
  answers: {
    200: { description: 'The page.', contentType: 'text/html' },
    503: { description: 'It was not built.', contentType: 'text/plain' },
  },
};

export const GET_PAGE_PART: Operation = {
  id: 'getPagePart',
  tag: 'server',
  summary: 'What the page loads, by names that hold a hash of the content',
  answers: { 200: { description: 'It.', contentType: '*/*' } },
  errors: ['route_not_found'],
};

export const OPEN_PAGE_SESSION: Operation = {
  id: 'openPageSession',
  tag: 'server',
  summary: 'Give the server’s own page a conversation',
  description:
    'For the page at `/`, in a browser on the server’s own machine, and for nobody else. `token` reads and writes this conversation alone, ' +
    'until the process ends; `resume` brings the page back into it, also after a restart. `api_key` says where the reader finds the key.',
  body: { schema: PageSessionBody, optional: true },
  answers: {
    200: { description: 'The conversation that `resume` names.', schema: PageSessionAnswer },
    201: { description: 'A new conversation of the demo agent.', schema: PageSessionAnswer },
  },
  errors: ['page_only_local', 'rate_limited', 'agent_not_found', 'invalid_token', 'conversation_not_found', 'conversation_ended'],
};
