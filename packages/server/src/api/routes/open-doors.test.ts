import { type BodyOf, messageId, refuse } from '@backchannel/protocol';
import { describe, expect, it } from 'vitest';
import { startTestApi } from '../../testing/start-test-api.js';

const ACCEPTED: BodyOf<'message.accepted'> = {
  type: 'message.accepted',
  message_id: messageId('r'.repeat(22), 2),
  message_type: 'user_message',
  text: 'Hi',
  urgency: 'soon',
  reply: 'auto',
  source: 'api',
  agent_state: 'listening',
  user_state: 'quiet',
};
const LIKE = { key: null, body: { feedback: 'like' } };

describe('doors without a key', () => {
  it('[RE90] the token endpoint says which way there is', async () => {
    await using api = await startTestApi();
    expect(await api.call('GET', 'conversation/token?agent_id=agent_a&source=js_sdk', { key: null })).toMatchObject({
      status: 400,
      body: {
        detail: {
          type: 'validation_error',
          code: 'webrtc_not_enabled',
          message: "WebRTC is not enabled here yet; use connectionType:'websocket'.",
        },
      },
    });
  });

  it('[RE96] the socket’s path says what is missing when no upgrade comes, as behind a proxy that drops it', async () => {
    await using api = await startTestApi();
    const { status, headers, body } = await api.call('GET', 'conversation?agent_id=agent_a', { key: null });
    expect([status, headers.get('upgrade')]).toEqual([426, 'websocket']);
    expect(body).toMatchObject({ detail: { code: 'upgrade_required', message: expect.stringMatching(/proxy.*docs\/https\.md/) } });
  });

  it('[RE91] feedback becomes the command that its conversation gets', async () => {
    await using api = await startTestApi();
    api.router.script = () => ({ ok: true });
    expect(await api.call('POST', 'conversations/conv_a/feedback', LIKE)).toMatchObject({ status: 200, text: '{}' });
    await api.call('POST', 'conversations/conv_b/feedback', { key: null, body: { rating: 4, comment: 'Good' } });
    expect(api.router.sent).toEqual([
      { id: 'conv_a', command: { type: 'feedback.give', score: 'like' } },
      { id: 'conv_b', command: { type: 'feedback.give', rating: 4, comment: 'Good' } },
    ]);
    api.router.script = () => ({ ok: false, code: 'unavailable' });
    expect((await api.call('POST', 'conversations/conv_b/feedback', LIKE)).status).toBe(503);
  });

  it('[RE92] every id gets the same answer, so it tells nobody what exists', async () => {
    await using api = await startTestApi();
    const answerOf = new Map<string, object>([
      ['conv_a', refuse('conversation_ended')],
      ['conv_b', { ok: true }],
    ]);
    api.router.script = ({ id }) => answerOf.get(id) ?? refuse('conversation_not_found');
    const answers = await Promise.all(
      ['conv_a', 'conv_b', 'conv_nobody', 'x', '%00'].map((id) => api.call('POST', `conversations/${id}/feedback`, LIKE)),
    );
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`))).toEqual(new Set(['200 {}']));
  });

  it('[RE93] feedback is capped in size and rate', async () => {
    await using api = await startTestApi();
    expect(
      (await api.call('POST', 'conversations/conv_a/feedback', { key: null, body: { feedback: 'like', comment: 'x'.repeat(9_000) } }))
        .status,
    ).toBe(413);
    expect((await api.call('POST', 'conversations/conv_a/feedback', { key: null, body: { feedback: 'maybe' } })).status).toBe(422);
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++) statuses.push((await api.call('POST', 'conversations/conv_a/feedback', LIKE)).status);
    expect(statuses).toContain(429);
    expect((await api.call('POST', 'conversations/conv_b/feedback', LIKE)).status).toBe(200);
  });

  it('[RE94] health says that it is alive, readiness whether it can acknowledge', async () => {
    let ok = true;
    await using api = await startTestApi({ ready: () => ({ ok, store: ok ? 'ok' : 'not writable' }) });
    expect(await api.call('GET', '//healthz', { key: null })).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await api.call('GET', '//readyz', { key: null })).toMatchObject({ status: 200, body: { status: 'ok', store: 'ok' } });
    ok = false;
    expect(await api.call('GET', '//readyz', { key: null })).toMatchObject({
      status: 503,
      body: { status: 'unavailable', store: 'not writable' },
    });
  });

  it('[RE95] metrics are plain numbers as they are when somebody scrapes', async () => {
    const counts = { clientsRefused: [['agent_not_found', 4]], socketsClosed: [['1000', 6]], written: { commits: 7, appends: 9 } } as const;
    const numbers = { ...counts, conversations: 3, clientSockets: 2, stalls: 1, residentBytes: 5_000, uptimeSecs: 1.5 };
    let storeWritable = true;
    await using api = await startTestApi({ numbers: () => ({ ...numbers, storeWritable }) });
    const scrape = async (): Promise<string> => (await api.call('GET', '//metrics', { key: null })).text;
    const { status, headers, text } = await api.call('GET', '//metrics', { key: null });
    expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    expect(text).toContain(
      '# HELP backchannel_conversations Conversations that live on this node and have not ended.\n# TYPE backchannel_conversations gauge\nbackchannel_conversations 3\n',
    );
    for (const line of [
      'client_sockets 2',
      'clients_refused_total{code="agent_not_found"} 4',
      'client_sockets_closed_total{code="1000"} 6',
      'commits_total 7',
      'appends_total 9',
      'store_writable 1',
      'event_loop_stalls_total 1',
      'resident_memory_bytes 5000',
      'uptime_seconds 1.5',
      'messages_accepted_total 0',
    ])
      expect(text).toContain(`\nbackchannel_${line}\n`);
    for (const line of text.trim().split('\n'))
      expect(line).toMatch(/^# (HELP|TYPE) backchannel_\w+ .+$|^backchannel_\w+(\{code="\w+"\})? [\d.]+$/);
    storeWritable = false;
    expect(await scrape()).toContain('\nbackchannel_store_writable 0\n');
  });

  it('[RE95] messages are counted as they are answered, a replay not again', async () => {
    await using api = await startTestApi();
    await api.conversation('conv_a', 'ws_a', [ACCEPTED]);
    let replayed = false;
    api.router.script = () => ({ ok: true, message_id: ACCEPTED.message_id, seq: 2, replayed });
    const send = (text: string) => api.call('POST', 'conversations/conv_a/messages', { body: { type: 'user_message', text } });
    await send('Hi');
    await send('');
    replayed = true;
    await send('Hi');
    const { text } = await api.call('GET', '//metrics', { key: null });
    expect(text).toMatch(/^backchannel_messages_accepted_total 1$/m);
    expect(text).toMatch(/^backchannel_messages_refused_total 1$/m);
    expect(text).toMatch(/^backchannel_messages_refused_by_code_total\{code="\w+"\} 1$/m);
  });
});
