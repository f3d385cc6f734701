import type { Frame } from '@backchannel/server/testing';
import { describe, expect, it } from 'vitest';
import { wireProblems } from './wire-rules.js';

const metadata: Frame = {
  type: 'conversation_initiation_metadata',
  conversation_initiation_metadata_event: {
    conversation_id: 'conv_1',
    agent_output_audio_format: 'pcm_16000',
    user_input_audio_format: 'pcm_16000',
  },
};
const part = (type: string, event_id: number, text = ''): Frame => ({
  type: 'agent_chat_response_part',
  text_response_part: { type, text, event_id },
});
const response = (event_id: number, agent_response: string): Frame => ({
  type: 'agent_response',
  agent_response_event: { agent_response, event_id },
});
const interruption = (event_id: number): Frame => ({ type: 'interruption', interruption_event: { event_id } });
const ping = (event_id: unknown): Frame => ({ type: 'ping', ping_event: { event_id, ping_ms: null } });

const stream = [part('start', 2), part('delta', 2, 'Hi.'), response(2, 'Hi.'), part('stop', 2)];

describe('the rules by which a session’s frames are judged', () => {
  it('[OC51] let a conversation pass that has greeting, stream, ping, interruption and injected lines', () => {
    expect(wireProblems([metadata, response(1, 'Hello.'), ...stream, interruption(2), response(3, 'Injected.'), ping(9)])).toEqual([]);
  });

  const broken: Readonly<Record<string, readonly Frame[]>> = {
    'a frame before the metadata': [ping(1), metadata],
    'the metadata twice': [metadata, metadata],
    'a format that cannot be read': [
      {
        ...metadata,
        conversation_initiation_metadata_event: {
          conversation_id: 'conv_1',
          agent_output_audio_format: 'text',
          user_input_audio_format: 'pcm_16000',
        },
      },
    ],
    'a frame that is no JSON': [metadata, { type: 'not JSON', data: 'hello' }],
    'a missing inner object': [metadata, { type: 'agent_response' }],
    'an event_id of 0': [metadata, response(0, 'Hello.')],
    'an event_id that is a text': [metadata, ping('9')],
    'audio in text': [metadata, { type: 'audio', audio_event: { audio_base_64: 'AAAA', event_id: 1 } }],
    'a stream that never stops': [metadata, part('start', 2), part('delta', 2, 'Hi.')],
    'a stream that stops without its agent_response': [metadata, part('start', 2), part('stop', 2)],
    'a stream that is not its agent_response': [metadata, part('start', 2), part('delta', 2, 'Hi.'), response(2, 'Ho.'), part('stop', 2)],
    'two agent_responses of one stream': [
      metadata,
      part('start', 2),
      part('delta', 2, 'Hi.'),
      response(2, 'Hi.'),
      response(2, 'Hi.'),
      part('stop', 2),
    ],
    'a foreign agent_response inside of a stream': [metadata, part('start', 2), response(3, 'Injected.'), response(2, ''), part('stop', 2)],
    'a stream inside of a stream': [metadata, part('start', 2), ...stream.map((frame) => ({ ...frame }))],
    'a delta after the end': [metadata, ...stream, part('delta', 2, 'More.')],
    'a delta after the interruption': [metadata, interruption(2), part('delta', 2, 'More.')],
    'an interruption inside of a stream': [metadata, part('start', 2), interruption(2), response(2, ''), part('stop', 2)],
  };
  for (const [what, frames] of Object.entries(broken)) {
    it(`[OC51] see ${what}`, () => expect(wireProblems(frames).length).toBeGreaterThan(0));
  }
});
