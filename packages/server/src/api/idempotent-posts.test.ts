import { describe, expect, it } from 'vitest';
import { settle } from '../testing/settle.js';
import { startTestApi } from '../testing/start-test-api.js';

const BODY = { name: 'Ada', conversation_config: {} };
const withKey = (key: string, body: object = BODY) => ({ body, headers: { 'idempotency-key': key } });

describe('a POST outside a conversation, with an Idempotency-Key', () => {
  it('[RE30] the same request again is the same answer and makes nothing', async () => {
    await using api = await startTestApi();
    const first = await api.call('POST', 'agents/create', withKey('k1'));
    const again = await api.call('POST', 'agents/create', withKey('k1', { conversation_config: {}, name: 'Ada' }));
    expect([again.status, again.text, again.headers.get('idempotent-replayed')]).toEqual([first.status, first.text, 'true']);
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect((await api.call('GET', 'agents')).body).toMatchObject({ agents: [{ name: 'Ada' }] });
  });

  it('[RE30] another body is 422, another key, route or workspace is another request', async () => {
    await using api = await startTestApi({ createConversation: async () => ({ ok: true, conversationId: 'conv_x', cursor: '1-2' }) });
    const first = await api.call('POST', 'agents/create', withKey('k1'));
    expect(await api.call('POST', 'agents/create', withKey('k1', { conversation_config: {} }))).toMatchObject({
      status: 422,
      body: { detail: { code: 'idempotency_key_reused', param: 'Idempotency-Key' } },
    });
    for (const other of [withKey('k2'), { ...withKey('k1'), key: 'key-of-b' }]) {
      const answer = await api.call('POST', 'agents/create', other);
      expect([answer.status, answer.text === first.text]).toEqual([200, false]);
    }
    expect((await api.call('POST', 'conversations', withKey('k1', { agent_id: 'agent_a' }))).status).toBe(201);
  });

  it('[RE30] a known key goes before what is wrong with the body', async () => {
    await using api = await startTestApi({ createConversation: async () => ({ ok: true, conversationId: 'conv_x', cursor: '1-2' }) });
    await api.call('POST', 'agents/create', withKey('k'));
    await api.call('POST', 'conversations', withKey('k', { agent_id: 'agent_a' }));
    for (const path of ['agents/create', 'conversations']) {
      expect(await api.call('POST', path, withKey('k', { agent_id: 5 }))).toMatchObject({
        status: 422,
        body: { detail: { code: 'idempotency_key_reused' } },
      });
      expect(await api.call('POST', path, withKey('new', { agent_id: 5 }))).toMatchObject({
        status: 422,
        body: { detail: [{ loc: ['body', expect.any(String)] }] },
      });
    }
  });

  it('[RE30] only what was made is remembered: a refused request may be sent again with its key', async () => {
    let exists = false;
    await using api = await startTestApi({
      createConversation: async () =>
        exists ? { ok: true, conversationId: 'conv_x', cursor: '1-2' } : { ok: false, code: 'agent_not_found' },
    });
    expect((await api.call('POST', 'conversations', withKey('k', { agent_id: 'agent_a' }))).status).toBe(404);
    exists = true;
    expect((await api.call('POST', 'conversations', withKey('k', { agent_id: 'agent_a' }))).status).toBe(201);
  });

  it('[IN21] a key has 1 to 255 visible ASCII characters', async () => {
    await using api = await startTestApi();
    for (const key of ['', ' ', 'a b', 'x'.repeat(256), 'é']) {
      expect([key, await api.call('POST', 'agents/create', withKey(key))]).toMatchObject([
        key,
        { status: 422, body: { detail: { code: 'idempotency_key_invalid' } } },
      ]);
    }
    expect((await api.call('POST', 'agents/create', withKey('!~'.repeat(127)))).status).toBe(200);
  });

  it('[RE31] retries that come while the first is under way wait for it: one thing is made', async () => {
    let made = 0;
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await using api = await startTestApi({
      createConversation: async () => {
        made++;
        await held;
        return { ok: true, conversationId: 'conv_x', cursor: '1-2' };
      },
    });
    const post = () => api.call('POST', 'conversations', withKey('k', { agent_id: 'agent_a' }));
    const answers = Promise.all([post(), post(), post()]);
    while (api.created.length === 0) await settle();
    release();
    const bodies = (await answers).map(({ status, text }) => `${status} ${text}`);
    expect([new Set(bodies).size, made]).toEqual([1, 1]);
  });

  it('[RE31] a retry whose first takes over 2 s is 409, the first itself after 10 s 503', async () => {
    await using api = await startTestApi({ createConversation: () => new Promise(() => {}) });
    const post = () => api.call('POST', 'conversations', withKey('k', { agent_id: 'agent_a' }));
    const first = post();
    while (api.created.length === 0) await settle();
    const retry = post();
    // Both deadlines are set once the second request has arrived.
    while (api.clock.pending < 2) await settle();
    api.clock.advance(2_000);
    const pending = await retry;
    expect([pending.status, pending.body, pending.headers.get('retry-after')]).toMatchObject([
      409,
      { detail: { code: 'idempotency_key_pending' } },
      '1',
    ]);
    api.clock.advance(8_000);
    expect(await first).toMatchObject({ status: 503, body: { detail: { code: 'unavailable' } } });
  });

  it('[RE32] what was made just before a crash is found again by its key, not made twice', async () => {
    await using api = await startTestApi();
    api.store.replaysFail = new Error('the power went off here');
    expect((await api.call('POST', 'agents/create', withKey('k'))).status).toBe(500);
    api.store.replaysFail = undefined;
    const [made] = ((await api.call('GET', 'agents')).body as { agents: { agent_id: string }[] }).agents;
    await api.call('PATCH', `agents/${made?.agent_id}`, { body: { name: 'Eve' } });
    expect(await api.call('POST', 'agents/create', withKey('k'))).toMatchObject({ status: 200, body: made && { agent_id: made.agent_id } });
    expect((await api.call('GET', 'agents')).body).toMatchObject({ agents: [{ name: 'Eve' }], has_more: false });
    const list = (await api.call('GET', 'agents')).body as { agents: object[] };
    expect(list.agents).toHaveLength(1);
  });

  it('[RE32] a conversation is opened under the id that its key names', async () => {
    await using api = await startTestApi({
      createConversation: async (request) => {
        const conversationId = request.conversationId ?? 'conv_random';
        await api.conversation(conversationId, 'ws_a', [
          { type: 'conversation.opened' },
          { type: 'message.added', role: 'agent', text: 'Hello', source: 'greeting', event_id: 1, messages: [] },
        ]);
        return { ok: true, conversationId, firstMessage: 'Hello', cursor: '1-3' };
      },
    });
    const post = () => api.call('POST', 'conversations', withKey('k', { agent_id: 'agent_a' }));
    api.store.replaysFail = new Error('the power went off here');
    expect((await post()).status).toBe(500);
    api.store.replaysFail = undefined;
    const answer = await post();
    expect(answer).toMatchObject({
      status: 201,
      body: { conversation_id: api.created[0]?.conversationId, first_message: 'Hello', cursor: '1-3' },
    });
    expect(api.created).toHaveLength(1);
  });

  it('[IN25] a known key is answered also when the rate is used up', async () => {
    await using api = await startTestApi({ config: { rates: { perConversation: 100, perKey: 1 } } });
    expect((await api.call('POST', 'agents/create', withKey('k'))).status).toBe(200);
    expect((await api.call('POST', 'agents/create', withKey('other'))).status).toBe(429);
    expect((await api.call('POST', 'agents/create', withKey('k'))).status).toBe(200);
    expect((await api.call('POST', 'agents/create', { body: BODY })).status).toBe(429);
  });
});
