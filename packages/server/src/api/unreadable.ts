import type { Socket } from 'node:net';
import { refuse } from '@backchannel/protocol';
import { lastWords } from '../lib/last-words.js';
import { JSON_TYPE, renderRefusal } from './refusal-reply.js';

/**
 * What is not even HTTP, has headers over the limit or does not arrive in time: answered in the same words, then
 * closed within `goodbyeMs`. To be called for every error of a connection.
 */
export function refuseUnreadable(error: Error & { code?: string }, line: Socket, goodbyeMs: number): void {
  // What comes behind an answer that is on its way is another error of the same.
  if (line.writableEnded) return;
  if (!line.writable || error.code === 'ECONNRESET') {
    line.destroy(error);
    return;
  }
  const timedOut = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const message = timedOut
    ? 'The request did not arrive in time; send it at once.'
    : 'The request could not be read as HTTP/1.1, or its headers are too long.';
  const { body } = renderRefusal(refuse('invalid_request', { message }), 'none');
  const head = [
    `HTTP/1.1 ${timedOut ? '408 Request Timeout' : '400 Bad Request'}`,
    `content-type: ${JSON_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  lastWords(line, `${head.join('\r\n')}\r\n\r\n${body}`, goodbyeMs);
}
