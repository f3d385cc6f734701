import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lastWords } from './last-words.js';

const server = createServer({ allowHalfOpen: true });
let peer: Socket;
let line: Socket;
beforeEach(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const accepted = once(server, 'connection');
  peer = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  [line] = (await accepted) as [Socket];
});
afterEach(async () => {
  peer.destroy();
  line.destroy();
  server.close();
  await once(server, 'close');
});

describe('the last words', () => {
  it('[HC4] reach a peer that still sends, and end a connection that it never closes', async () => {
    let told = '';
    peer.setEncoding('utf8').on('data', (text) => {
      told += text;
    });
    peer.on('error', () => {}); // a reset ends it too
    peer.write('x'.repeat(500_000));
    const closed = once(line, 'close');
    lastWords(line, 'goodbye', 50);
    await once(peer, 'end');
    await closed;
    expect(told).toBe('goodbye');
  });

  it('[HC4] are nobody’s error when the peer has gone', async () => {
    const reset = once(peer, 'close');
    peer.resetAndDestroy();
    await reset;
    const closed = new Promise<void>((resolve) => line.once('close', () => resolve()));
    lastWords(line, 'goodbye', 50);
    await closed;
    expect(line.errored).toMatchObject({ code: expect.stringMatching(/ECONNRESET|EPIPE/) });
  });
});
