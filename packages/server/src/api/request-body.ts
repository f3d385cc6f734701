import { isUtf8 } from 'node:buffer';
import { AppError, parseJson } from '@backchannel/protocol';
import { readBy } from '@backchannel/protocol/convai';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';

/** The parsed body, `undefined` when none was sent. Bodies are kept as bytes until a route asks for them. */
export function bodyOf(request: FastifyRequest): unknown {
  const { body } = request;
  if (!Buffer.isBuffer(body) || body.length === 0) return undefined;
  if (!isUtf8(body)) throw AppError.of('malformed_json', { message: 'The body is not valid UTF-8; send application/json in UTF-8.' });
  const parsed = parseJson(body.toString());
  if (!parsed.ok) throw AppError.of('malformed_json', { message: `The body is not valid JSON (${parsed.reason}); send application/json.` });
  return parsed.value;
}

/** A parsed body by its schema; every field that is not as it should be is named in the refusal. */
export function checkedBody<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const read = readBy(schema, body);
  if (!read.ok) throw new AppError(read);
  return read.value;
}

export function checkedQuery<S extends z.ZodType>(schema: S, request: FastifyRequest): z.output<S> {
  const read = readBy(schema, request.query, 'query');
  if (!read.ok) throw new AppError(read);
  return read.value;
}
