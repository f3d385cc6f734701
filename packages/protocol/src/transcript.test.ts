import { describe, expect, it } from 'vitest';
import type { BodyOf, ConversationEvent, EventBody } from './event.js';
import { createTranscript, foldTranscript, transcriptResponse } from './transcript.js';

const START = Date.parse('2026-11-25T10:00:00.000Z');

/** Numbers the events and gives each its time, in seconds after the start. */
function logOf(...timed: [number, EventBody][]): ConversationEvent[] {
  return timed.map(([seconds, body], i) => ({ ...body, seq: i + 1, epoch: 1, time: new Date(START + seconds * 1000).toISOString() }));
}

function answer(log: readonly ConversationEvent[], nowSeconds = 100, extra: object = {}) {
  const transcript = createTranscript();
  for (const event of log) foldTranscript(transcript, event);
  return transcriptResponse(transcript, extra, START + nowSeconds * 1000);
}

const created = (more: Partial<BodyOf<'conversation.created'>> = {}): EventBody => ({
  type: 'conversation.created',
  conversation_id: 'conv_1',
  workspace_id: 'ws_1',
  agent_id: 'agent_1',
  agent_hash: 'h',
  engine: 'native',
  begun: 'client',
  ...more,
});
const joined = (more: Partial<BodyOf<'client.joined'>> = {}): EventBody => ({
  type: 'client.joined',
  session_id: 's1',
  role: 'user',
  transport: 'websocket',
  authorization_method: 'signed_url',
  source: 'js_sdk',
  version: '1.25.0',
  formats: { input: 'pcm_16000', output: 'pcm_16000' },
  ...more,
});
const opened: EventBody = { type: 'conversation.opened', session_id: 's1' };
const line = (role: 'user' | 'agent', text: string, event_id: number, more: Partial<BodyOf<'message.added'>> = {}): EventBody => ({
  type: 'message.added',
  role,
  text,
  source: role === 'user' ? 'client' : 'engine',
  event_id,
  messages: [],
  ...more,
});
const context = (message_id: string, context_id: string, text: string, replaces?: string): EventBody => ({
  type: 'context.set',
  context_id,
  message_id,
  text,
  ...(replaces ? { replaces } : {}),
});

describe('the transcript', () => {
  it('[WP39] has every key that the official REST client asks for, while the conversation is live', () => {
    const log = logOf(
      [0, created({ user_id: 'u7', user_id_verified: true, app_metadata: { reference: 'o-1' } })],
      [5, joined()],
      [5, opened],
      [5.2, line('agent', 'Hi', 1)],
    );
    expect(answer(log, 65, { agent_name: 'Parcels' })).toEqual({
      agent_id: 'agent_1',
      agent_name: 'Parcels',
      conversation_id: 'conv_1',
      status: 'in-progress',
      user_id: 'u7',
      user_id_verified: true,
      app_metadata: { reference: 'o-1' },
      last_seq: 4,
      cursor: '1-4',
      transcript: [
        {
          role: 'agent',
          message: 'Hi',
          time_in_call_secs: 0,
          interrupted: false,
          source_medium: 'text',
          source_event_id: 1,
          tool_calls: [],
          tool_results: [],
          feedback: null,
        },
      ],
      metadata: {
        start_time_unix_secs: START / 1000 + 5,
        accepted_time_unix_secs: START / 1000 + 5,
        call_duration_secs: 60,
        text_only: true,
        authorization_method: 'signed_url',
        termination_reason: null,
        error: null,
        warnings: [],
        feedback: null,
        conversation_initiation_source: 'js_sdk',
        conversation_initiation_source_version: '1.25.0',
      },
      has_audio: false,
      has_user_audio: false,
      has_response_audio: false,
      has_auxiliary_audio: false,
      conversation_initiation_client_data: {
        conversation_config_override: {},
        custom_llm_extra_body: {},
        user_id: 'u7',
        source_info: { source: 'js_sdk', version: '1.25.0' },
        dynamic_variables: {},
      },
    });
  });

  it('[WP40] shows where the conversation stands in ElevenLabs’ words', () => {
    const log = logOf(
      [0, created()],
      [1, joined()],
      [1, opened],
      [2, { type: 'conversation.dropped', session_id: 's1', resume_in_ms: 30_000 }],
      [9, { type: 'conversation.ended', reason: 'client_lost', status: 'done' }],
    );
    expect([1, 2, 3, 4, 5].map((events) => answer(log.slice(0, events)).status)).toEqual([
      'initiated',
      'initiated',
      'in-progress',
      'in-progress',
      'done',
    ]);
    expect(answer(log).metadata).toMatchObject({ termination_reason: 'client_lost', call_duration_secs: 8, error: null });
    const failed = answer(
      logOf(
        [0, created({ begun: 'signed_url' })],
        [9, { type: 'conversation.ended', reason: 'never_opened', status: 'failed', error: 'x' }],
      ),
    );
    expect(failed).toMatchObject({
      status: 'failed',
      metadata: {
        call_duration_secs: 0,
        accepted_time_unix_secs: null,
        error: { code: 1011, reason: 'x' },
        authorization_method: 'signed_url',
      },
    });
    expect(answer(logOf([0, created({ begun: 'api' })])).metadata).toMatchObject({
      authorization_method: 'authorization_header',
      conversation_initiation_source: null,
    });
  });

  it('[WP41] counts time from the first opening, never below zero', () => {
    const log = logOf(
      [0, created()],
      [10, opened],
      [9, line('agent', 'clock stepped', 1)],
      [12.9, line('user', 'Hello', 2)],
      [50, opened],
      [60, line('agent', 'Again', 3)],
    );
    expect(answer(log).transcript.map((entry) => entry.time_in_call_secs)).toEqual([0, 2, 50]);
    expect(answer(log, 0).metadata.call_duration_secs).toBe(0);
  });

  it('[WP41] holds lines in the order in which they were applied, and says which were cut', () => {
    const log = logOf(
      [0, created()],
      [0, opened],
      [1, line('user', 'Hello', 2)],
      [2, line('agent', 'Let me', 3, { turn_id: 'T', interrupted: true })],
      [3, line('user', 'Stop', 4)],
    );
    expect(
      answer(log).transcript.map(({ role, message, interrupted, source_event_id }) => [role, message, interrupted, source_event_id]),
    ).toEqual([
      ['user', 'Hello', false, 2],
      ['agent', 'Let me', true, 3],
      ['user', 'Stop', false, 4],
    ]);
  });

  it('[WP42] has a context as a user entry that says whether a later one replaced it', () => {
    const log = logOf(
      [0, created()],
      [0, opened],
      [1, context('m1', 'page', 'cart')],
      [2, context('m2', 'm2', 'Customer is Ada')],
      [3, context('m3', 'page', 'payment', 'm1')],
    );
    expect(
      answer(log).transcript.map(({ role, message, source_event_id, contextual_update_info }) => ({
        role,
        message,
        source_event_id,
        ...contextual_update_info,
      })),
    ).toEqual([
      { role: 'user', message: 'cart', source_event_id: null, context_id: 'page', is_superseded: true },
      { role: 'user', message: 'Customer is Ada', source_event_id: null, context_id: 'm2', is_superseded: false },
      { role: 'user', message: 'payment', source_event_id: null, context_id: 'page', is_superseded: false },
    ]);
  });

  it('[WP43] has a tool call and its result with the words of their turn, or by themselves', () => {
    const call = { turn_id: 'T', tool_call_id: 'c1', tool_name: 'end_call', tool_type: 'system', event_id: 3 };
    const events: [number, EventBody][] = [
      [2, { type: 'tool.called', ...call, parameters: { reason: 'done' } }],
      [3, { type: 'tool.returned', ...call, result: 'The call has ended.', is_error: false }],
    ];
    const expected = {
      tool_calls: [
        { request_id: 'c1', tool_name: 'end_call', params_as_json: '{"reason":"done"}', tool_has_been_called: true, type: 'system' },
      ],
      tool_results: [
        {
          request_id: 'c1',
          tool_name: 'end_call',
          result_value: 'The call has ended.',
          is_error: false,
          tool_has_been_called: true,
          type: 'system',
          result: { result_type: 'end_call_success' },
        },
      ],
    };
    const said = answer(logOf([0, created()], [0, opened], [1, line('agent', 'Bye', 3, { turn_id: 'T' })], ...events));
    expect(said.transcript).toMatchObject([{ message: 'Bye', ...expected }]);
    expect(answer(logOf([0, created()], [0, opened], ...events)).transcript).toMatchObject([{ role: 'agent', message: null, ...expected }]);
  });

  it('[WP44] has feedback at its line and in sum, also after the end, and forgets what was taken back', () => {
    const thumb = (event_id: number, score: 'like' | 'dislike' | null): EventBody => ({ type: 'feedback.given', event_id, score });
    const log = logOf(
      [0, created()],
      [0, opened],
      [1, line('agent', 'A', 1)],
      [2, line('agent', 'B', 2)],
      [3, thumb(1, 'like')],
      [4, thumb(2, 'dislike')],
      [5, thumb(9, 'like')],
      [6, { type: 'conversation.ended', reason: 'client_left', status: 'done' }],
      [7, { type: 'feedback.given', rating: 4, comment: 'fine' }],
      [8, thumb(2, null)],
    );
    expect(answer(log.slice(0, 6)).metadata.feedback).toEqual({
      type: 'thumbs',
      overall_score: null,
      likes: 1,
      dislikes: 1,
      rating: null,
      comment: null,
    });
    const all = answer(log);
    expect(all.transcript.map((entry) => entry.feedback)).toEqual([{ score: 'like', time_in_call_secs: 3 }, null]);
    expect(all.metadata.feedback).toEqual({ type: 'rating', overall_score: null, likes: 1, dislikes: 0, rating: 4, comment: 'fine' });
    expect(answer(logOf([0, created()], [1, { type: 'feedback.given', score: 'dislike' }])).metadata.feedback).toMatchObject({
      type: 'thumbs',
      overall_score: 'dislike',
    });
  });

  it('[WP45] tells what the first user client began with, without its secrets, and the backend’s user id before its own', () => {
    const init = { overrides: { agent: { language: 'de' } }, dynamic_variables: { name: 'Ada', secret__key: 's3cret' } };
    const log = logOf(
      [0, created({ user_id: 'u8' })],
      [1, joined({ role: 'attached', source: 'widget' })],
      [1, joined({ user_id: 'u9', init })],
      [1, opened],
      [2, joined({ source: 'python_sdk' })],
    );
    const { conversation_initiation_client_data: data, user_id } = answer(log);
    expect(user_id).toBe('u8');
    expect(data).toEqual({
      conversation_config_override: { agent: { language: 'de' } },
      custom_llm_extra_body: {},
      user_id: 'u8',
      source_info: { source: 'js_sdk', version: '1.25.0' },
      dynamic_variables: { name: 'Ada' },
    });
    expect(JSON.stringify(answer(log))).not.toContain('s3cret');
  });

  it('[WP45] keeps the newest app metadata and every warning', () => {
    const log = logOf(
      [0, created({ app_metadata: { a: 1 } })],
      [1, { type: 'conversation.metadata_changed', app_metadata: { b: 'x' } }],
      [2, { type: 'conversation.warned', code: 'init_ignored', message: 'too late' }],
    );
    expect(answer(log)).toMatchObject({ app_metadata: { b: 'x' }, metadata: { warnings: ['init_ignored: too late'] } });
  });

  it('[WP46] is the same when it is asked for after every event', () => {
    const log = logOf(
      [0, created()],
      [1, joined()],
      [1, opened],
      [2, context('m1', 'page', 'cart')],
      [3, line('agent', 'A', 1)],
      [4, context('m2', 'page', 'pay', 'm1')],
    );
    const kept = createTranscript();
    for (const [i, event] of log.entries()) {
      expect(transcriptResponse(foldTranscript(kept, event), {}, START)).toEqual(answer(log.slice(0, i + 1), 0));
    }
  });
});
