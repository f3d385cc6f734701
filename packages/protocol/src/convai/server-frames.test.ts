import { describe, expect, it } from 'vitest';
import * as frames from './server-frames.js';
import { SERVER_MESSAGES, type ServerMessage } from './server-message.js';

const call = { tool_name: 'weather', tool_call_id: 'call_1', tool_type: 'webhook', event_id: 3 };

const MADE: readonly ServerMessage[] = [
  frames.initiationMetadata('conv_1', { input: 'pcm_16000', output: 'ulaw_8000' }),
  frames.agentResponse('Hi', 1),
  frames.agentResponsePart('start', '', 1),
  frames.agentResponseCorrection('Hi there', 'Hi', 1),
  frames.userTranscript('Hello', 2),
  frames.interruption(2),
  frames.ping(7),
  frames.agentToolRequest(call),
  frames.agentToolResponse(call, false),
  frames.fatalError(1000, 'max_duration_exceeded', 'Over.'),
  frames.clientError('init_ignored', 'Ignored.'),
];

describe('a frame to a client', () => {
  it('[WP10] has its inner object and fits the schema of its type', () => {
    for (const frame of MADE) {
      expect(Object.keys(frame)).toHaveLength(2);
      expect(SERVER_MESSAGES[frame.type].parse(JSON.parse(JSON.stringify(frame)))).toEqual(frame);
    }
  });

  it('[WP10] has a schema that asks for the inner object, for every type but the one whose shape is unknown', () => {
    for (const [type, schema] of Object.entries(SERVER_MESSAGES)) {
      expect(schema.safeParse({ type }).success).toBe(type === 'dtmf_request');
      expect(schema.safeParse({ type: 'another' }).success).toBe(false);
    }
  });

  it('[WP10] keeps ping_ms, also when the latency is unknown', () => {
    expect(JSON.stringify(frames.ping(7))).toBe('{"type":"ping","ping_event":{"event_id":7,"ping_ms":null}}');
    expect(frames.ping(7, 12).ping_event.ping_ms).toBe(12);
  });

  it('[WP10] about a tool has every field that a typed client decodes', () => {
    expect(frames.agentToolRequest(call).agent_tool_request).toEqual({
      ...call,
      expects_response: false,
      disable_interruptions: false,
      response_timeout_secs: 20,
      execution_mode: 'immediate',
    });
    expect(frames.agentToolResponse(call, true).agent_tool_response).toEqual({ ...call, is_error: true, is_called: true });
  });

  it('[WP10] names our formats by their direction', () => {
    expect(frames.initiationMetadata('conv_1', { input: 'pcm_16000', output: 'ulaw_8000' }).conversation_initiation_metadata_event).toEqual(
      {
        conversation_id: 'conv_1',
        agent_output_audio_format: 'ulaw_8000',
        user_input_audio_format: 'pcm_16000',
      },
    );
  });
});
