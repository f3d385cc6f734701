import { request } from 'node:http';
import { parseOwn } from '@backchannel/protocol';
import { describe, expect, it } from 'vitest';
import { verify } from '../../lib/signature.js';
import { startTestApi, TEST_SECRET, type TestApi, type TestApiOptions } from '../../testing/start-test-api.js';

const PATH = 'conversation/get-signed-url';

async function startApi(options: TestApiOptions = {}): Promise<TestApi> {
  const api = await startTestApi(options);
  await api.call('POST', 'agents/create', { body: { conversation_config: {} } });
  return api;
}
async function agentOf(api: TestApi): Promise<string> {
  const { items } = await api.store.agents.list({ workspaceId: 'ws_a', pageSize: 1 });
  return items[0]?.agentId ?? '';
}
const urlOf = (body: unknown): URL => new URL((body as { signed_url: string }).signed_url);
function claimsOf(api: TestApi, url: URL) {
  const verified = verify(TEST_SECRET, url.searchParams.get('conversation_signature') ?? '', api.clock.wall(), parseOwn);
  return verified.ok ? verified.claims : verified;
}

describe('minting a signed URL', () => {
  it('[RE43] a plain one names the agent, and holds for 15 minutes', async () => {
    await using api = await startApi();
    const agent = await agentOf(api);
    for (const path of [PATH, 'conversation/get_signed_url']) {
      const { status, body } = await api.call(
        'GET',
        `${path}?agent_id=${agent}&user_id=u%2B8%40x&app_metadata=${encodeURIComponent('{"tier":"gold"}')}&environment=production`,
      );
      const url = urlOf(body);
      expect([status, Object.keys(body as object)]).toEqual([200, ['signed_url']]);
      expect(url.origin).toBe(api.url.replace('http:', 'ws:'));
      expect([url.pathname, url.searchParams.get('agent_id')]).toEqual(['/v1/convai/conversation', agent]);
      expect(claimsOf(api, url)).toEqual({
        id: expect.stringMatching(/^[A-Za-z0-9]{22}$/),
        agentId: agent,
        workspaceId: 'ws_a',
        userId: 'u+8@x',
        appMetadata: { tier: 'gold' },
        expiresAt: api.clock.wall() + 900_000,
      });
    }
    expect(api.created).toEqual([]);
  });

  it('[RE44] with an id it makes a conversation that lives as long as its URL', async () => {
    await using api = await startApi({ createConversation: async () => ({ ok: true, conversationId: 'conv_new', cursor: '1-1' }) });
    const agent = await agentOf(api);
    const { body } = await api.call(
      'GET',
      `${PATH}?agent_id=${agent}&include_conversation_id=true&user_id=u1&app_metadata=%7B%22a%22%3A1%7D`,
    );
    expect(body).toMatchObject({ conversation_id: 'conv_new' });
    expect(urlOf(body).searchParams.get('conversation_id')).toBe('conv_new');
    expect(claimsOf(api, urlOf(body))).toMatchObject({ conversationId: 'conv_new', userId: 'u1' });
    expect(api.created).toEqual([
      { workspaceId: 'ws_a', agentId: agent, begun: 'signed_url', expiresInMs: 900_000, userId: 'u1', appMetadata: { a: 1 } },
    ]);
  });

  it('[RE45] for a conversation that is there it asks its owner, and binds how to join', async () => {
    await using api = await startApi();
    const agent = await agentOf(api);
    await api.conversation('conv_a');
    api.router.script = () => ({ ok: true, phase: 'open' });
    const { status, body } = await api.call('GET', `${PATH}?agent_id=${agent}&conversation_id=conv_a&join=resume`);
    expect([status, body]).toMatchObject([200, { conversation_id: 'conv_a' }]);
    expect(claimsOf(api, urlOf(body))).toMatchObject({ conversationId: 'conv_a', join: 'resume' });
    expect(api.router.sent).toEqual([{ id: 'conv_a', command: { type: 'signed_url.mint', agent_id: agent, expires_in_ms: 900_000 } }]);
    const [first, second] = [
      claimsOf(api, urlOf(body)),
      claimsOf(api, urlOf((await api.call('GET', `${PATH}?agent_id=${agent}&conversation_id=conv_a`)).body)),
    ];
    expect('id' in first && 'id' in second && first.id !== second.id).toBe(true);
  });

  it('[RE45] a conversation whose agent was deleted can still be come back to', async () => {
    await using api = await startApi();
    const agent = await agentOf(api);
    await api.conversation('conv_a');
    await api.call('DELETE', `agents/${agent}`);
    api.router.script = () => ({ ok: true, phase: 'dropped' });
    expect((await api.call('GET', `${PATH}?agent_id=${agent}&conversation_id=conv_a`)).status).toBe(200);
    expect((await api.call('GET', `${PATH}?agent_id=${agent}`)).status).toBe(404);
  });

  it('[RE46] a wrong agent, an ended or unknown conversation, an unknown agent are refused', async () => {
    await using api = await startApi();
    const agent = await agentOf(api);
    await api.conversation('conv_a');
    await api.conversation('conv_b', 'ws_b');
    const mint = async (query: string) => (await api.call('GET', `${PATH}?${query}`)).status;
    api.router.script = () => ({ ok: false, code: 'wrong_agent', param: 'agent_id' });
    expect(await mint(`agent_id=${agent}&conversation_id=conv_a`)).toBe(422);
    api.router.script = () => ({ ok: false, code: 'conversation_ended' });
    expect(await mint(`agent_id=${agent}&conversation_id=conv_a`)).toBe(410);
    expect(await mint(`agent_id=${agent}&conversation_id=conv_b`)).toBe(404);
    expect(await mint('agent_id=agent_unknown')).toBe(404);
    expect((await api.call('GET', `${PATH}?agent_id=${agent}`, { key: 'key-of-b' })).status).toBe(404);
    expect(await mint('')).toBe(422);
    expect(await mint(`agent_id=${agent}&app_metadata=no`)).toBe(422);
    expect(await mint(`agent_id=${agent}&join=resume`)).toBe(422);
  });

  it('[RE40] behind a public URL, scheme, host and prefix are its own', async () => {
    await using api = await startApi({ config: { publicUrl: 'https://x.test/voice', host: '0.0.0.0' } });
    const { body } = await api.call('GET', `${PATH}?agent_id=${await agentOf(api)}`);
    expect(urlOf(body).href).toMatch(/^wss:\/\/x\.test\/voice\/v1\/convai\/conversation\?agent_id=/);
  });

  it('[RE42] without one, off loopback or for a Host that anybody may have written, 503 names the setting', async () => {
    const refused = {
      status: 503,
      body: { detail: { code: 'public_url_missing', message: expect.stringContaining('BACKCHANNEL_PUBLIC_URL') } },
    };
    await using bound = await startApi({ config: { host: '0.0.0.0' } });
    expect(await bound.call('GET', `${PATH}?agent_id=${await agentOf(bound)}`)).toMatchObject(refused);
    await using local = await startApi();
    const { port } = new URL(local.url);
    const path = `/v1/convai/${PATH}?agent_id=${await agentOf(local)}`;
    const text = await new Promise<string>((resolve, reject) => {
      const forged = { host: 'evil.test', 'x-forwarded-host': 'evil.test', 'xi-api-key': 'key-of-a' };
      const sent = request({ host: '127.0.0.1', port, path, headers: forged }, (response) => {
        let received = '';
        response.on('data', (chunk) => {
          received += String(chunk);
        });
        response.on('end', () => resolve(`${response.statusCode} ${received}`));
      });
      sent.on('error', reject);
      sent.end();
    });
    expect(text).toMatch(/^503 .*public_url_missing/);
    expect(text).not.toContain('evil.test');
  });
});
