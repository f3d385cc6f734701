import type { EventBody } from '@backchannel/protocol';
import { describe, expect, it } from 'vitest';
import type { CreateRequest } from '../../api/create-conversation.js';
import { startTestApi } from '../../testing/start-test-api.js';

const OPENED: EventBody = { type: 'conversation.opened' };
const LINES: readonly EventBody[] = [
  OPENED,
  { type: 'message.added', role: 'agent', text: 'Hello', source: 'greeting', event_id: 1, messages: [] },
  { type: 'message.added', role: 'user', text: 'Hi', source: 'api', event_id: 2, messages: ['msg_a'] },
];
const ENDED: EventBody = { type: 'conversation.ended', reason: 'ended_by_api', status: 'done' };

describe('opening a conversation', () => {
  it('[RE60] 201 with its id, its greeting and a cursor; what was asked reaches the use case', async () => {
    await using api = await startTestApi({
      createConversation: async () => ({ ok: true, conversationId: 'conv_new', firstMessage: 'Hello', cursor: '1-3' }),
    });
    const body = {
      agent_id: 'agent_a',
      user_id: 'u7',
      dynamic_variables: { name: 'Ada' },
      app_metadata: { tier: 'gold' },
      conversation_config_override: { agent: { language: 'de' } },
      first_message: 'Hello',
    };
    expect(await api.call('POST', 'conversations', { body })).toMatchObject({
      status: 201,
      body: { conversation_id: 'conv_new', agent_id: 'agent_a', status: 'in-progress', first_message: 'Hello', cursor: '1-3' },
    });
    const asked: CreateRequest = {
      workspaceId: 'ws_a',
      agentId: 'agent_a',
      begun: 'api',
      userId: 'u7',
      dynamicVariables: { name: 'Ada' },
      appMetadata: { tier: 'gold' },
      override: { agent: { language: 'de' } },
      firstMessage: 'Hello',
    };
    expect(api.created).toEqual([asked]);
  });

  it('[RE60] what the use case refuses is answered, missing variables one by one', async () => {
    const problems = ['name', 'city'].map((name) => ({ loc: ['body', 'dynamic_variables', name], msg: `Add ${name}.`, type: 'missing' }));
    await using api = await startTestApi({ createConversation: async () => ({ ok: false, code: 'missing_dynamic_variable', problems }) });
    expect(await api.call('POST', 'conversations', { body: { agent_id: 'agent_a' } })).toMatchObject({
      status: 422,
      body: { detail: problems },
    });
  });

  it('[RE60] an unknown field is refused by name', async () => {
    await using api = await startTestApi();
    expect(await api.call('POST', 'conversations', { body: { agent_id: 'agent_a', userid: 'x' } })).toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['body', 'userid'] }] },
    });
    expect(api.created).toEqual([]);
  });
});

describe('finding and reading conversations', () => {
  it('[RE61] the list is newest first, in ElevenLabs’ shape, in pages', async () => {
    await using api = await startTestApi();
    for (const id of ['conv_a', 'conv_b', 'conv_c']) await api.conversation(id, 'ws_a', LINES);
    await api.conversation('conv_d', 'ws_b');
    api.clock.advance(61_500);
    const first = await api.call('GET', 'conversations?page_size=2');
    expect(first.body).toMatchObject({
      conversations: [
        {
          conversation_id: 'conv_c',
          agent_id: 'agent_a',
          start_time_unix_secs: 1_893_456_000,
          call_duration_secs: 61,
          message_count: 2,
          status: 'in-progress',
          call_successful: 'unknown',
          agent_name: null,
          conversation_initiation_source: null,
          rating: null,
          termination_reason: null,
          app_metadata: {},
        },
        { conversation_id: 'conv_b' },
      ],
      has_more: true,
    });
    const { next_cursor } = first.body as { next_cursor: string };
    expect((await api.call('GET', `conversations?page_size=2&cursor=${next_cursor}`)).body).toMatchObject({
      conversations: [{ conversation_id: 'conv_a' }],
      has_more: false,
      next_cursor: null,
    });
  });

  it('[RE62] the list is narrowed by status, agent, user and app metadata', async () => {
    await using api = await startTestApi();
    await api.conversation('conv_created');
    await api.conversation('conv_open', 'ws_a', LINES);
    await api.conversation('conv_dropped', 'ws_a', [OPENED, { type: 'conversation.dropped', session_id: 's', resume_in_ms: 1 }]);
    await api.conversation('conv_done', 'ws_a', [OPENED, ENDED]);
    await api.conversation('conv_failed', 'ws_a', [{ ...ENDED, reason: 'never_opened', status: 'failed' }]);
    await api.conversation('conv_gold', 'ws_a', [
      OPENED,
      { type: 'conversation.metadata_changed', app_metadata: { tier: 'gold', 'a.b': 5 } },
    ]);
    const found = async (query: string) => {
      const { body } = await api.call('GET', `conversations?${query}`);
      return (body as { conversations: { conversation_id: string }[] }).conversations.map(({ conversation_id }) =>
        conversation_id.slice(5),
      );
    };
    expect(await found('status=initiated')).toEqual(['created']);
    expect(await found('status=in-progress')).toEqual(['gold', 'dropped', 'open']);
    expect(await found('status=processing')).toEqual([]);
    expect(await found('status=done')).toEqual(['done']);
    expect(await found('status=failed')).toEqual(['failed']);
    expect(await found('app_metadata.tier=gold')).toEqual(['gold']);
    expect(await found('app_metadata.a.b=5')).toEqual(['gold']);
    expect(await found('app_metadata.tier=silver')).toEqual([]);
    expect(await found('agent_id=agent_other')).toEqual([]);
    expect(await found('user_id=nobody')).toEqual([]);
    expect(await found('status=done&status=failed')).toEqual(['failed', 'done']);
    expect(await found('exclude_statuses=done&exclude_statuses=in-progress')).toEqual(['failed', 'created']);
    const odd = await api.call('GET', 'conversations?tool_names=a&tool_names=b&colour=red&agent_id=x&agent_id=agent_a');
    expect(odd).toMatchObject({ status: 200, body: { has_more: false, conversations: { length: 6 } } });
    expect(odd.body).toMatchObject({ warnings: [/tool_names/, /colour/, /agent_id/].map((name) => expect.stringMatching(name)) });
    expect((await api.call('GET', 'conversations')).body).not.toHaveProperty('warnings');
    expect((await api.call('GET', 'conversations?status=alive')).status).toBe(422);
    expect((await api.call('GET', 'conversations?page_size=0')).status).toBe(422);
  });

  it('[RE63] a live conversation is read with its transcript filled, and what our own fields say', async () => {
    await using api = await startTestApi();
    await api.conversation('conv_a', 'ws_a', LINES);
    expect((await api.call('GET', 'conversations/conv_a')).body).toMatchObject({
      agent_id: 'agent_a',
      agent_name: null,
      conversation_id: 'conv_a',
      status: 'in-progress',
      has_audio: false,
      has_user_audio: false,
      has_response_audio: false,
      has_auxiliary_audio: false,
      metadata: { start_time_unix_secs: 1_893_456_000, call_duration_secs: 0, text_only: true },
      transcript: [
        { role: 'agent', message: 'Hello', time_in_call_secs: 0, source_event_id: 1 },
        { role: 'user', message: 'Hi', time_in_call_secs: 0, source_event_id: 2 },
      ],
      user_id_verified: false,
      app_metadata: {},
      last_seq: 4,
      cursor: '1-4',
    });
  });

  it('[RE64] a patch of the app metadata goes to the owner, and the whole of it comes back', async () => {
    await using api = await startTestApi();
    await api.conversation('conv_a');
    api.router.script = () => ({ ok: true, app_metadata: { a: 1 } });
    expect(await api.call('PATCH', 'conversations/conv_a', { body: { app_metadata: { a: 1, b: null } } })).toMatchObject({
      status: 200,
      body: { conversation_id: 'conv_a', app_metadata: { a: 1 } },
    });
    expect(api.router.sent).toEqual([{ id: 'conv_a', command: { type: 'metadata.patch', app_metadata: { a: 1, b: null } } }]);
    api.router.script = () => ({ ok: false, code: 'conversation_ended', extra: { last_seq: 5 } });
    expect((await api.call('PATCH', 'conversations/conv_a', { body: { app_metadata: {} } })).status).toBe(410);
  });

  it('[RE64] variables there are refused with what to send instead', async () => {
    await using api = await startTestApi();
    await api.conversation('conv_a');
    expect(await api.call('PATCH', 'conversations/conv_a', { body: { dynamic_variables: { page: 'cart' } } })).toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['body', 'dynamic_variables'], msg: expect.stringContaining('contextual_update') }] },
    });
    expect((await api.call('PATCH', 'conversations/conv_a', { body: {} })).status).toBe(422);
    expect((await api.call('PATCH', 'conversations/conv_a', { body: { app_metadata: { a: {} } } })).status).toBe(422);
  });

  it('[RE65] the live count is of what is open or dropped, of one agent when asked', async () => {
    await using api = await startTestApi();
    await api.conversation('conv_created');
    await api.conversation('conv_open', 'ws_a', LINES);
    await api.conversation('conv_done', 'ws_a', [OPENED, ENDED]);
    await api.conversation('conv_b', 'ws_b', LINES);
    expect((await api.call('GET', 'analytics/live-count')).body).toEqual({ count: 1 });
    expect((await api.call('GET', 'analytics/live-count?agent_id=agent_a')).body).toEqual({ count: 1 });
    expect((await api.call('GET', 'analytics/live-count?agent_id=agent_x')).body).toEqual({ count: 0 });
  });
});
