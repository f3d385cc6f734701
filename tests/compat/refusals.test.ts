import { describe, expect, it } from 'vitest';
import { agentOf, official, raw, serveByHand } from '../cases/stage.js';
import { OfficialClient } from './official-client.js';
import { oneServer } from './one-server.js';

const PRIVATE = { ...agentOf({}), platform_settings: { auth: { enable_auth: true } } };

const server = oneServer();

/** What a refused client reads: the code's name first, then a sentence. */
const reading = (code: number, reason: RegExp) => ({
  code,
  reason: expect.stringMatching(reason),
  message: expect.stringMatching(reason),
});

const forge = (signedUrl: string): string => {
  const url = new URL(signedUrl);
  const signature = url.searchParams.get('conversation_signature') ?? '';
  url.searchParams.set('conversation_signature', `${signature.slice(0, -2)}${signature.endsWith('AA') ? 'BB' : 'AA'}`);
  return url.href;
};

describe('what the official client reads when it is not let in', () => {
  it('[OC5] an unknown agent: 3000, in ElevenLabs’ words', async () => {
    const sentence = /^The AI agent you are trying to reach does not exist\.$/;
    expect(await OfficialClient.refused({ origin: server().origin, agentId: 'agent_nobody' })).toEqual(reading(3000, sentence));
  });

  it('[OC5] a private agent without a credential: that it wants a signed URL, and where to get one', async () => {
    const { api, origin } = server();
    const agentId = await api.createAgent(PRIVATE);
    expect(await OfficialClient.refused({ origin, agentId })).toEqual(
      reading(1008, /^authorization_required: .*signed URL.*get-signed-url/),
    );
    expect(await api.list({ agent_id: agentId })).toEqual([]);
  });

  it('[OC5] a forged signature, one for another agent, and an API key where a signature belongs', async () => {
    const { api, origin, key } = server();
    const [agentId, otherId] = [await api.createAgent(PRIVATE), await api.createAgent(PRIVATE)];
    const { signedUrl } = await api.mint(agentId);
    const invalid = reading(1008, /^signed_url_invalid: .*as it was minted/);
    expect(await OfficialClient.refused({ signedUrl: forge(signedUrl) })).toEqual(invalid);
    expect(await OfficialClient.refused({ signedUrl: signedUrl.replace(agentId, otherId) })).toEqual(invalid);
    expect(await OfficialClient.refused({ origin, agentId, authorization: key })).toEqual(invalid);
    expect(await OfficialClient.refused({ origin, agentId, authorization: 'nonsense' })).toEqual(invalid);
    expect([...(await api.list({ agent_id: agentId })), ...(await api.list({ agent_id: otherId }))]).toEqual([]);
  });

  it('[OC5] an API key that is not known here', async () => {
    const { api, origin } = server();
    const agentId = await api.createAgent(PRIVATE);
    const client = await raw(`${origin}/v1/convai/conversation?agent_id=${agentId}`, { headers: { 'xi-api-key': 'wrong' } });
    client.init();
    expect(await client.closed).toMatchObject({ code: 1008, reason: expect.stringMatching(/^invalid_api_key: .*xi-api-key/) });
    expect(client.frames).toEqual([]);
  });

  it('[OC7] a page that the agent’s allowlist does not name, unless it brings a signature or a key', async () => {
    const { api, origin, key } = server();
    const agentId = await api.createAgent({
      ...agentOf({}),
      platform_settings: { auth: { allowlist: [{ hostname: 'https://Shop.example.com/' }, { hostname: 'http://localhost:3000/' }] } },
    });
    const url = `${origin}/v1/convai/conversation?agent_id=${agentId}`;
    const knock = async (options: { readonly origin?: string; readonly headers?: Record<string, string> }) => {
      const client = await raw(url, options);
      client.init();
      return client;
    };
    const strangers = [
      'https://evil.example.com',
      'https://evilshop.example.com',
      'https://shop.example.com.evil.test',
      'https://shop.example.com:8443',
      'http://localhost',
      'http://localhost:3001',
    ];
    for (const origin of strangers) {
      const reason = `origin_not_allowed: ${origin}; add ${new URL(origin).host} to the agent’s allowlist.`;
      expect(await (await knock({ origin })).closed).toEqual({ code: 1008, reason });
    }
    for (const [options, named] of [
      [{ origin: 'null' }, 'null'],
      [{ origin: 'https://shop.example.com.' }, 'https://shop.example.com.'],
      [{}, 'no Origin header'],
    ] as const) {
      const reason = `origin_not_allowed: ${named}; come with a signed URL or an API key.`;
      expect(await (await knock(options)).closed).toEqual({ code: 1008, reason });
    }
    for (const options of [
      { origin: 'https://shop.example.com' },
      { origin: 'https://SHOP.example.com' },
      { origin: 'http://localhost:3000' },
      { headers: { 'xi-api-key': key } },
    ]) {
      expect((await (await knock(options)).next()).type).toBe('conversation_initiation_metadata');
    }
    await official({ signedUrl: (await api.mint(agentId)).signedUrl });
  });

  it('[OC5] a signed URL that is used up, and what to mint instead', async () => {
    const { api } = server();
    const agentId = await api.createAgent(PRIVATE);
    const { signedUrl, conversationId } = await api.mint(agentId, { include_conversation_id: 'true' });
    const client = await official({ signedUrl });
    const used = reading(1008, /^signed_url_used: .*mint one with conversation_id/);
    expect(await OfficialClient.refused({ signedUrl })).toEqual(used);
    expect(client.session.isOpen()).toBe(true);
    expect((await api.events(conversationId)).filter(({ type }) => type === 'client.joined')).toHaveLength(1);
  });

  it('[OC5] a signed URL after its 15 minutes', async () => {
    const { api, clock } = await serveByHand();
    const agentId = await api.createAgent(PRIVATE);
    const { signedUrl } = await api.mint(agentId);
    // Clocks of clients and servers differ, so half a minute more is forgiven.
    clock.advance(15 * 60_000 + 30_001);
    expect(await OfficialClient.refused({ signedUrl })).toEqual(reading(1008, /^signed_url_expired: .*mint a new one/));
  });

  it('[OC5] a forbidden override: the field, and the agent’s switch for it', async () => {
    const { api, origin } = server();
    const agentId = await api.createAgent(agentOf({}));
    const refusal = await OfficialClient.refused({ origin, agentId }, { overrides: { agent: { firstMessage: 'Mine.' } } });
    const place = 'platform_settings.overrides.conversation_config_override';
    expect(refusal).toEqual(reading(1008, /^override_error: /));
    expect(refusal.reason).toContain('agent.first_message');
    expect(refusal.reason).toContain(place);
    const several = await OfficialClient.refused(
      { origin, agentId },
      { overrides: { agent: { prompt: { prompt: 'Mine.' } }, tts: { voiceId: 'mine' } } },
    );
    expect(several.reason).toContain('agent.prompt.prompt');
    expect(several.reason).toContain(place);
  });

  it('[OC5] missing variables: all their names', async () => {
    const { api, origin } = server();
    const agentId = await api.createAgent(agentOf({ firstMessage: 'Hello {{first_name}}, your order {{order}}.' }));
    const way = { origin, agentId };
    const missing = reading(1008, /^missing_dynamic_variable: .*first_name.*order/);
    expect(await OfficialClient.refused(way)).toEqual(missing);
    const [named] = [await OfficialClient.refused(way, { dynamicVariables: { first_name: 'Ada' } })];
    expect(named.reason).toMatch(/^missing_dynamic_variable: .*order/);
    expect(named.reason).not.toContain('first_name');
  });

  it('[OC5] a conversation that is over, one that was erased, and one that never was', async () => {
    const { api } = server();
    const agentId = await api.createAgent(agentOf({}));
    const first = await api.mint(agentId, { include_conversation_id: 'true' });
    const client = await official({ signedUrl: first.signedUrl });
    const again = await api.mint(agentId, { conversation_id: first.conversationId });
    const later = await api.mint(agentId, { conversation_id: first.conversationId });
    await client.end();
    await api.end(first.conversationId);
    expect(await OfficialClient.refused({ signedUrl: again.signedUrl })).toEqual(reading(1008, /^conversation_ended: /));
    expect(await api.get(`/conversation/get-signed-url?agent_id=${agentId}&conversation_id=${first.conversationId}`)).toMatchObject({
      status: 410,
    });

    await api.call('DELETE', `/conversations/${first.conversationId}`);
    expect(await OfficialClient.refused({ signedUrl: later.signedUrl })).toEqual(reading(1008, /^conversation_not_found: /));
    const never = new URL(later.signedUrl);
    never.searchParams.set('conversation_id', 'conv_never');
    // The signature counts and not what stands beside it.
    expect(await OfficialClient.refused({ signedUrl: never.href })).toEqual(reading(1008, /^conversation_not_found: /));
  });

  it('[OC5] a conversation whose client is there and answers: to mint with join=resume', async () => {
    const { api } = server();
    const agentId = await api.createAgent(agentOf({}));
    const { signedUrl, conversationId } = await api.mint(agentId, { include_conversation_id: 'true' });
    const client = await official({ signedUrl });
    const beside = await api.mint(agentId, { conversation_id: conversationId });
    expect(await OfficialClient.refused({ signedUrl: beside.signedUrl })).toEqual(reading(1008, /^attach_not_available: .*join=resume/));
    expect(client.session.isOpen()).toBe(true);

    const instead = await api.mint(agentId, { conversation_id: conversationId, join: 'resume' });
    const next = await official({ signedUrl: instead.signedUrl });
    expect(next.id).toBe(conversationId);
    expect(await client.disconnected).toMatchObject({
      reason: 'error',
      closeCode: 4409,
      closeReason: expect.stringMatching(/^superseded: /),
    });
  });

  it('[OC6] a client that is refused leaves nothing behind, and the agent can be reached as before', async () => {
    const { api, origin } = server();
    const agentId = await api.createAgent(agentOf({ firstMessage: 'Hello.' }));
    const refused = { overrides: { agent: { firstMessage: 'Mine.' } } };
    await Promise.all(Array.from({ length: 10 }, () => OfficialClient.refused({ origin, agentId }, refused)));
    expect(await api.list({ agent_id: agentId })).toEqual([]);
    const client = await official({ origin, agentId });
    expect((await client.said(1))[0]).toMatchObject({ message: 'Hello.' });
  });
});
