import type { FastifyReply } from 'fastify';
import { JSON_TYPE } from './refusal-reply.js';

/** Answers with a value as JSON; the value is ours, so no schema looks at it again. */
export function sendJson(reply: FastifyReply, status: number, value: object): FastifyReply {
  return reply.code(status).header('content-type', JSON_TYPE).send(JSON.stringify(value));
}
