import type { RawClient } from '@backchannel/server/testing';
import { describe, expect, it } from 'vitest';
import { OfficialClient } from '../compat/official-client.js';
import { count } from '../harness/counts.js';
import { until } from '../harness/until.js';
import { agentOf, FIRST_MOMENT_MS, official, proxyTo, raw, serve, serveApart, serveByHand } from './stage.js';

const MINUTE_MS = 60_000;

/** How a client that knocked was answered: let in, or the code that its close begins with. */
async function outcome(client: RawClient): Promise<string> {
  const first = await Promise.race([client.next(), client.closed]);
  if ('type' in first) return first.type === 'conversation_initiation_metadata' ? 'in' : `a frame of type ${first.type}`;
  return first.reason.split(':')[0] ?? '';
}

async function knock(url: string): Promise<RawClient> {
  const client = await raw(url);
  client.init();
  return client;
}

describe('a signed URL that names a conversation', () => {
  it('[CA9] lets one client in once, and says to mint with conversation_id to whoever uses it again', async () => {
    const { api, clock, model, running } = await serveByHand();
    const proxy = await proxyTo(running.port);
    const agentId = await api.createAgent(agentOf());
    const { signedUrl, conversationId: id } = await api.mint(agentId, { include_conversation_id: 'true' });
    const first = await official({ signedUrl: proxy.through(signedUrl) });
    clock.advance(FIRST_MOMENT_MS);
    model.next({ tokens: ['Good.'] });
    first.session.sendUserMessage('How are you?');
    await first.until(() => first.messages.at(-1)?.message === 'Good.');

    const again = { code: 1008, reason: expect.stringMatching(/^signed_url_used: .*mint.*conversation_id/) };
    // While the first is there, when its line is lost, and still in the last of its 15 minutes.
    expect(await OfficialClient.refused({ signedUrl })).toMatchObject(again);
    expect(first.session.isOpen()).toBe(true);
    proxy.cut();
    await first.disconnected;
    expect(await OfficialClient.refused({ signedUrl })).toMatchObject(again);
    clock.advance(14 * MINUTE_MS);
    expect(await OfficialClient.refused({ signedUrl })).toMatchObject(again);
    clock.advance(2 * MINUTE_MS);
    const expired = { code: 1008, reason: expect.stringMatching(/^signed_url_expired: .*mint/) };
    expect(await OfficialClient.refused({ signedUrl })).toMatchObject(expired);
    expect(await api.conversation(id)).toMatchObject({ status: 'done', metadata: { termination_reason: 'client_lost' } });
  });

  it('[CA10] gives everybody a conversation of their own who uses one that names none', async () => {
    const { api } = await serve();
    const agentId = await api.createAgent(agentOf());
    const { signedUrl } = await api.mint(agentId);
    const clients = [await official({ signedUrl }), await official({ signedUrl })];
    expect(new Set(clients.map(({ id }) => id)).size).toBe(2);
  });

  it('[CA9] lets exactly one of two in who race for it', async () => {
    const { api } = await serve();
    const agentId = await api.createAgent(agentOf());
    for (let round = 0; round < count(15, 200); round++) {
      const { signedUrl, conversationId: id } = await api.mint(agentId, { include_conversation_id: 'true' });
      const clients = await Promise.all([raw(signedUrl), raw(signedUrl)]);
      for (const client of clients) client.init();
      expect((await Promise.all(clients.map(outcome))).sort()).toEqual(['in', 'signed_url_used']);
      for (const client of clients) client.cut();
      await api.call('DELETE', `/conversations/${id}`);
    }
  }, 120_000);

  it('[CA9] stays used up when the server is killed, at whatever moment', async () => {
    const { server } = await serveApart({ env: { BACKCHANNEL_RESUME_SECS: '60' } });
    const api = await server.api();
    const agentId = await api.createAgent(agentOf());
    for (let round = 0; round < count(3, 30); round++) {
      const { signedUrl, conversationId: id } = await api.mint(agentId, { include_conversation_id: 'true' });
      const clients = await Promise.all([raw(signedUrl), raw(signedUrl)]);
      for (const client of clients) client.init();
      // Every other round as soon as one is in, else at once: before, in or behind the append that spends it.
      if (round % 2 === 0) await Promise.race(clients.map((client) => client.next()));
      await server.kill();
      await server.restart();
      const inBefore = clients.filter(({ frames }) => frames.some(({ type }) => type === 'conversation_initiation_metadata')).length;
      expect(inBefore).toBeLessThan(2);

      const joins = async () => (await api.events(id)).filter(({ type }) => type === 'client.joined').length;
      const spent = (await joins()) > 0;
      if (inBefore === 1) expect(spent).toBe(true);
      expect(await outcome(await knock(signedUrl))).toBe(spent ? 'signed_url_used' : 'in');
      const rejoin = await api.mint(agentId, { conversation_id: id, join: 'resume' });
      expect(await outcome(await knock(rejoin.signedUrl))).toBe('in');
      await until('it is known as joined', async () => (await joins()) === 2);
      await api.end(id);
    }
  }, 120_000);
});
