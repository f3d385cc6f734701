import { isObject, parseJson } from '@backchannel/protocol';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { count } from '../harness/counts.js';
import { type OddRequest, oddRequests } from './odd-requests.js';
import { chosenSeed } from './seed.js';
import { WatchedServer } from './watched-server.js';

const LANES = 8;
/** A request that takes longer hangs. */
const PATIENCE_MS = 20_000;

/** What a lane's requests are about: there may be something of each kind, until one of them ends or deletes it. */
class Things {
  private conversation = '';
  private agent = '';
  private message = '';
  readonly statuses = new Map<number, number>();

  constructor(private readonly server: WatchedServer) {}

  async renew(): Promise<void> {
    const { api } = this.server;
    this.agent = await api.createAgent({ name: 'Fuzzed', conversation_config: { agent: { prompt: { llm: 'builtin' } } } });
    this.conversation = await api.open('agent_demo');
    this.message = (await api.send(this.conversation, { type: 'contextual_update', text: 'x' })).message_id;
  }

  /** Sends it, and throws for an answer that no request may get. */
  async send({ method, path, body, headers, may503 }: OddRequest): Promise<void> {
    const real = path
      .replace('{conversation_id}', this.conversation)
      .replace('{agent_id}', this.agent)
      .replace('{message_id}', this.message)
      .replace(/\{\w+\}/g, 'x');
    const response = await fetch(`${this.server.api.url}${real}`, {
      method,
      headers: { 'xi-api-key': this.server.api.key, ...headers },
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const { status } = response;
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    if (status >= 500 && !(status === 503 && may503)) throw new Error(`${method} ${real} answered ${status}: ${text}`);
    // Pages are refused in words for people.
    if (status < 400 || !real.startsWith('/v1/')) return;
    const parsed = parseJson(text);
    if (!parsed.ok || !isObject(parsed.value) || parsed.value.detail === undefined)
      throw new Error(`${method} ${real} answered ${status} in other words: ${text}`);
  }
}

async function flood(server: WatchedServer, seed: number, requests: number): Promise<Map<number, number>> {
  const document = await (await fetch(`${server.api.url}/openapi.json`)).json();
  const odd = oddRequests(document as Record<string, unknown>); // what the server itself publishes
  const things = Array.from({ length: LANES }, () => new Things(server));
  await Promise.all(
    things.map(async (thing, at) => {
      let sent = 0;
      const property = fc.asyncProperty(odd, async (request) => {
        if (sent++ % 50 === 0) await thing.renew();
        await thing.send(request);
      });
      await fc.assert(property, { seed: seed + at, numRuns: Math.ceil(requests / LANES), endOnFailure: true, includeErrorInReport: true });
    }),
  );
  const sum = new Map<number, number>();
  for (const { statuses } of things) for (const [status, times] of statuses) sum.set(status, (sum.get(status) ?? 0) + times);
  return sum;
}

async function serve(sabotage?: string): Promise<WatchedServer> {
  const server = await WatchedServer.start({ BACKCHANNEL_RATE_LIMIT: 'off', BACKCHANNEL_PUBLIC_URL: '' }, sabotage);
  onTestFinished(() => server.stop());
  return server;
}

describe('requests that no backend should send', () => {
  it('[HC11] are answered below 500, in our words and soon, on every route, and others never notice', { timeout: 1_800_000 }, async () => {
    const requests = count(700, 20_000);
    const server = await serve();
    const statuses = await flood(server, chosenSeed('requests'), requests);
    console.info(
      `${requests} requests: ${[...statuses]
        .sort()
        .map(([status, times]) => `${times} × ${status}`)
        .join(', ')}`,
    );
    expect(await server.faults()).toEqual([]);
    expect(server.answered).toBeGreaterThan(0);
    // Both what is right and what is wrong was among them.
    for (const status of [200, 404, 422]) expect(statuses.get(status) ?? 0).toBeGreaterThan(requests / 100);
  });

  it('[HC12] are noticed to harm a server that cannot store rare letters', { timeout: 120_000 }, async () => {
    await expect(flood(await serve('breaks-at-rare-letters'), 1, 8_000)).rejects.toThrow(/answered 500/);
  });
});
