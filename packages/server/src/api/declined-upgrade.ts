import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** What belongs to the offer and not to the request. */
const OF_THE_OFFER = /^(connection|upgrade|http2-settings)$/i;

/**
 * True for a request that offers another protocol than WebSocket and would go on without it, as Java's client offers
 * HTTP/2 (`h2c`) with its first request. A server may ignore such an offer (RFC 9110, 7.8).
 */
export const offersSomethingElse = (request: IncomingMessage): boolean => request.headers.upgrade?.toLowerCase() !== 'websocket';

/**
 * Serves a request as if it had offered nothing: Node takes every offer for an upgrade once somebody listens for
 * upgrades, so the request goes back onto its connection without the offer and is read again. Whoever sends a second
 * offer before the answer to the first, which no client does, is not answered again.
 */
export function declineUpgrade(server: Server, request: IncomingMessage, line: Duplex, rest: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  let head = `${method} ${url} HTTP/${httpVersion}\r\n`;
  // Of the connection's options, only this one concerns the request.
  if (/(^|[\s,])close([\s,]|$)/i.test(request.headers.connection ?? '')) head += 'Connection: close\r\n';
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (!OF_THE_OFFER.test(name)) head += `${name}: ${rawHeaders[i + 1]}\r\n`;
  }
  // Node reads the bytes of a head as Latin-1, each byte a character.
  line.unshift(Buffer.concat([Buffer.from(`${head}\r\n`, 'latin1'), rest]));
  server.emit('connection', line);
}
