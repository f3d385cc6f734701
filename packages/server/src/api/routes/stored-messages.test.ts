import { type BodyOf, type EventBody, messageId } from '@backchannel/protocol';
import { describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../../testing/start-test-api.js';

const idAt = (seq: number): string => messageId('r'.repeat(22), seq);
const accepted = (seq: number): EventBody => ({
  type: 'message.accepted',
  message_id: idAt(seq),
  message_type: 'user_message',
  text: `at ${seq}`,
  urgency: 'soon',
  reply: 'auto',
  source: 'api',
  agent_state: 'listening',
  user_state: 'quiet',
});
const level = (seq: number, name: BodyOf<'message.level'>['level'], more: Partial<BodyOf<'message.level'>> = {}): EventBody => ({
  type: 'message.level',
  message_id: idAt(seq),
  level: name,
  ...more,
});
const TIME = '2030-01-01T00:00:00.000Z';

/** Three messages: at 2 spoken, at 3 applied, at 4 accepted. */
const LOG: readonly EventBody[] = [
  accepted(2),
  accepted(3),
  accepted(4),
  level(2, 'applied'),
  level(3, 'applied'),
  { type: 'message.added', role: 'agent', text: 'Yes.', source: 'engine', event_id: 7, messages: [idAt(2)], turn_id: 'turn_a' },
  level(2, 'replied', { event_id: 7 }),
  level(2, 'spoken', { final: true, basis: 'confirmed', complete: true }),
];

async function startApi(): Promise<TestApi> {
  const api = await startTestApi();
  await api.conversation('conv_a', 'ws_a', LOG);
  return api;
}

describe('GET …/messages/{message_id}', () => {
  it('[IN30] is the answer with every level, when and why', async () => {
    await using api = await startApi();
    expect(await api.call('GET', `conversations/conv_a/messages/${idAt(2)}`)).toMatchObject({
      status: 200,
      body: {
        message_id: idAt(2),
        conversation_id: 'conv_a',
        seq: 2,
        status: 'spoken',
        reply: { text: 'Yes.', event_id: 7, complete: true },
        message: { type: 'user_message', text: 'at 2', urgency: 'soon', reply: 'auto' },
        timeline: [
          { level: 'accepted', seq: 2, time: TIME },
          { level: 'applied', seq: 5, time: TIME },
          { level: 'replied', seq: 8, time: TIME, event_id: 7 },
          { level: 'spoken', seq: 9, time: TIME, basis: 'confirmed', complete: true },
        ],
      },
    });
  });

  it('[IN31] an id that this conversation does not have is 404 message_not_found', async () => {
    await using api = await startApi();
    await api.conversation('conv_other', 'ws_a', [accepted(2)]);
    for (const id of ['msg_x', 'x', idAt(5), idAt(99), messageId('s'.repeat(22), 2), idAt(0), idAt(1)]) {
      expect(await api.call('GET', `conversations/conv_a/messages/${id}`)).toMatchObject({
        status: 404,
        body: { detail: { code: 'message_not_found' } },
      });
    }
    expect(await api.call('GET', `conversations/conv_x/messages/${idAt(2)}`)).toMatchObject({
      status: 404,
      body: { detail: { code: 'conversation_not_found' } },
    });
  });
});

describe('GET …/messages', () => {
  it('[IN32] lists all by seq, in pages', async () => {
    await using api = await startApi();
    const first = await api.call('GET', 'conversations/conv_a/messages?page_size=2');
    expect(first.body).toMatchObject({
      messages: [
        { seq: 2, status: 'spoken', reply: { text: 'Yes.' } },
        { seq: 3, status: 'applied' },
      ],
      has_more: true,
    });
    const { next_cursor } = first.body as { next_cursor: string };
    expect((await api.call('GET', `conversations/conv_a/messages?page_size=2&cursor=${next_cursor}`)).body).toMatchObject({
      messages: [{ seq: 4, status: 'accepted' }],
      has_more: false,
      next_cursor: null,
    });
  });

  it('[IN33] is narrowed to the level that was reached', async () => {
    await using api = await startApi();
    const seqs = async (query: string) => {
      const { body } = await api.call('GET', `conversations/conv_a/messages?${query}`);
      return (body as { messages: { seq: number }[] }).messages.map(({ seq }) => seq);
    };
    expect(await seqs('status=accepted')).toEqual([4]);
    expect(await seqs('status=applied')).toEqual([3]);
    expect(await seqs('status=spoken')).toEqual([2]);
    expect(await seqs('status=cancelled')).toEqual([]);
    expect((await api.call('GET', 'conversations/conv_a/messages?status=gone')).status).toBe(422);
    expect(await api.call('GET', 'conversations/conv_a/messages?cursor=x')).toMatchObject({
      status: 422,
      body: { detail: { code: 'invalid_cursor' } },
    });
  });
});

describe('DELETE …/messages/{message_id}', () => {
  it('[IN34] cancels what is not applied yet, and the same again is the same answer', async () => {
    await using api = await startApi();
    api.router.script = async () => {
      await api.happens('conv_a', level(4, 'cancelled', { final: true }));
      return { ok: true, message_id: idAt(4), seq: 4 };
    };
    const first = await api.call('DELETE', `conversations/conv_a/messages/${idAt(4)}`);
    expect(first).toMatchObject({ status: 200, body: { message_id: idAt(4), status: 'cancelled' } });
    expect(api.router.sent).toEqual([{ id: 'conv_a', command: { type: 'message.cancel', message_id: idAt(4) } }]);
    expect((await api.call('DELETE', `conversations/conv_a/messages/${idAt(4)}`)).text).toBe(first.text);
    expect(api.router.sent).toHaveLength(1);
  });

  it('[IN35] what has ended otherwise is refused with how it has ended; what somebody else cancelled is answered', async () => {
    await using api = await startApi();
    await api.happens('conv_a', level(3, 'superseded', { final: true, reason: 'replaced' }), level(4, 'expired', { final: true }));
    api.router.script = () => ({ ok: false, code: 'already_applied' });
    for (const [seq, words] of [
      [3, 'The message has already ended: superseded (replaced); there is nothing left to take back.'],
      [4, 'The message has already ended: expired; there is nothing left to take back.'],
    ] as const) {
      expect(await api.call('DELETE', `conversations/conv_a/messages/${idAt(seq)}`)).toMatchObject({
        status: 409,
        body: { detail: { code: 'already_applied', message: words } },
      });
    }
    await api.conversation('conv_b', 'ws_a', [accepted(2)]);
    api.router.script = async () => {
      await api.happens('conv_b', level(2, 'cancelled', { final: true }));
      return { ok: false, code: 'already_applied' };
    };
    expect(await api.call('DELETE', `conversations/conv_b/messages/${idAt(2)}`)).toMatchObject({
      status: 200,
      body: { status: 'cancelled' },
    });
  });

  it('[IN34] what is applied, unknown or over is refused as its owner says', async () => {
    await using api = await startApi();
    api.router.script = () => ({ ok: false, code: 'already_applied' });
    expect(await api.call('DELETE', `conversations/conv_a/messages/${idAt(3)}`)).toMatchObject({
      status: 409,
      body: { detail: { code: 'already_applied' } },
    });
    expect((await api.call('DELETE', `conversations/conv_a/messages/${idAt(9)}`)).status).toBe(404);
    api.router.script = () => ({ ok: false, code: 'conversation_ended' });
    expect((await api.call('DELETE', `conversations/conv_a/messages/${idAt(4)}`)).status).toBe(410);
  });
});
