import {
  type BodyOf,
  type ConversationEvent,
  type EventBody,
  foldReceipt,
  messageId,
  type Receipt,
  type SendMessage,
} from '@backchannel/protocol';
import { describe, expect, it } from 'vitest';
import { settle } from '../../testing/settle.js';
import { addKey, startTestApi, type TestApi, type TestCall } from '../../testing/start-test-api.js';

const SAY = { type: 'user_message', text: 'My order number is 42' };
const MESSAGE = messageId('r'.repeat(22), 2);

const ACCEPTED: BodyOf<'message.accepted'> = {
  type: 'message.accepted',
  message_id: MESSAGE,
  message_type: 'user_message',
  text: SAY.text,
  urgency: 'soon',
  reply: 'auto',
  source: 'api',
  agent_state: 'listening',
  user_state: 'quiet',
};
const level = (name: BodyOf<'message.level'>['level'], more: Partial<BodyOf<'message.level'>> = {}): EventBody => ({
  type: 'message.level',
  message_id: MESSAGE,
  level: name,
  ...more,
});
const LINE: EventBody = {
  type: 'message.added',
  role: 'agent',
  text: 'Thank you.',
  source: 'engine',
  event_id: 3,
  messages: [MESSAGE],
  turn_id: 'turn_a',
};

/** Events behind `conversation.created`, from seq 2. */
const numbered = (bodies: readonly EventBody[]): ConversationEvent[] =>
  bodies.map((body, i) => ({ ...body, seq: i + 2, epoch: 1, time: `2030-01-01T00:00:0${i}.000Z` }) as ConversationEvent); // a member with its envelope

function receiptOf(bodies: readonly EventBody[]): Receipt {
  const receipt = numbered(bodies).reduce<Receipt | undefined>(foldReceipt, undefined);
  if (receipt === undefined) throw new Error('no message in it');
  return receipt;
}

const sent = (bodies: readonly EventBody[]) => ({ ok: true, message_id: MESSAGE, seq: 2, replayed: false, receipt: receiptOf(bodies) });
const post = (api: TestApi, body: object = SAY, call: TestCall = {}) =>
  api.call('POST', 'conversations/conv_a/messages', { body, ...call });
const withKey = (key: string): TestCall => ({ headers: { 'idempotency-key': key } });
const commandOf = (api: TestApi, at = 0): SendMessage => api.router.sent[at]?.command as SendMessage; // the only command these tests send

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await settle();
};

async function startApi(options: Parameters<typeof startTestApi>[0] = {}): Promise<TestApi> {
  const api = await startTestApi(options);
  await api.conversation('conv_a');
  api.router.script = () => sent([ACCEPTED]);
  return api;
}

describe('POST …/messages', () => {
  it('[WP54] metadata with a member named __proto__ is refused by its name', async () => {
    await using api = await startTestApi();
    await api.conversation('conv_a');
    const raw = '{"type":"agent_message","text":"Hi","metadata":{"a":1,"__proto__":"x"}}';
    expect(await api.call('POST', 'conversations/conv_a/messages', { raw })).toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['body', 'metadata', '__proto__'], msg: expect.stringContaining('another name') }] },
    });
  });

  it('[IN1] the body becomes the command that its owner gets, with the defaults and the key that sent it', async () => {
    await using api = await startApi();
    await post(api);
    expect(api.router.sent).toEqual([
      {
        id: 'conv_a',
        command: { type: 'message.send', message: { ...SAY, urgency: 'soon', reply: 'auto' }, source: 'api', key_id: 'id of key-of-a' },
      },
    ]);
  });

  it('[IN2] 202 with what was accepted: place, states, the request’s own fields and a cursor to follow from', async () => {
    await using api = await startApi();
    const accepted = { ...ACCEPTED, downgraded: true, expires_in_ms: 1_500, metadata: { ticket: 7 }, interruptible: false };
    api.router.script = () => sent([accepted]);
    expect(await post(api)).toMatchObject({ status: 202 });
    expect((await post(api)).body).toEqual({
      message_id: MESSAGE,
      conversation_id: 'conv_a',
      seq: 2,
      cursor: '1-2',
      status: 'accepted',
      agent_state: 'listening',
      user_state: 'quiet',
      downgraded: true,
      message: { ...SAY, urgency: 'soon', reply: 'auto', interruptible: false, expires_in_secs: 1.5, metadata: { ticket: 7 } },
    });
  });

  it('[IN2] the status is the level reached when the answer leaves', async () => {
    await using api = await startApi();
    api.router.script = () => sent([ACCEPTED, level('applied')]);
    expect(await post(api)).toMatchObject({ status: 202, body: { status: 'applied' } });
    expect(await post(api, { ...SAY, wait_for: 'applied' })).toMatchObject({ status: 200, body: { status: 'applied' } });
  });

  it('[IN3] 200 when a wait has ended well: here with the reply', async () => {
    await using api = await startApi();
    await api.happens('conv_a', ACCEPTED);
    const answer = post(api, { ...SAY, wait_for: 'replied' });
    await until(() => api.followed() === 1);
    await api.happens('conv_a', level('applied'), LINE, level('replied'));
    expect(await answer).toMatchObject({
      status: 200,
      body: { status: 'replied', reply: { text: 'Thank you.', event_id: 3, complete: true } },
    });
    expect(api.followed()).toBe(0);
  });

  it('[IN3] 200 when a wait has ended badly, with the reason', async () => {
    await using api = await startApi();
    await api.happens('conv_a', ACCEPTED);
    const answer = post(api, { ...SAY, wait_for: 'replied' });
    await until(() => api.followed() === 1);
    await api.happens('conv_a', level('failed', { reason: 'model_timeout', final: true }));
    expect(await answer).toMatchObject({ status: 200, body: { status: 'failed', reason: 'model_timeout' } });
  });

  it('[IN4] when the time is over, 202 with the level reached by then', async () => {
    await using api = await startApi();
    await api.happens('conv_a', ACCEPTED);
    const answer = post(api, { ...SAY, wait_for: 'replied', timeout_ms: 50_000 });
    await until(() => api.followed() === 1);
    await api.happens('conv_a', level('applied'));
    await settle();
    api.clock.advance(50_000);
    expect(await answer).toMatchObject({ status: 202, body: { status: 'applied' } });
    await until(() => api.followed() === 0);
  });

  it('[IN5] a caller that hangs up ends the wait and nothing else', async () => {
    await using api = await startApi();
    await api.happens('conv_a', ACCEPTED);
    const gone = new AbortController();
    const answer = fetch(`${api.url}/v1/convai/conversations/conv_a/messages`, {
      method: 'POST',
      signal: gone.signal,
      headers: { 'xi-api-key': 'key-of-a', 'content-type': 'application/json' },
      body: JSON.stringify({ ...SAY, wait_for: 'replied' }),
    });
    await until(() => api.followed() === 1);
    gone.abort();
    await expect(answer).rejects.toThrow();
    await until(() => api.followed() === 0);
    expect(api.router.sent).toHaveLength(1);
  });

  it('[RE18] a server that stops answers whoever waits with what is known', async () => {
    await using api = await startApi();
    await api.happens('conv_a', ACCEPTED);
    const answer = post(api, { ...SAY, wait_for: 'replied' });
    await until(() => api.followed() === 1);
    const closing = api.app.close();
    expect(await answer).toMatchObject({ status: 202, body: { status: 'accepted' } });
    await closing;
  });

  it('[IN6] what the owner or the router refuses is answered as the table says', async () => {
    await using api = await startApi();
    const extra = { ended_at: '2030-01-01T00:00:00.000Z', reason: 'client_left', last_seq: 9 };
    const refusals = [
      [410, { ok: false, code: 'conversation_ended', extra }, { code: 'conversation_ended', ...extra }],
      [
        409,
        { ok: false, code: 'condition_not_met', extra: { agent_state: 'speaking' } },
        { code: 'condition_not_met', agent_state: 'speaking' },
      ],
      [429, { ok: false, code: 'too_many_waiting' }, { code: 'too_many_waiting' }],
      [503, { ok: false, code: 'unavailable' }, { code: 'unavailable' }],
      [404, { ok: false, code: 'conversation_not_found' }, { code: 'conversation_not_found' }],
    ] as const;
    for (const [status, refusal, detail] of refusals) {
      api.router.script = () => refusal;
      expect(await post(api)).toMatchObject({ status, body: { detail } });
    }
  });

  it('[IN7] an agent’s words need messages:speak, a line or a context messages:write', async () => {
    await using api = await startApi();
    await addKey(api.store, 'writer', 'ws_a', ['messages:write']);
    await addKey(api.store, 'speaker', 'ws_a', ['messages:speak']);
    const allowed = async (key: string, type: string) => (await post(api, { type, text: 'x' }, { key })).status !== 403;
    for (const type of ['user_message', 'contextual_update'])
      expect([await allowed('writer', type), await allowed('speaker', type)]).toEqual([true, false]);
    for (const type of ['agent_message', 'instruction'])
      expect([await allowed('writer', type), await allowed('speaker', type)]).toEqual([false, true]);
  });

  it('[IN8] what does not exist is refused before the owner is asked', async () => {
    await using api = await startApi();
    expect(await post(api, { ...SAY, urgncy: 'soon' })).toMatchObject({ status: 422, body: { detail: [{ loc: ['body', 'urgncy'] }] } });
    expect(await post(api, { type: 'agent_message', text: 'x', reply: 'auto' })).toMatchObject({
      status: 422,
      body: { detail: { code: 'invalid_message_combination' } },
    });
    expect(await post(api, { type: 'contextual_update', text: 'x', wait_for: 'spoken' })).toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['body', 'wait_for'] }] },
    });
    expect(await post(api, { ...SAY, wait_for: 'replied', timeout_ms: 120_000 })).toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['body', 'timeout_ms'] }] },
    });
    expect(await post(api, { ...SAY, text: 'é'.repeat(8_193) })).toMatchObject({
      status: 413,
      body: { detail: { code: 'text_too_long' } },
    });
    expect(api.router.sent).toEqual([]);
  });
});

describe('POST …/messages with an Idempotency-Key', () => {
  it('[IN20] the owner gets the key, and one fingerprint for one body', async () => {
    await using api = await startApi();
    await post(api, SAY, withKey('k'));
    await post(api, { text: SAY.text, type: 'user_message', wait_for: 'accepted', timeout_ms: 1 }, withKey('k'));
    await post(api, { ...SAY, text: 'other' }, withKey('k'));
    const [first, same, other] = [0, 1, 2].map((at) => commandOf(api, at));
    expect(first).toMatchObject({ idempotency_key: 'k', fingerprint: expect.stringMatching(/^[\w-]{43}$/) });
    expect(same?.fingerprint).toBe(first?.fingerprint);
    expect(other?.fingerprint).not.toBe(first?.fingerprint);
  });

  it('[IN21] a key that is none is refused', async () => {
    await using api = await startApi();
    expect(await post(api, SAY, withKey('two words'))).toMatchObject({
      status: 422,
      body: { detail: { code: 'idempotency_key_invalid' } },
    });
    expect(api.router.sent).toEqual([]);
  });

  it('[IN22] a replay is the current receipt, and says that it is one', async () => {
    await using api = await startApi();
    await api.conversation('conv_r', 'ws_a', [ACCEPTED, level('applied'), LINE, level('replied', { final: true }), level('spoken')]);
    api.router.script = () => ({ ok: true, message_id: MESSAGE, seq: 2, replayed: true });
    const answer = await api.call('POST', 'conversations/conv_r/messages', { body: SAY, ...withKey('k') });
    expect(answer).toMatchObject({ status: 202, body: { message_id: MESSAGE, seq: 2, status: 'replied', reply: { text: 'Thank you.' } } });
    expect(answer.headers.get('idempotent-replayed')).toBe('true');
  });

  it('[IN26] a replay waits again when it asks to', async () => {
    await using api = await startApi();
    await api.conversation('conv_r', 'ws_a', [ACCEPTED, level('applied')]);
    api.router.script = () => ({ ok: true, message_id: MESSAGE, seq: 2, replayed: true });
    const answer = api.call('POST', 'conversations/conv_r/messages', { body: { ...SAY, wait_for: 'replied' }, ...withKey('k') });
    await until(() => api.followed() === 1);
    await api.happens('conv_r', LINE, level('replied'));
    expect(await answer).toMatchObject({ status: 200, body: { status: 'replied' } });
  });

  it('[IN22] another body under a known key is refused', async () => {
    await using api = await startApi();
    api.router.script = () => ({ ok: false, code: 'idempotency_key_reused', param: 'Idempotency-Key' });
    expect(await post(api, SAY, withKey('k'))).toMatchObject({ status: 422, body: { detail: { code: 'idempotency_key_reused' } } });
  });

  it('[IN27] a known key goes before what is wrong with the body; the message that asks for it can never be taken', async () => {
    await using api = await startApi();
    const wrong = [
      [422, { ...SAY, urgncy: 'soon' }],
      [413, { ...SAY, text: 'x'.repeat(16_385) }],
      [422, { type: 'agent_message', text: 'x', reply: 'auto' }],
    ] as const;
    api.router.script = () => ({ ok: false, code: 'idempotency_key_reused', param: 'Idempotency-Key' });
    for (const [, body] of wrong) {
      expect(await post(api, body, withKey('k'))).toMatchObject({ status: 422, body: { detail: { code: 'idempotency_key_reused' } } });
      expect(commandOf(api, -1 + api.router.sent.length)).toMatchObject({ idempotency_key: 'k', message: { if: { agent_state: [] } } });
    }
    for (const answer of [
      { ok: false, code: 'condition_not_met' },
      { ok: false, code: 'conversation_ended' },
      { ok: true, message_id: MESSAGE, seq: 2, replayed: true },
    ]) {
      api.router.script = () => answer;
      for (const [status, body] of wrong) expect((await post(api, body, withKey('new'))).status).toBe(status);
    }
  });

  it('[IN23] a retry whose first is not durable after 2 s is 409 with Retry-After; the first goes on waiting', async () => {
    await using api = await startApi();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    api.router.script = async () => {
      await held;
      return sent([ACCEPTED]);
    };
    const first = post(api, SAY, withKey('k'));
    while (api.router.sent.length < 1) await settle();
    const retry = post(api, SAY, withKey('k'));
    const other = post(api, SAY, withKey('another'));
    while (api.router.sent.length < 3) await settle();
    api.clock.advance(2_000);
    const pending = await retry;
    expect([pending.status, pending.body, pending.headers.get('retry-after')]).toMatchObject([
      409,
      { detail: { code: 'idempotency_key_pending' } },
      '1',
    ]);
    release();
    expect([(await first).status, (await other).status]).toEqual([202, 202]);
    expect((await post(api, SAY, withKey('k'))).status).toBe(202);
  });

  it('[IN25] over the rate a known key is still answered, and nothing new is taken', async () => {
    await using api = await startApi({ config: { rates: { perConversation: 1, perKey: 2_000 } } });
    await api.conversation('conv_r', 'ws_a', [ACCEPTED]);
    const send = (key: string) => api.call('POST', 'conversations/conv_r/messages', { body: SAY, ...withKey(key) });
    expect((await send('first')).status).toBe(202);
    // As the owner does: a known key before the condition, and nothing else behind it.
    api.router.script = ({ command }) => {
      const { idempotency_key, message } = command as SendMessage; // the only command these tests send
      if (idempotency_key === 'first') return { ok: true, message_id: MESSAGE, seq: 2, replayed: true };
      return message.if?.agent_state?.length === 0 ? { ok: false, code: 'condition_not_met' } : sent([ACCEPTED]);
    };
    expect(await send('first')).toMatchObject({ status: 202, body: { message_id: MESSAGE } });
    const refused = await send('second');
    expect([refused.status, refused.body, refused.headers.get('retry-after')]).toMatchObject([
      429,
      { detail: { code: 'rate_limited' } },
      '1',
    ]);
    expect((await api.call('POST', 'conversations/conv_r/messages', { body: SAY })).status).toBe(429);
  });
});
