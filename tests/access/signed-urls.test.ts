import type { RawClient } from '@backchannel/server/testing';
import { describe, expect, it } from 'vitest';
import { sign, verify } from '../../packages/server/dist/lib/signature.js';
import { agentOf, raw, serve, serveByHand } from '../cases/stage.js';
import { count, PROVE } from '../harness/counts.js';

const MINUTE_MS = 60_000;

/** How a client that knocked was answered: let in, or the code that its close begins with. */
async function outcome(client: RawClient): Promise<string> {
  const first = await Promise.race([client.next(), client.closed]);
  if ('type' in first) return first.type === 'conversation_initiation_metadata' ? 'in' : first.type;
  return first.code === 3000 ? 'agent_not_found' : (first.reason.split(':')[0] ?? '');
}

async function knock(url: string): Promise<string> {
  const client = await raw(url);
  client.init();
  return outcome(client);
}

describe('a signed URL', () => {
  it('[AC42] that names a conversation lets exactly one of a hundred in who come at once', async () => {
    const { api } = await serve();
    const agentId = await api.createAgent(agentOf());
    const { signedUrl, conversationId } = await api.mint(agentId, { include_conversation_id: 'true' });
    const clients = await Promise.all(Array.from({ length: 100 }, () => raw(signedUrl)));
    for (const client of clients) client.init();
    const outcomes = await Promise.all(clients.map(outcome));
    expect(outcomes.filter((each) => each === 'in')).toHaveLength(1);
    expect(outcomes.filter((each) => each === 'signed_url_used')).toHaveLength(99);
    expect((await api.events(conversationId)).filter(({ type }) => type === 'client.joined')).toHaveLength(1);
  });

  it('[AC41] lets in until its fifteen minutes are over, and never again', async () => {
    const { api, clock } = await serveByHand();
    const agentId = await api.createAgent(agentOf());
    const { signedUrl } = await api.mint(agentId);
    clock.advance(15 * MINUTE_MS - 1_000);
    expect(await knock(signedUrl)).toBe('in');
    clock.advance(1_000 + 30_001);
    expect([await knock(signedUrl), await knock(signedUrl)]).toEqual(['signed_url_expired', 'signed_url_expired']);
  });

  it('[AC43] opens its own agent of its own workspace, whatever stands beside the signature', async () => {
    const { api, store, running } = await serve();
    const [agentId, otherId] = [await api.createAgent(agentOf()), await api.createAgent(agentOf())];
    const { signedUrl } = await api.mint(agentId);
    expect(await knock(signedUrl.replace(agentId, otherId))).toBe('signed_url_invalid');
    // The agent is somebody else's now; the signature still says whose it was.
    const row = await store.agents.get(agentId);
    if (row !== undefined) await store.agents.put({ ...row, workspaceId: 'ws_elsewhere' });
    expect(await knock(signedUrl)).toBe('agent_not_found');
    const { signingSecret } = running.installation;
    const claims = { id: 'x', agentId: otherId, workspaceId: 'ws_elsewhere', expiresAt: Date.now() + MINUTE_MS };
    const url = new URL(signedUrl);
    url.searchParams.set('agent_id', otherId);
    url.searchParams.set('conversation_signature', sign(signingSecret, claims));
    expect(await knock(url.href)).toBe('agent_not_found');
  });

  it('[AC40] that was changed in one bit lets nobody in', async () => {
    const { api } = await serve();
    const agentId = await api.createAgent(agentOf());
    const url = new URL((await api.mint(agentId)).signedUrl);
    const signature = url.searchParams.get('conversation_signature') ?? '';
    const few = count(40, 2_000);
    for (let i = 0; i < few; i++) {
      const bytes = Buffer.from(signature, 'latin1');
      const bit = Math.floor((i * bytes.length * 8) / few);
      bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      url.searchParams.set('conversation_signature', bytes.toString('latin1'));
      expect([bit, await knock(url.href)]).toEqual([bit, 'signed_url_invalid']);
    }
  }, 120_000);

  // Statistics need hundreds of thousands of samples to say anything.
  if (PROVE) {
    it('[AC44] takes as long to be refused, wherever its signature first differs', () => {
      const token = sign('secret', { id: 'a', agentId: 'agent_a', workspaceId: 'ws_a', expiresAt: Date.now() + MINUTE_MS });
      const dot = token.indexOf('.') + 1;
      const other = (text: string, place: number) => text.slice(0, place) + (text[place] === 'A' ? 'B' : 'A') + text.slice(place + 1);
      const wrong = [other(token, dot), other(token, token.length - 1)] as const;
      const took: [number[], number[]] = [[], []];
      const decode = (text: string): unknown => text;
      for (let i = 0; i < 200_000; i++) {
        const which = Math.random() < 0.5 ? 0 : 1;
        const before = process.hrtime.bigint();
        verify('secret', wrong[which], 0, decode);
        took[which].push(Number(process.hrtime.bigint() - before));
      }
      expect(Math.abs(welch(cropped(took[0]), cropped(took[1])))).toBeLessThan(4.5);
    });
  }
});

/** Without the first, which warm up, and what the machine did meanwhile. */
function cropped(samples: readonly number[]): number[] {
  const warm = samples.slice(5_000);
  const limit = warm.toSorted((a, b) => a - b)[Math.floor(warm.length * 0.9)] ?? 0;
  return warm.filter((ns) => ns <= limit);
}

function welch(a: readonly number[], b: readonly number[]): number {
  const mean = (of: readonly number[]): number => of.reduce((sum, x) => sum + x, 0) / of.length;
  const spread = (of: readonly number[], around: number): number =>
    of.reduce((sum, x) => sum + (x - around) ** 2, 0) / (of.length - 1) / of.length;
  const [ofA, ofB] = [mean(a), mean(b)];
  return (ofA - ofB) / Math.sqrt(spread(a, ofA) + spread(b, ofB));
}
