import { refuse } from '@backchannel/protocol';
import { describe, expect, it } from 'vitest';
import { startTestApi } from '../../testing/start-test-api.js';

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
});
