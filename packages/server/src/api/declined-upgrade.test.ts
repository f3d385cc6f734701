import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { declineUpgrade, offersSomethingElse } from './declined-upgrade.js';

const OFFER = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABk\r\n';

/** A server that says what it got, and one connection to it. */
async function line() {
  const server = createServer(async (request, response) => {
    const body = await text(request);
    response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body }));
  });
  server.on('upgrade', (request, socket, head) => {
    if (offersSomethingElse(request)) declineUpgrade(server, request, socket, head);
    else socket.end('websocket');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => {
    socket.destroy();
    server.closeAllConnections();
    server.close();
  });
  let heard = '';
  socket.setEncoding('latin1').on('data', (data) => {
    heard += data;
  });
  const until = async (end: string): Promise<string> => {
    while (!heard.includes(end)) await once(socket, 'data');
    const [answer, ...rest] = heard.split(end);
    heard = rest.join(end);
    return `${answer}${end}`;
  };
  return { socket, until };
}

describe('an offer of another protocol', () => {
  it.each([
    ['in one piece', (bytes: Buffer) => [bytes]],
    ['byte by byte', (bytes: Buffer) => [...bytes].map((byte) => Buffer.from([byte]))],
  ])('[HC14] is ignored, and its request served with the whole body, %s', async (_how, cut) => {
    const { socket, until } = await line();
    const body = '{"text":"Grüße"}';
    const head = `POST /messages?a=1 HTTP/1.1\r\nHost: x\r\n${OFFER}X-Odd: Ã¼\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
    for (const piece of cut(Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)]))) {
      await new Promise<void>((resolve) => socket.write(piece, () => resolve()));
    }
    const answer = await until('}"}');
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    const got = JSON.parse(Buffer.from(answer.slice(answer.indexOf('{')), 'latin1').toString()) as { headers: Record<string, string> };
    expect(got).toMatchObject({ method: 'POST', url: '/messages?a=1', headers: { host: 'x', 'x-odd': 'Ã¼' }, body });
    expect(Object.keys(got.headers)).not.toContain('upgrade');
  });

  it('[HC14] leaves the connection as good as any for what comes behind it', async () => {
    const { socket, until } = await line();
    for (const path of ['one', 'two', 'three']) {
      socket.write(`GET /${path} HTTP/1.1\r\nHost: x\r\n${path === 'two' ? '' : OFFER}\r\n`);
      expect(await until('"body":""}')).toContain(`"url":"/${path}"`);
    }
  });

  it('[HC14] takes nothing else away: a connection that is to be closed is', async () => {
    const { socket, until } = await line();
    socket.write(`GET / HTTP/1.1\r\nHost: x\r\n${OFFER.replace('Upgrade,', 'close, Upgrade,')}\r\n`);
    expect(await until('"body":""}')).toMatch(/^connection: close/im);
    await once(socket, 'close');
  });

  it('[HC14] is left alone where it is a WebSocket', async () => {
    const { socket, until } = await line();
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: WebSocket\r\n\r\n');
    expect(await until('websocket')).toBe('websocket');
  });
});
