import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { count } from '../harness/counts.js';
import { until } from '../harness/until.js';
import { openLines } from './from-inside.js';
import { frame, upgrade } from './raw-line.js';
import { WatchedServer } from './watched-server.js';

const KIB = 1_024;
/** The longest first frame, and what a connection and a socket take by themselves. */
const MOST_KIB = 64 + 16;
const PRIVATE = '/v1/convai/conversation?agent_id=agent_private';
const head = (more: string): string => `POST /v1/convai/conversations HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${more}`;
const part = frame(Buffer.alloc(200, 'x'), { fin: false });

/** Peers that never say who they are, each with all that it may hold on to. What is a list is written piece by piece. */
const PEERS: Readonly<Record<string, string | Buffer | readonly (string | Buffer)[]>> = {
  'say nothing': '',
  'stop in a head': 'GET /v1/convai/agents HTTP/1.1\r\nhost: x\r\nx-half',
  'stop in a head of 31 KiB': `GET /v1/convai/agents HTTP/1.1\r\nhost: x\r\n${Array.from({ length: 310 }, (_, at) => `x-${at}: ${'y'.repeat(90)}\r\n`).join('')}`,
  'stop in a body': `${head('content-length: 1000000\r\n')}\r\n${'x'.repeat(60 * KIB)}`,
  'stop in a body with a wrong key': `${head('content-length: 1000000\r\nxi-api-key: wrong\r\n')}\r\n${'x'.repeat(60 * KIB)}`,
  'send no init': upgrade(PRIVATE),
  'send no init and a long address': upgrade(`${PRIVATE}&token=${'t'.repeat(28 * KIB)}`),
  'stop in an init': [upgrade(PRIVATE), frame('x'.repeat(60 * KIB)).subarray(0, 59 * KIB)],
  'stop in an init of 255 KiB': [upgrade(PRIVATE), frame('x'.repeat(255 * KIB)).subarray(0, 250 * KIB)],
  'send an init in parts': [upgrade(PRIVATE), Buffer.concat(Array.from({ length: 250 }, () => part))],
};

/** Opens so many lines that say it, and resolves when the server has read what it will of them. */
async function open(port: number, peers: number, says: string | Buffer | readonly (string | Buffer)[]): Promise<Socket[]> {
  const pieces = typeof says === 'string' || Buffer.isBuffer(says) ? [says] : says;
  const lines: Socket[] = [];
  for (let at = 0; at < peers; at += 100) {
    const some = Array.from({ length: Math.min(100, peers - at) }, () => connect({ port, host: '127.0.0.1', allowHalfOpen: true }));
    await Promise.all(
      some.map(async (line) => {
        line.on('error', () => {}); // a reset is the server's right
        await once(line, 'connect');
        line.resume();
        for (const piece of pieces) if (line.writable) line.write(piece);
      }),
    );
    lines.push(...some);
  }
  return lines;
}

describe('a peer that never says who it is', () => {
  it('[HC8] holds at most 64 KiB of what it has sent, and little besides', { timeout: 600_000 }, async () => {
    const peers = count(100, 1_000);
    const server = await WatchedServer.start({ BACKCHANNEL_RATE_LIMIT: 'off' });
    onTestFinished(() => server.stop());
    const held: Record<string, number> = {};
    // What a process makes once for all is made.
    await server.heapBytes();
    for (const [name, says] of Object.entries(PEERS)) {
      const before = await server.heapBytes();
      const lines = await open(server.port, peers, says);
      await until('the server has them all', async () => (await openLines(server.process)) > peers);
      // Each on a line of its own, which is read behind those that came before.
      for (let at = 0; at < 5; at++) await fetch(`${server.api.url}/healthz`, { headers: { connection: 'close' } });
      held[name] = Math.round(((await server.heapBytes()) - before) / peers / KIB);
      for (const line of lines) line.destroy();
      await until('the server has let go of them', async () => (await openLines(server.process)) < 20);
    }
    console.info(`KiB a peer, of ${peers}: ${JSON.stringify(held)}`);
    for (const [name, kib] of Object.entries(held)) expect([name, kib <= MOST_KIB]).toEqual([name, true]);
    expect(await server.faults()).toEqual([]);
  });
});
