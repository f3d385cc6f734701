import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BodyOf, ConversationEvent, EventBody, PartialEvent } from '../event.js';
import { readClientFrame } from './client-frame.js';
import { createStreamView, encode, type StreamView, toCommand } from './codec.js';
import {
  agentResponse,
  agentResponsePart,
  agentToolRequest,
  agentToolResponse,
  initiationMetadata,
  interruption,
  userTranscript,
} from './server-frames.js';
import type { ServerMessage } from './server-message.js';

let seq = 0;
const numbered = (body: EventBody): ConversationEvent => ({ ...body, seq: ++seq, epoch: 1, time: '2026-11-25T10:00:00.000Z' });

const delta = (turn_id: string, event_id: number, index: number, text: string): PartialEvent => ({
  type: 'reply.delta',
  turn_id,
  event_id,
  index,
  text,
});
const line = (text: string, event_id: number, more: Partial<BodyOf<'message.added'>> = {}): EventBody => ({
  type: 'message.added',
  role: 'agent',
  text,
  source: 'engine',
  event_id,
  messages: [],
  ...more,
});
const typed = (text: string, event_id: number, session_id?: string): EventBody =>
  line(text, event_id, { role: 'user', source: session_id ? 'client' : 'api', ...(session_id ? { session_id } : {}) });
const cut = (turn_id: string): EventBody => ({ type: 'turn.interrupted', turn_id, reason: 'immediate' });

function shown(view: StreamView, ...outputs: (EventBody | PartialEvent)[]): ServerMessage[] {
  return outputs.flatMap((output) => encode(view, output.type === 'reply.delta' ? output : numbered(output)));
}

const s1 = (): StreamView => createStreamView('conv_1', 's1');

describe('what a session is shown', () => {
  it('[WP11] begins with the metadata, which is its own client.joined', () => {
    const joined = (session_id: string): EventBody => ({
      type: 'client.joined',
      session_id,
      role: 'user',
      transport: 'websocket',
      authorization_method: 'public',
      formats: { input: 'pcm_16000', output: 'pcm_24000' },
    });
    expect(shown(s1(), joined('s1'))).toEqual([initiationMetadata('conv_1', { input: 'pcm_16000', output: 'pcm_24000' })]);
    expect(shown(s1(), joined('s2'))).toEqual([]);
  });

  it('[WP12] opens a stream with the first piece: an empty start, then the piece', () => {
    expect(shown(s1(), delta('T', 3, 0, 'Let'), delta('T', 3, 1, ' me'))).toEqual([
      agentResponsePart('start', '', 3),
      agentResponsePart('delta', 'Let', 3),
      agentResponsePart('delta', ' me', 3),
    ]);
  });

  it('[WP12] holds no piece of a turn whose first one this session did not see', () => {
    expect(shown(s1(), delta('T', 3, 1, ' me'), delta('T', 3, 2, ' see'), line('Let me see', 3, { turn_id: 'T' }))).toEqual([
      agentResponse('Let me see', 3),
    ]);
  });

  it('[WP12] never holds two streams at a time, nor one twice', () => {
    const view = s1();
    shown(view, delta('T', 3, 0, 'Let'));
    expect(shown(view, delta('U', 5, 0, 'Other'), delta('U', 5, 1, 's'), delta('T', 3, 0, 'Let'))).toEqual([]);
    shown(view, line('Let', 3, { turn_id: 'T' }));
    expect(shown(view, delta('T', 3, 0, 'Let'), delta('T', 3, 1, 'late'))).toEqual([]);
  });

  it('[WP13] is one whole agent_response for a line that was not streamed here', () => {
    expect(shown(s1(), line('Welcome', 1, { source: 'greeting' }), line('From the backend', 2, { source: 'api' }))).toEqual([
      agentResponse('Welcome', 1),
      agentResponse('From the backend', 2),
    ]);
  });

  it('[WP13] walk 1: the stream closes with its response and its stop, the injected line follows whole', () => {
    const frames = shown(
      s1(),
      typed('Where is it?', 2, 's1'),
      { type: 'turn.started', turn_id: 'T', event_id: 3, cause: ['M1'], interruptible: true },
      delta('T', 3, 0, 'On its'),
      delta('T', 3, 1, ' way'),
      line('On its way', 3, { turn_id: 'T' }),
      { type: 'turn.ended', turn_id: 'T', outcome: 'complete' },
      line('And a coupon', 4, { source: 'api' }),
    );
    expect(frames.slice(3)).toEqual([agentResponse('On its way', 3), agentResponsePart('stop', '', 3), agentResponse('And a coupon', 4)]);
  });

  it('[WP13] walk 14: a line said while a turn thinks does not touch the stream that follows', () => {
    expect(shown(s1(), line('Still looking', 4, { source: 'api' }), delta('T', 3, 0, 'Found'), line('Found', 3, { turn_id: 'T' }))).toEqual(
      [
        agentResponse('Still looking', 4),
        agentResponsePart('start', '', 3),
        agentResponsePart('delta', 'Found', 3),
        agentResponse('Found', 3),
        agentResponsePart('stop', '', 3),
      ],
    );
  });

  it('[WP14] walk 11: what the line has beyond its stream goes out as a last piece', () => {
    const view = s1();
    shown(view, delta('T', 3, 0, 'Let me 😀'));
    expect(shown(view, line('Let me 😀 Sorry', 3, { turn_id: 'T' }))).toEqual([
      agentResponsePart('delta', ' Sorry', 3),
      agentResponse('Let me 😀 Sorry', 3),
      agentResponsePart('stop', '', 3),
    ]);
  });

  it('[WP14] walk 11: an apology without a stream is only an agent_response', () => {
    expect(shown(s1(), line('Sorry', 3, { turn_id: 'T' }))).toEqual([agentResponse('Sorry', 3)]);
  });

  it('[WP14] a line that is shorter than its stream sends no piece', () => {
    const view = s1();
    shown(view, delta('T', 3, 0, 'Let me see'));
    expect(shown(view, line('Let me', 3, { turn_id: 'T', interrupted: true }))).toEqual([
      agentResponse('Let me', 3),
      agentResponsePart('stop', '', 3),
    ]);
  });

  it('[WP15] shows what others said for the user, never what this client typed', () => {
    expect(shown(s1(), typed('mine', 2, 's1'), typed('of the other', 3, 's2'), typed('of the backend', 4))).toEqual([
      userTranscript('of the other', 3),
      userTranscript('of the backend', 4),
    ]);
  });

  it('[WP16] walk 6: a cut stream ends as response, stop, interruption, all with its id', () => {
    const view = s1();
    shown(view, delta('T', 3, 0, 'Let me'));
    expect(shown(view, line('Let me', 3, { turn_id: 'T', interrupted: true }), cut('T'))).toEqual([
      agentResponse('Let me', 3),
      agentResponsePart('stop', '', 3),
      interruption(3),
    ]);
    expect(shown(view, cut('T'))).toEqual([]);
  });

  it('[WP16] holds nothing of a turn that was cut before a word, nor of one that this session did not see begin', () => {
    expect(shown(s1(), cut('T'), delta('U', 4, 1, 'x'), line('As heard', 4, { turn_id: 'U', interrupted: true }), cut('U'))).toEqual([
      agentResponse('As heard', 4),
    ]);
  });

  it('[WP17] tells of a tool before and after, and of the end of the call only after', () => {
    const call = { turn_id: 'T', tool_call_id: 'c1', tool_name: 'weather', tool_type: 'webhook', event_id: 3 };
    const hangUp = { ...call, tool_name: 'end_call', tool_type: 'system' };
    expect(shown(s1(), { type: 'tool.called', ...call, parameters: {} })).toEqual([agentToolRequest(call)]);
    expect(shown(s1(), { type: 'tool.returned', ...call, result: 'boom', is_error: true })).toEqual([agentToolResponse(call, true)]);
    expect(shown(s1(), { type: 'tool.called', ...hangUp, parameters: {} })).toEqual([]);
    expect(shown(s1(), { type: 'tool.returned', ...hangUp, result: 'ok', is_error: false })).toEqual([agentToolResponse(hangUp, false)]);
  });

  it('[WP18] says that the time is over, and nothing of other ends', () => {
    const ended = (reason: BodyOf<'conversation.ended'>['reason']): EventBody => ({ type: 'conversation.ended', reason, status: 'done' });
    expect(shown(s1(), ended('max_duration'))).toMatchObject([
      { type: 'error', error_event: { code: 1000, error_type: 'max_duration_exceeded' } },
    ]);
    expect(shown(s1(), ended('end_call'), ended('ended_by_api'))).toEqual([]);
  });

  it('[WP18] holds no frame of what clients do not know', () => {
    const silent: EventBody[] = [
      { type: 'conversation.opened', session_id: 's1' },
      { type: 'client.confirmed', session_id: 's1', through: 4 },
      { type: 'message.level', message_id: 'M', level: 'spoken', final: true },
      { type: 'context.set', context_id: 'page', message_id: 'M', text: 'cart' },
      { type: 'turn.ended', turn_id: 'T', outcome: 'failed', reason: 'model_error' },
      { type: 'conversation.warned', code: 'x', message: 'y' },
    ];
    expect(shown(s1(), ...silent)).toEqual([]);
  });

  it('[WP19] keeps every stream whole: start, pieces, one response with the same text, stop, nothing between', () => {
    const turn = fc.record({
      pieces: fc.array(fc.string({ minLength: 1 }), { maxLength: 5 }),
      missedFirst: fc.boolean(),
      ending: fc.constantFrom('complete', 'cut', 'apology'),
      between: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 6 }), (turns) => {
        const outputs: (EventBody | PartialEvent)[] = turns.flatMap(
          ({ pieces, missedFirst, ending, between }, i): (EventBody | PartialEvent)[] => {
            const turn_id = `T${i}`;
            const said = pieces.join('') + (ending === 'apology' ? ' Sorry.' : '');
            const deltas = pieces.map((text, index) => delta(turn_id, i + 1, index, text)).slice(missedFirst ? 1 : 0);
            const whole = said === '' ? [] : [line(said, i + 1, { turn_id, interrupted: ending === 'cut' })];
            return [...(between ? [line('aside', 100)] : []), ...deltas, ...whole, ...(ending === 'cut' ? [cut(turn_id)] : [])];
          },
        );
        let open: { id: number; text: string; answered: boolean } | undefined;
        for (const frame of shown(s1(), ...outputs)) {
          if (frame.type === 'agent_chat_response_part') {
            const { type, text, event_id } = frame.text_response_part;
            if (type === 'start') {
              expect(open).toBeUndefined();
              open = { id: event_id, text: '', answered: false };
              continue;
            }
            expect(open?.id).toBe(event_id);
            if (type === 'delta') {
              expect(open?.answered).toBe(false);
              if (open) open.text += text;
            } else {
              expect(open?.answered).toBe(true);
              open = undefined;
            }
          } else if (frame.type === 'agent_response' && open) {
            expect(frame.agent_response_event).toEqual({ agent_response: open.text, event_id: open.id });
            open.answered = true;
          } else if (frame.type === 'interruption') expect(open).toBeUndefined();
        }
        expect(open).toBeUndefined();
      }),
    );
  });
});

describe('what a client asks for', () => {
  const asked = (frame: unknown) => {
    const read = readClientFrame(JSON.stringify(frame));
    return read.ok ? toCommand(read.message, 's1') : read;
  };
  const message = (more: object) => ({ type: 'message.send', source: 'client', session_id: 's1', message: more });

  it('[WP20] is a message that interrupts when it was typed, a later one without reply when it is context', () => {
    const typedMessage = message({ type: 'user_message', text: 'Hi', urgency: 'immediate', reply: 'auto' });
    expect(asked({ type: 'user_message', text: 'Hi' })).toEqual(typedMessage);
    expect(asked({ type: 'multimodal_message', text: { type: 'user_message', text: 'Hi' }, file: { file_id: 'f1' } })).toEqual(
      typedMessage,
    );
    const context = { type: 'contextual_update', text: 'cart', urgency: 'later', reply: 'none' };
    expect(asked({ type: 'contextual_update', text: 'cart', context_id: 'page' })).toEqual(message({ ...context, context_id: 'page' }));
    for (const context_id of [undefined, null, ''])
      expect(asked({ type: 'contextual_update', text: 'cart', context_id })).toEqual(message(context));
  });

  it('[WP20] is what its pong, its typing and its thumbs say', () => {
    expect(asked({ type: 'pong', event_id: 15 })).toEqual({ type: 'client.pong', session_id: 's1', through: 15 });
    expect(asked({ type: 'user_activity' })).toEqual({ type: 'client.activity', session_id: 's1' });
    expect(asked({ type: 'feedback', event_id: 3, score: null })).toEqual({ type: 'feedback.give', event_id: 3, score: null });
  });

  it('[WP20] is nothing for what the transport keeps to itself or nobody serves', () => {
    const frames = [
      { user_audio_chunk: 'AAAA' },
      { type: 'conversation_initiation_client_data' },
      { type: 'enclave_setup_config' },
      { type: 'client_tool_result', tool_call_id: 'never asked', result: 'x' },
      { type: 'mcp_tool_approval_result', tool_call_id: 'c', is_approved: true },
      { type: 'multimodal_message', file: { file_id: 'f1' } },
      { type: 'user_message', rich_content_id: 'rc_1' },
      { type: 'hologram' },
    ];
    for (const frame of frames) expect(asked(frame)).toBeUndefined();
  });
});
