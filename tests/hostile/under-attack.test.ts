import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { count, PROVE } from '../harness/counts.js';
import { until } from '../harness/until.js';
import { residentBytes } from './from-inside.js';
import { frame, RawLine, upgrade } from './raw-line.js';
import { WatchedServer } from './watched-server.js';

const TARGET = '/v1/convai/conversation?agent_id=agent_demo';
const MIB = 1_048_576;

/** Lines that say something and then nothing; none of them ever closes by itself. */
function hang(port: number, lines: number, says: string): Socket[] {
  return Array.from({ length: lines }, () => {
    const line = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    line.on('error', () => {}); // refused or reset: the server's right
    line.on('data', () => {});
    line.write(says);
    return line;
  });
}

/** So many requests, some at a time; how often each status came. */
async function post(url: string, key: string, requests: number, body: string): Promise<Map<number, number>> {
  const statuses = new Map<number, number>();
  let left = requests;
  const work = async (): Promise<void> => {
    while (left-- > 0) {
      const response = await fetch(url, { method: 'POST', headers: { 'xi-api-key': key, 'content-type': 'application/json' }, body });
      await response.arrayBuffer();
      if (response.status === 429 && response.headers.get('retry-after') === null) throw new Error('A 429 does not say when to retry.');
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: 20 }, work));
  return statuses;
}

async function fragmentFlood(port: number): Promise<number> {
  const line = await RawLine.open(port, TARGET);
  line.json({ type: 'conversation_initiation_client_data' });
  await until('the metadata', () => line.frames.length > 0);
  for (let at = 0; at < 400; at++) line.write(frame('x', { opcode: at === 0 ? 1 : 0, fin: false }));
  return (await line.ended).code;
}

describe('under attack from all sides', () => {
  it('[HC13] a normal conversation goes on, attackers are closed or told when to retry, and memory stays bounded', {
    timeout: 300_000,
  }, async () => {
    const server = await WatchedServer.start({ BACKCHANNEL_RATE_CONVERSATION: '50' });
    onTestFinished(() => server.stop());
    const { port, api } = server;
    const before = await residentBytes(server.process);
    const victim = await api.open('agent_demo');
    const some = count(100, 1_000);
    const slow = [
      ...hang(port, some / 2, 'GET /v1/convai/agents HTTP/1.1\r\nhost: x\r\nx-'),
      // Each is closed only after 30 s, which everyday runs do not have.
      ...hang(port, count(0, some / 2), 'POST /v1/convai/conversations HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{'),
      ...hang(port, count(300, 5_000), upgrade(TARGET).slice(0, -2)),
      ...hang(port, some, `GET / HTTP/1.1\r\nhost: x\r\n${'x-many: 1\r\n'.repeat(5_000)}`),
    ];
    onTestFinished(() => {
      for (const line of slow) line.destroy();
    });
    const deep = `{"type":"user_message","text":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    const send = `${api.url}/v1/convai/conversations/${victim}/messages`;
    const [posts, deeps, codes] = await Promise.all([
      post(send, api.key, count(500, 10_000), JSON.stringify({ type: 'contextual_update', text: 'x', context_id: 'same' })),
      post(`${api.url}/v1/convai/conversations`, api.key, count(20, 200), deep),
      Promise.all(Array.from({ length: count(20, 200) }, () => fragmentFlood(port))),
    ]);
    expect(posts.get(429) ?? 0).toBeGreaterThan(0);
    expect([...posts.keys()].sort()).toEqual([202, 429]);
    expect([...deeps.keys()]).toEqual([422]);
    expect(new Set(codes)).toEqual(new Set([1008]));
    const answeredUnderAttack = server.answered;
    await until('every slow attacker was closed', () => slow.every((line) => line.readableEnded || line.destroyed), {
      withinMs: PROVE ? 120_000 : 60_000,
      everyMs: 100,
    });
    await until('the bystander was answered again', () => server.answered > answeredUnderAttack);
    expect(answeredUnderAttack).toBeGreaterThan(0);
    const grown = (await residentBytes(server.process)) - before;
    console.info(
      `the bystander was answered ${server.answered} times, ${posts.get(429)} of ${[...posts.values()].reduce((a, b) => a + b)} posts were 429, ${Math.round(grown / MIB)} MiB more`,
    );
    expect(grown).toBeLessThan(150 * MIB);
    expect(await server.faults()).toEqual([]);
  });
});
