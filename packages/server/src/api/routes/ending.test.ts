import type { EventBody } from '@backchannel/protocol';
import { describe, expect, it } from 'vitest';
import { settle } from '../../testing/settle.js';
import { startTestApi, type TestApi } from '../../testing/start-test-api.js';

const OPENED: EventBody = { type: 'conversation.opened' };
const ended = (reason: 'ended_by_api' | 'deleted' | 'client_left'): EventBody => ({ type: 'conversation.ended', reason, status: 'done' });
const TIME = '2030-01-01T00:00:00.000Z';

async function startApi(...bodies: readonly EventBody[]): Promise<TestApi> {
  const api = await startTestApi();
  await api.conversation('conv_a', 'ws_a', [OPENED, ...bodies]);
  api.router.script = () => ({ ok: true, cursor: '1-2' });
  return api;
}
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await settle();
};

describe('POST …/end', () => {
  it('[RE80] answers once the end is durable, with how it ended', async () => {
    await using api = await startApi();
    const answer = api.call('POST', 'conversations/conv_a/end', { body: { message: 'Bye' } });
    await until(() => api.followed() === 1);
    await api.happens('conv_a', ended('ended_by_api'));
    expect(await answer).toMatchObject({
      status: 200,
      body: { conversation_id: 'conv_a', status: 'done', ended_at: TIME, reason: 'ended_by_api', last_seq: 3 },
    });
    expect(api.router.sent).toEqual([{ id: 'conv_a', command: { type: 'conversation.end', reason: 'ended_by_api', message: 'Bye' } }]);
  });

  it('[RE80] needs no body', async () => {
    await using api = await startApi();
    api.router.script = () => ({ ok: true, cursor: '1-2', ended: { ended_at: TIME, reason: 'client_left', status: 'done', last_seq: 2 } });
    for (const call of [{}, { body: {} }, { raw: '', headers: { 'content-type': 'application/json' } }]) {
      expect(await api.call('POST', 'conversations/conv_a/end', call)).toMatchObject({ status: 200, body: { reason: 'client_left' } });
    }
  });

  it('[RE81] on a conversation that has ended already it says how, whoever still knows', async () => {
    await using api = await startApi(ended('client_left'));
    const same = { status: 200, body: { conversation_id: 'conv_a', status: 'done', ended_at: TIME, reason: 'client_left', last_seq: 3 } };
    api.router.script = () => ({ ok: true, cursor: '1-3', ended: { ended_at: TIME, reason: 'client_left', status: 'done', last_seq: 3 } });
    expect(await api.call('POST', 'conversations/conv_a/end')).toMatchObject(same);
    api.router.script = () => ({ ok: false, code: 'conversation_ended' });
    expect(await api.call('POST', 'conversations/conv_a/end')).toMatchObject(same);
  });

  it('[RE80] a farewell over 16 KiB is 413, another field 422', async () => {
    await using api = await startApi();
    expect((await api.call('POST', 'conversations/conv_a/end', { body: { message: 'x'.repeat(16_385) } })).status).toBe(413);
    expect((await api.call('POST', 'conversations/conv_a/end', { body: { text: 'Bye' } })).status).toBe(422);
    expect(api.router.sent).toEqual([]);
  });

  it('[RE80] an end that is not durable after 10 s is 503', async () => {
    await using api = await startApi();
    const answer = api.call('POST', 'conversations/conv_a/end');
    await until(() => api.followed() === 1);
    api.clock.advance(10_000);
    expect(await answer).toMatchObject({ status: 503, body: { detail: { code: 'unavailable' } } });
  });
});

describe('POST …/end with an Idempotency-Key', () => {
  const how = { ended_at: TIME, reason: 'ended_by_api', status: 'done', last_seq: 3 };
  const end = (api: TestApi, key: string, body?: object) =>
    api.call('POST', 'conversations/conv_a/end', { ...(body === undefined ? {} : { body }), headers: { 'idempotency-key': key } });
  const ends = (api: TestApi): number => api.router.sent.filter(({ command }) => command.type === 'conversation.end').length;
  const scripted = async (of: object): Promise<TestApi> => {
    const api = await startApi();
    api.router.script = ({ command }) => (command.type === 'message.send' ? of : { ok: true, cursor: '1-2', ended: how });
    return api;
  };

  it('[RE83] the same body again is the same answer and says so, another body is 422', async () => {
    await using api = await scripted({ ok: false, code: 'condition_not_met' });
    const first = await end(api, 'k', { message: 'Bye' });
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    const again = await end(api, 'k', { message: 'Bye' });
    expect([again.status, again.text, again.headers.get('idempotent-replayed')]).toEqual([200, first.text, 'true']);
    for (const body of [{ message: 'Farewell' }, { text: 'a wrong field' }, undefined]) {
      expect(await end(api, 'k', body)).toMatchObject({ status: 422, body: { detail: { code: 'idempotency_key_reused' } } });
    }
    expect(ends(api)).toBe(1);
    await end(api, 'none');
    expect((await end(api, 'none', {})).headers.get('idempotent-replayed')).toBe('true');
  });

  it('[RE83] what was refused is not remembered', async () => {
    await using api = await scripted({ ok: false, code: 'condition_not_met' });
    expect(await end(api, 'k', { text: 'Bye' })).toMatchObject({ status: 422, body: { detail: [{ loc: ['body', 'text'] }] } });
    expect((await end(api, 'k', { message: 'Bye' })).status).toBe(200);
  });

  it('[RE84] a key that a message of the conversation has used is reused, and nothing ends', async () => {
    await using api = await scripted({ ok: false, code: 'idempotency_key_reused', param: 'Idempotency-Key' });
    expect(await end(api, 'k')).toMatchObject({ status: 422, body: { detail: { code: 'idempotency_key_reused' } } });
    expect(ends(api)).toBe(0);
    expect(api.router.sent[0]?.command).toMatchObject({ idempotency_key: 'k', message: { if: { agent_state: [] } } });
  });
});

describe('DELETE of a conversation', () => {
  it('[RE82] ends a live one first, so that whoever waits hears of it, then erases it', async () => {
    await using api = await startApi();
    const answer = api.call('DELETE', 'conversations/conv_a');
    await until(() => api.followed() === 1);
    await api.happens('conv_a', ended('deleted'));
    expect(await answer).toMatchObject({ status: 200, text: '{}' });
    expect(api.router.sent[0]?.command).toEqual({ type: 'conversation.end', reason: 'deleted' });
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/events'],
      ['DELETE', ''],
      ['POST', '/end'],
    ] as const) {
      expect(await api.call(method, `conversations/conv_a${path}`)).toMatchObject({
        status: 404,
        body: { detail: { code: 'conversation_not_found' } },
      });
    }
    expect((await api.call('GET', 'conversations')).body).toMatchObject({ conversations: [] });
  });

  it('[RE82] erases one that has ended', async () => {
    await using api = await startApi(ended('client_left'));
    api.router.script = () => ({ ok: false, code: 'conversation_ended' });
    expect((await api.call('DELETE', 'conversations/conv_a')).status).toBe(200);
    expect((await api.call('GET', 'conversations/conv_a')).status).toBe(404);
  });

  it('[RE82] erases nothing while the end is not certain', async () => {
    await using api = await startApi();
    api.router.script = () => ({ ok: false, code: 'unavailable' });
    expect((await api.call('DELETE', 'conversations/conv_a')).status).toBe(503);
    expect((await api.call('GET', 'conversations/conv_a')).status).toBe(200);
  });
});
