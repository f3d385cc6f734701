import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { refuse } from '@backchannel/protocol';
import { lastWords } from '../lib/last-words.js';
import { JSON_TYPE, renderRefusal } from './refusal-reply.js';

/** Every header that an upgrade's refusal may owe: the version that is spoken here, and the method. */
const HEADERS = 'connection: close\r\nsec-websocket-version: 13\r\nallow: GET';

/** Answers an upgrade to what is no socket here, in the words of every other refusal, and ends its connection within `goodbyeMs`. */
export const refuseNoSocket = (line: Duplex, goodbyeMs: number): void => answer(line, 404, refuse('route_not_found'), goodbyeMs);

/** The same for an upgrade that breaks the rules of WebSockets; `why` is what the library says about it. */
export function refuseUpgrade(why: string, line: Duplex, goodbyeMs: number): void {
  if (why === 'Invalid HTTP method')
    answer(line, 405, refuse('method_not_allowed', { message: 'A WebSocket begins with GET.' }), goodbyeMs);
  else answer(line, 400, refuse('invalid_request', { message: `${why}: open the URL with a WebSocket client of version 13.` }), goodbyeMs);
}

function answer(line: Duplex, status: number, refusal: ReturnType<typeof refuse>, goodbyeMs: number): void {
  const { body } = renderRefusal(refusal, 'none');
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: ${JSON_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${HEADERS}`;
  lastWords(line, `${head}\r\n\r\n${body}`, goodbyeMs);
}
