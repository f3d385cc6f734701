import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.js';
import { startTestApi, TEST_KEYS } from '../testing/start-test-api.js';
import { boundConnections } from './connections.js';

const lines: Socket[] = [];
afterEach(() => {
  for (const line of lines.splice(0)) line.destroy();
});

/** A connection whose other end never closes by itself, and what it was told. */
async function stubborn(url: string, says = ''): Promise<{ line: Socket; told: () => string }> {
  const line = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
  lines.push(line);
  let told = '';
  line.setEncoding('latin1').on('data', (text) => {
    told += text;
  });
  line.on('error', () => {}); // a reset ends it too
  await once(line, 'connect');
  line.write(says);
  return { line, told: () => told };
}

const SHORT = { requestHeadMs: 500, requestMs: 1_000, httpCheckMs: 20, keepAliveMs: 300, stalledMs: 1_500, goodbyeMs: 50 };
const HEAD = `POST /v1/convai/agents/create HTTP/1.1\r\nhost: x\r\nxi-api-key: ${TEST_KEYS.a}\r\ncontent-type: application/json\r\n`;

describe('a connection', () => {
  it('[HC1] has these times in a running server', async () => {
    await using api = await startTestApi();
    const { keepAliveTimeout, requestTimeout, headersTimeout, timeout } = api.app.server;
    expect([headersTimeout, requestTimeout, keepAliveTimeout, timeout]).toEqual([10_000, 30_000, 72_000, 120_000]);
  });

  it.each([
    ['says nothing', '', 408],
    ['stops in its head', 'GET /v1/convai/agents HTTP/1.1\r\nhost: x\r\nx-', 408],
    ['stops in its body', `${HEAD}content-length: 100\r\n\r\n{"name"`, 408],
    ['stops in a body that nobody wants', 'POST /v1/convai/agents/create HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{', 401],
    ['is answered and asks nothing more', 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n', 200],
    ['speaks no HTTP', 'EHLO x\r\n\r\n', 400],
  ])('[HC1] that %s is closed in time, also by a peer that never closes', async (_name, says, status) => {
    await using api = await startTestApi({ limits: SHORT });
    const { line, told } = await stubborn(api.url, says);
    await once(line, 'end');
    expect(told()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    // The server has let go of it too: its own close waits for every connection.
    const left = (): Promise<number> =>
      new Promise((resolve, reject) => api.app.server.getConnections((error, count) => (error ? reject(error) : resolve(count))));
    await expect.poll(left, { timeout: 5_000 }).toBe(0);
  });

  it('[HC1] of a peer that reads no answer is cut', async () => {
    await using api = await startTestApi({ limits: SHORT });
    const ask = `GET /v1/convai/agents HTTP/1.1\r\nhost: x\r\nxi-api-key: ${TEST_KEYS.a}\r\n\r\n`;
    const { line } = await stubborn(api.url);
    line.pause();
    const closed = new Promise<void>((resolve) => line.once('close', () => resolve()));
    line.write(ask.repeat(200_000));
    await closed;
  });

  it('[HC2] with an encoded body is 415, and nothing is unpacked', async () => {
    await using api = await startTestApi();
    for (const encoding of ['gzip', 'br', 'GZIP', 'identity, gzip']) {
      const answer = await api.call('POST', 'agents/create', { body: { name: 'x' }, headers: { 'content-encoding': encoding } });
      expect([answer.status, answer.body]).toMatchObject([
        415,
        { detail: { code: 'unsupported_media_type', message: expect.stringContaining('Content-Encoding') } },
      ]);
    }
    const plain = await api.call('POST', 'agents/create', { body: { name: 'x' }, headers: { 'content-encoding': 'identity' } });
    expect(plain.status).not.toBe(415);
  });

  it('[HC3] beyond the most is cut, and the log says so once a minute', async () => {
    const clock = new ManualClock();
    const warned: object[] = [];
    const log = { debug() {}, info() {}, error() {}, warn: (fields: object) => warned.push(fields) };
    const server = createServer((_request, response) => response.end('ok'));
    boundConnections(server, 2, clock, log);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on TCP
    const [first] = [await stubborn(url), await stubborn(url)];
    for (let i = 0; i < 3; i++) await once((await stubborn(url)).line, 'end');
    expect(warned).toEqual([{ connections_cut: 1, max_connections: 2 }]);
    clock.advance(60_000);
    await once((await stubborn(url)).line, 'end');
    expect(warned.at(-1)).toEqual({ connections_cut: 3, max_connections: 2 });
    first?.line.destroy();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
});
