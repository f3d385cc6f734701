import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { count } from '../harness/counts.js';
import { ServerProcess } from '../harness/server-process.js';

/** Sends it and is gone, with a reset, before it could be answered. */
async function sayAndReset(port: number, words: string): Promise<void> {
  const line = connect(port, '127.0.0.1');
  line.on('error', () => {}); // a reset from the other side is as good
  await once(line, 'connect');
  await new Promise<void>((resolve) => line.write(words, () => resolve()));
  line.resetAndDestroy();
}

const TIMES = count(12, 40);
const UPGRADE = 'host: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n';
const KEY = 'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-version: 13\r\n';

describe('peers that are gone before their answer', () => {
  it.each([
    ['an upgrade of what is no socket', `GET / HTTP/1.1\r\n${UPGRADE}\r\n`],
    ['an upgrade without a key', `GET /v1/convai/conversation HTTP/1.1\r\n${UPGRADE}\r\n`],
    ['an upgrade to a conversation', `GET /v1/convai/conversation?agent_id=agent_demo HTTP/1.1\r\n${UPGRADE}${KEY}\r\n`],
    ['what is no HTTP', 'EHLO x\r\n\r\n'],
    ['a request', 'POST /v1/convai/conversations HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\n'],
  ])('[HC4] end nothing but their own connection, after %s', async (_name, words) => {
    const server = await ServerProcess.start();
    onTestFinished(() => server.stop());
    const rest = 'x'.repeat(100_000);
    for (let i = 0; i < TIMES; i++) await Promise.all([sayAndReset(server.port, words), sayAndReset(server.port, words + rest)]);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    expect(await server.terminate()).toBe(0);
  });
});
