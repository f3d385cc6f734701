import { request } from 'node:http';
import { type ConversationId, parseJson, parseOwn, refuse } from '@backchannel/protocol';
import { describe, expect, it } from 'vitest';
import { verify } from '../../lib/signature.js';
import { startTestApi, TEST_SECRET, type TestApi, type TestApiOptions } from '../../testing/start-test-api.js';

type Given = { readonly conversation_id: string; readonly signed_url: string; readonly token: string; readonly resume: string };
type Answer = { readonly status: number; readonly body: Given & { readonly api_key: unknown; readonly detail: { readonly code: string } } };

async function startApi(options: TestApiOptions = {}): Promise<TestApi> {
  const api = await startTestApi({ page: { folder: 'nowhere', key: { file: 'data/api-key' } }, ...options });
  const agent = { agentId: 'agent_demo', workspaceId: 'ws_a', name: 'Demo', config: '{}', hash: 'h', createdAt: 0, updatedAt: 0 };
  await api.store.agents.put(agent);
  return api;
}

/** As our own page asks; with node:http, because `fetch` keeps Host to itself. */
function ask(api: TestApi, body?: object, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const { host } = new URL(api.url);
  return new Promise((resolve, reject) => {
    const all = { host, origin: api.url, 'content-type': 'application/json', ...headers };
    const sending = request(`${api.url}/page/session`, { method: 'POST', headers: all }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => {
        const parsed = parseJson(text);
        resolve({ status: response.statusCode ?? 0, body: (parsed.ok ? parsed.value : {}) as Answer['body'] }); // read as far as it is expected
      });
    });
    sending.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const claimsOf = (api: TestApi, url: string) =>
  verify(TEST_SECRET, new URL(url).searchParams.get('conversation_signature') ?? '', api.clock.wall(), parseOwn);
const conversationOf = (api: TestApi, id: ConversationId): Promise<void> => api.conversation(id);

describe('a conversation for the page', () => {
  it('[PG4] is one of the demo agent: its id, a way in, a token for it alone, and where the key is', async () => {
    await using api = await startApi();
    const { status, body } = await ask(api);
    expect(status).toBe(201);
    expect(api.created).toEqual([{ workspaceId: 'ws_a', agentId: 'agent_demo', begun: 'signed_url', expiresInMs: 900_000 }]);
    expect(body).toEqual({
      conversation_id: 'conv_new',
      signed_url: expect.stringMatching(
        `^${api.url.replace('http', 'ws')}/v1/convai/conversation\\?agent_id=agent_demo&conversation_id=conv_new`,
      ),
      token: expect.any(String),
      resume: expect.any(String),
      api_key: { file: 'data/api-key' },
    });
    expect(claimsOf(api, body.signed_url)).toMatchObject({ ok: true, claims: { conversationId: 'conv_new', workspaceId: 'ws_a' } });
    await conversationOf(api, 'conv_new');
    await conversationOf(api, 'conv_other');
    const read = async (id: string) => (await api.call('GET', `conversations/${id}/events`, { key: body.token })).status;
    expect([await read('conv_new'), await read('conv_other'), await read('conv_nobodys')]).toEqual([200, 404, 404]);
    for (const path of ['conversations', 'agents', 'conversation/get-signed-url?agent_id=agent_demo'])
      expect([path, (await api.call('GET', path, { key: body.token })).status]).toEqual([path, 403]);
  });

  it('[PG4] is refused in words when the demo agent is gone', async () => {
    await using api = await startTestApi();
    expect(await ask(api)).toMatchObject({ status: 404, body: { detail: { code: 'agent_not_found' } } });
  });

  it.each([
    ['another name for this machine', { host: 'evil.test', origin: 'http://evil.test' }, 'page_only_local'],
    ['another page', { origin: 'http://evil.test' }, 'page_only_local'],
    ['a cross-site request', { 'sec-fetch-site': 'cross-site' }, 'page_only_local'],
    ['a proxy', { 'x-forwarded-for': '203.0.113.9' }, 'page_only_local'],
    ['a proxy that says nothing of itself', { connection: 'close' }, 'page_only_local'],
  ])('[PG5] is not made for %s', async (_what, headers, code) => {
    await using api = await startApi();
    expect(await ask(api, undefined, headers)).toMatchObject({ status: 403, body: { detail: { code } } });
    expect(api.created).toEqual([]);
  });

  it('[PG6] is made five times a second', async () => {
    await using api = await startApi();
    const statuses: number[] = [];
    for (let i = 0; i < 7; i += 1) statuses.push((await ask(api)).status);
    expect(statuses).toEqual([201, 201, 201, 201, 201, 429, 429]);
    api.clock.advance(1_000);
    expect((await ask(api)).status).toBe(201);
  });

  it('[PG7] is found again by its way back, whatever line still seems to stand', async () => {
    await using api = await startApi();
    const { resume } = (await ask(api)).body;
    await conversationOf(api, 'conv_new');
    api.router.script = () => ({ ok: true });
    const { status, body } = await ask(api, { resume });
    expect([status, body.conversation_id, api.created.length]).toEqual([200, 'conv_new', 1]);
    expect(claimsOf(api, body.signed_url)).toMatchObject({ claims: { conversationId: 'conv_new', join: 'resume' } });
    expect(api.router.sent).toEqual([
      { id: 'conv_new', command: { type: 'signed_url.mint', agent_id: 'agent_demo', expires_in_ms: 900_000 } },
    ]);
  });

  it('[PG7] is not found when it is over, with a way back that is forged, or with a signature for something else', async () => {
    await using api = await startApi();
    const { resume, signed_url } = (await ask(api)).body;
    const signature = new URL(signed_url).searchParams.get('conversation_signature') ?? '';
    await conversationOf(api, 'conv_new');
    api.router.script = () => refuse('conversation_ended');
    expect(await ask(api, { resume })).toMatchObject({ status: 410, body: { detail: { code: 'conversation_ended' } } });
    api.clock.advance(1_000);
    for (const wrong of [`${resume}x`, signature, 'x.y', 'x'])
      expect(await ask(api, { resume: wrong })).toMatchObject({ status: 401, body: { detail: { code: 'invalid_token' } } });
    api.clock.advance(1_000);
    expect(await ask(api, { resumed: resume })).toMatchObject({ status: 422 });
    api.clock.advance(24 * 3_600_000 + 31_000);
    expect(await ask(api, { resume })).toMatchObject({ status: 401, body: { detail: { code: 'invalid_token' } } });
  });
});
