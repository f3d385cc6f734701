import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isApiKey } from '../../lib/api-key.js';
import { addKey, startTestApi, type TestApi } from '../../testing/start-test-api.js';

type Made = { readonly key_id: string; readonly api_key: string };

const ROOT = 'key-of-root';

async function startApi(): Promise<TestApi> {
  const api = await startTestApi();
  await addKey(api.store, ROOT, 'ws_a', ['admin']);
  await addKey(api.store, 'root-of-b', 'ws_b', ['admin']);
  return api;
}

const create = (api: TestApi, body: object, headers: Record<string, string> = {}) =>
  api.call('POST', 'api-keys', { key: ROOT, body: { name: 'A key', scopes: ['conversations:read'], ...body }, headers });

async function make(api: TestApi, body: object = {}): Promise<Made> {
  const answer = await create(api, body);
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([201, 'no-store']);
  return answer.body as Made; // the shape of this route's 201
}

const asAgent = async (api: TestApi, agentId: string, workspaceId = 'ws_a') =>
  api.store.agents.put({ agentId, workspaceId, name: agentId, config: '{}', hash: agentId, createdAt: 0, updatedAt: 0 });

describe('API keys over REST', () => {
  it('[AC11] are made with name and scopes, shown once, and stored by their hash', async () => {
    await using api = await startApi();
    const made = await make(api, { name: ' Bot ', scopes: ['messages:write', 'conversations:read', 'messages:write'] });
    expect(made).toEqual({
      key_id: expect.stringMatching(/^key_[0-9A-Za-z]{22}$/),
      api_key: expect.stringMatching(/^bck_/),
      name: 'Bot',
      scopes: ['messages:write', 'conversations:read'],
      agent_ids: null,
      prefix: 'bck_',
      last_four: made.api_key.slice(-4),
      source: 'api',
      created_at: '2030-01-01T00:00:00.000Z',
      expires_at: null,
      last_used_at: null,
      revoked_at: null,
    });
    expect(isApiKey(made.api_key)).toBe(true);
    expect((await api.store.keys.get(made.key_id))?.hash).toBe(hash('sha256', made.api_key));
    const { api_key, ...shown } = made;
    expect((await api.call('GET', `api-keys/${made.key_id}`, { key: ROOT })).body).toEqual(shown);
    const list = await api.call('GET', 'api-keys', { key: ROOT });
    expect((list.body as { api_keys: object[] }).api_keys[0]).toEqual(shown);
    expect(list.text).not.toContain(api_key);
    expect((await api.call('GET', 'conversations', { key: api_key })).status).toBe(200);
    expect((await api.call('POST', 'agents/create', { key: api_key, body: {} })).status).toBe(403);
  });

  it('[AC11] note roughly when they were last used', async () => {
    await using api = await startApi();
    const { key_id, api_key } = await make(api);
    const use = async (afterMs: number) => {
      api.clock.advance(afterMs);
      await api.call('GET', 'conversations', { key: api_key });
      return ((await api.call('GET', `api-keys/${key_id}`, { key: ROOT })).body as { last_used_at: string }).last_used_at;
    };
    expect([await use(0), await use(10_000), await use(60_000)]).toEqual([
      '2030-01-01T00:00:00.000Z',
      '2030-01-01T00:00:00.000Z',
      '2030-01-01T00:01:10.000Z',
    ]);
  });

  it('[AC12] a body that is wrong names the field, and makes nothing', async () => {
    await using api = await startApi();
    await asAgent(api, 'agent_a');
    await asAgent(api, 'agent_b', 'ws_b');
    const wrong: [object, string][] = [
      [{ name: '' }, 'name'],
      [{ scopes: [] }, 'scopes'],
      [{ scopes: ['messages:speek'] }, 'scopes'],
      [{ expires_in_secs: 0 }, 'expires_in_secs'],
      [{ expires_in_secs: 60, expires_at: '2031-01-01T00:00:00Z' }, 'expires_in_secs'],
      [{ expires_at: '2029-12-31T23:59:59Z' }, 'expires_at'],
      [{ expires_at: 'tomorrow' }, 'expires_at'],
      [{ agent_ids: [] }, 'agent_ids'],
      [{ agent_ids: ['agent_a'], scopes: ['admin'] }, 'agent_ids'],
      [{ expire_in_secs: 60 }, 'expire_in_secs'],
    ];
    for (const [body, field] of wrong) {
      const { status, text } = await create(api, body);
      expect([body, status, text]).toEqual([body, 422, expect.stringContaining(`"${field}"`)]);
    }
    for (const agentId of ['agent_nobody', 'agent_b']) {
      expect(await create(api, { agent_ids: [agentId] })).toMatchObject({ status: 404, body: { detail: { param: 'agent_ids' } } });
    }
    expect((await api.store.keys.list('ws_a')).map(({ name }) => name)).toEqual([ROOT, 'key-of-a']);
  });

  it('[AC13] an expired key is 401 api_key_expired from its moment on, a revoked one 401 api_key_revoked at once', async () => {
    await using api = await startApi();
    const inAMinute = await make(api, { expires_in_secs: 60 });
    const at = await make(api, { expires_at: '2030-01-01T01:01:00+01:00' });
    const endless = await make(api);
    const answer = async ({ api_key }: Made) => {
      const { status, body } = await api.call('GET', 'conversations', { key: api_key });
      return status === 200 ? 200 : `${status} ${(body as { detail: { code: string } }).detail.code}`;
    };
    api.clock.advance(59_999);
    expect([await answer(inAMinute), await answer(at), await answer(endless)]).toEqual([200, 200, 200]);
    api.clock.advance(1);
    const revoked = await api.call('DELETE', `api-keys/${endless.key_id}`, { key: ROOT });
    expect(revoked).toMatchObject({ status: 200, body: { key_id: endless.key_id, revoked_at: '2030-01-01T00:01:00.000Z' } });
    const over = ['401 api_key_expired', '401 api_key_expired', '401 api_key_revoked'];
    expect([await answer(inAMinute), await answer(at), await answer(endless)]).toEqual(over);
    // And when nobody remembers them any more.
    api.clock.advance(10_000);
    expect([await answer(inAMinute), await answer(at), await answer(endless)]).toEqual(over);
    // Again is the same answer, and the list is of those that are left.
    api.clock.advance(60_000);
    expect((await api.call('DELETE', `api-keys/${endless.key_id}`, { key: ROOT })).text).toBe(revoked.text);
    const { body } = await api.call('GET', 'api-keys', { key: ROOT });
    expect((body as { api_keys: Made[] }).api_keys.map(({ key_id }) => key_id)).not.toContain(endless.key_id);
  });

  it('[AC14] the last key that could make others is not revoked; any other is, also the one in use', async () => {
    await using api = await startApi();
    const rootId = `id of ${ROOT}`;
    const second = await make(api, { name: 'For a minute', scopes: ['admin'], expires_in_secs: 60 });
    api.clock.advance(60_000);
    const refused = await api.call('DELETE', `api-keys/${rootId.replaceAll(' ', '%20')}`, { key: ROOT });
    expect(refused).toMatchObject({ status: 409, body: { detail: { code: 'last_admin_key' } } });
    expect((await api.call('GET', 'api-keys', { key: ROOT })).status).toBe(200);
    const third = await make(api, { name: 'Next', scopes: ['admin'] });
    expect((await api.call('DELETE', `api-keys/${rootId.replaceAll(' ', '%20')}`, { key: ROOT })).status).toBe(200);
    expect((await api.call('GET', 'api-keys', { key: ROOT })).status).toBe(401);
    expect((await api.call('DELETE', `api-keys/${second.key_id}`, { key: third.api_key })).status).toBe(200);
    const last = await api.call('DELETE', `api-keys/${third.key_id}`, { key: third.api_key });
    expect(last).toMatchObject({ status: 409, body: { detail: { code: 'last_admin_key' } } });
  });

  it('[AC15] a retry under the Idempotency-Key makes nothing, and says which key to revoke in place of showing it again', async () => {
    await using api = await startApi();
    const headers = { 'idempotency-key': 'k1' };
    const first = await create(api, {}, headers);
    const { key_id, api_key } = first.body as Made;
    for (const answer of [await create(api, {}, headers), await create(api, {}, headers)]) {
      expect(answer).toMatchObject({ status: 409, body: { detail: { code: 'api_key_shown_once', key_id } } });
      expect(answer.headers.get('idempotent-replayed')).toBe('true');
    }
    expect(await create(api, { name: 'Other' }, headers)).toMatchObject({
      status: 422,
      body: { detail: { code: 'idempotency_key_reused' } },
    });
    expect(await api.store.keys.list('ws_a')).toHaveLength(3);
    expect((await api.call('GET', 'conversations', { key: api_key })).status).toBe(200);
  });

  it('[AC15] what was made just before a crash was never shown: the retry makes it anew in its place', async () => {
    await using api = await startApi();
    const headers = { 'idempotency-key': 'k1' };
    api.store.replaysFail = new Error('The process was killed here.');
    expect((await create(api, {}, headers)).status).toBe(500);
    api.store.replaysFail = undefined;
    const { api_key } = (await create(api, {}, headers)).body as Made;
    expect(await api.store.keys.list('ws_a')).toHaveLength(3);
    expect((await api.call('GET', 'conversations', { key: api_key })).status).toBe(200);
  });

  it('[AC16] a key of another workspace is none, and whoever is no admin sees none', async () => {
    await using api = await startApi();
    const { key_id } = await make(api);
    const bodies = new Set<string>();
    for (const id of [key_id, 'key_nobody', 'x']) {
      for (const method of ['GET', 'DELETE']) {
        const { status, text } = await api.call(method, `api-keys/${id}`, { key: 'root-of-b' });
        expect(status).toBe(404);
        bodies.add(text.replace(/req_\w+/, ''));
      }
    }
    expect(bodies.size).toBe(1);
    for (const [method, path] of [
      ['POST', 'api-keys'],
      ['GET', 'api-keys'],
      ['GET', `api-keys/${key_id}`],
      ['DELETE', `api-keys/${key_id}`],
    ] as const) {
      expect((await api.call(method, path)).status).toBe(403);
    }
  });

  it('[AC17] a key that is restricted to agents sees those and their conversations in lists and counts, and makes no agents', async () => {
    await using api = await startApi();
    for (const id of ['agent_a', 'agent_other']) await asAgent(api, id);
    await api.conversation('conv_a', 'ws_a', [{ type: 'conversation.opened' }]);
    const scopes = ['conversations:read', 'agents:write', 'messages:write', 'tokens:mint'];
    const { api_key: key } = await make(api, { agent_ids: ['agent_other'], scopes });
    const { api_key: fitting } = await make(api, { agent_ids: ['agent_a'], scopes });
    const look = async (as: string, path: string) => (await api.call('GET', path, { key: as })).body;
    expect(await look(key, 'conversations')).toMatchObject({ conversations: [] });
    expect(await look(key, 'conversations?agent_id=agent_a')).toMatchObject({ conversations: [] });
    expect(await look(fitting, 'conversations')).toMatchObject({ conversations: [{ conversation_id: 'conv_a' }] });
    expect([await look(key, 'analytics/live-count'), await look(key, 'analytics/live-count?agent_id=agent_a')]).toEqual([
      { count: 0 },
      { count: 0 },
    ]);
    expect(await look(fitting, 'analytics/live-count')).toEqual({ count: 1 });
    expect(await look(key, 'agents')).toMatchObject({ agents: [{ agent_id: 'agent_other' }] });
    for (const [method, path, body] of [
      ['GET', 'conversations/conv_a', undefined],
      ['GET', 'agents/agent_a', undefined],
      ['PATCH', 'agents/agent_a', {}],
      ['DELETE', 'agents/agent_a', undefined],
      ['POST', 'conversations', { agent_id: 'agent_a' }],
      ['GET', 'conversation/get-signed-url?agent_id=agent_a', undefined],
      ['GET', 'conversation/get-signed-url?agent_id=agent_a&conversation_id=conv_a', undefined],
    ] as const) {
      const outside = await api.call(method, path, { key, body });
      expect([method, path, outside.status]).toEqual([method, path, 404]);
      const unknown = await api.call(method, path.replaceAll(/(agent|conv)_a/g, '$1_nobody'), {
        key,
        body: body && { agent_id: 'agent_nobody' },
      });
      expect(unknown.text.replace(/req_\w+/, '')).toBe(outside.text.replace(/req_\w+/, ''));
    }
    expect(await api.call('POST', 'agents/create', { key, body: {} })).toMatchObject({
      status: 403,
      body: { detail: { code: 'narrowed_key' } },
    });
    expect((await api.call('POST', 'conversations', { key: fitting, body: { agent_id: 'agent_a' } })).status).toBe(201);
  });

  it('[AC17] what somebody else made under an Idempotency-Key is not answered to a key that does not reach it', async () => {
    await using api = await startApi();
    for (const id of ['agent_a', 'agent_other']) await asAgent(api, id);
    const { api_key: key } = await make(api, { agent_ids: ['agent_other'], scopes: ['messages:write'] });
    const call = { body: { agent_id: 'agent_a' }, headers: { 'idempotency-key': 'k' } };
    expect((await api.call('POST', 'conversations', call)).status).toBe(201);
    expect((await api.call('POST', 'conversations', { ...call, key })).status).toBe(404);
  });
});
