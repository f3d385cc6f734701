import { describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.js';
import { startTestApi } from '../testing/start-test-api.js';
import { ConversationTokens } from './conversation-tokens.js';

const HOUR_MS = 3_600_000;

describe('tokens for one conversation', () => {
  it('[AC2] hold for their time, and are 256 bits at least', () => {
    const clock = new ManualClock();
    const tokens = new ConversationTokens(clock, { tokenMs: HOUR_MS, mostHeld: 10 });
    const { token, expiresAt } = tokens.mint('ws_a', 'conv_a');
    expect(token).toMatch(/^bct_[A-Za-z0-9]{44}$/);
    expect(expiresAt).toBe(clock.wall() + HOUR_MS);
    clock.advance(HOUR_MS - 1);
    expect(tokens.callerOf(token)).toMatchObject({ workspaceId: 'ws_a', conversationId: 'conv_a' });
    clock.advance(1);
    expect(tokens.callerOf(token)).toBeUndefined();
  });

  it('[AC2] are bounded: the oldest goes first', () => {
    const tokens = new ConversationTokens(new ManualClock(), { tokenMs: HOUR_MS, mostHeld: 2 });
    const [first = '', ...rest] = ['conv_a', 'conv_b', 'conv_c'].map((id) => tokens.mint('ws_a', id).token);
    expect(tokens.callerOf(first)).toBeUndefined();
    expect(rest.map((token) => tokens.callerOf(token)?.conversationId)).toEqual(['conv_b', 'conv_c']);
  });

  it('[AC3] read and write their conversation, in either header, and nothing else', async () => {
    await using api = await startTestApi();
    for (const id of ['conv_a', 'conv_b']) await api.conversation(id);
    await api.conversation('conv_elsewhere', 'ws_b');
    const { token } = api.tokens.mint('ws_a', 'conv_a');
    const asBearer = { key: null, headers: { authorization: `Bearer ${token}` } };
    for (const call of [{ key: token }, asBearer]) {
      expect((await api.call('GET', 'conversations/conv_a', call)).status).toBe(200);
      expect((await api.call('GET', 'conversations/conv_a/events', call)).status).toBe(200);
      const bodies = new Set<string>();
      for (const id of ['conv_b', 'conv_elsewhere', 'conv_nobody', 'x']) {
        const { status, text } = await api.call('GET', `conversations/${id}`, call);
        expect(status).toBe(404);
        bodies.add(text.replace(/req_\w+/, ''));
      }
      expect(bodies.size).toBe(1);
      for (const [method, path] of BEYOND_ONE_CONVERSATION) {
        const { status, body } = await api.call(method, path, call);
        expect([method, path, status, body]).toMatchObject([method, path, 403, { detail: { code: 'narrowed_key' } }]);
      }
    }
    api.clock.advance(2 * HOUR_MS);
    expect(await api.call('GET', 'conversations/conv_a', asBearer)).toMatchObject({
      status: 401,
      body: { detail: { code: 'invalid_token' } },
    });
  });

  it('[AC4] Authorization carries tokens and no API keys', async () => {
    await using api = await startTestApi();
    const answer = await api.call('GET', 'conversations', { key: null, headers: { authorization: 'Bearer key-of-a' } });
    expect(answer).toMatchObject({ status: 401, body: { detail: { code: 'missing_api_key' } } });
  });
});

const BEYOND_ONE_CONVERSATION = [
  ['GET', 'conversations'],
  ['POST', 'conversations'],
  ['PATCH', 'conversations/conv_a'],
  ['DELETE', 'conversations/conv_a'],
  ['GET', 'analytics/live-count'],
  ['GET', 'agents'],
  ['GET', 'agents/agent_a'],
  ['POST', 'agents/create'],
  ['GET', 'conversation/get-signed-url?agent_id=agent_a&conversation_id=conv_a'],
] as const;
