import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ERRORS } from '../errors.js';
import { readClientFrame } from './client-frame.js';
import type { ClientMessage } from './client-message.js';
import { JSON_DEPTH, TEXT_BYTES } from './limits.js';

const read = (frame: unknown) => readClientFrame(JSON.stringify(frame));

function taken(frame: unknown): ClientMessage {
  const result = read(frame);
  if (!result.ok) throw new Error(result.message);
  return result.message;
}

function refused(frame: unknown): { code: string; message: string } {
  const result = read(frame);
  if (result.ok) throw new Error(`taken: ${result.message.type}`);
  return { code: result.code, message: result.message };
}

describe('a client frame', () => {
  it('[WP1] is never answered by an exception, whatever the text', () => {
    const texts = fc.oneof(fc.string(), fc.json());
    fc.assert(
      fc.property(texts, (text) => {
        const result = readClientFrame(text);
        if (!result.ok) {
          expect(ERRORS).toHaveProperty(result.code);
          expect(result.message).not.toBe('');
        }
      }),
    );
  });

  it('[WP1] is never answered by an exception, whatever the fields of a known type', () => {
    const types = [
      'conversation_initiation_client_data',
      'pong',
      'user_message',
      'contextual_update',
      'multimodal_message',
      'feedback',
      'client_tool_result',
    ];
    const names = [
      'text',
      'event_id',
      'score',
      'file',
      'files',
      'result',
      'conversation_config_override',
      'dynamic_variables',
      'context_id',
    ];
    const frames = fc.tuple(fc.constantFrom(...types), fc.dictionary(fc.constantFrom(...names), fc.jsonValue()));
    fc.assert(fc.property(frames, ([type, fields]) => void read({ ...fields, type })));
  });

  it('[WP1] that is no JSON object says what a frame is', () => {
    expect(readClientFrame('hello')).toMatchObject({
      ok: false,
      code: 'malformed_json',
      message: expect.stringContaining('one JSON object'),
    });
    for (const value of [null, 7, 'x', [1]]) expect(refused(value).message).toContain('Send one JSON object');
    expect(refused({ text: 'x' }).message).toBe('Add type: a string that names the event.');
    expect(refused({ type: 5 }).message).toBe('Send type as a string, not a number.');
  });

  it('[WP2] is audio by its key alone, and only checked to be a string', () => {
    expect(taken({ user_audio_chunk: 'not base64 at all' })).toEqual({ type: 'user_audio_chunk', user_audio_chunk: 'not base64 at all' });
    expect(taken({ type: 'user_audio_chunk', user_audio_chunk: 'AAAA' }).type).toBe('user_audio_chunk');
    expect(refused({ user_audio_chunk: [1, 2] }).message).toBe('Send user_audio_chunk as a base64 string, not a list.');
  });

  it('[WP3] of every kind that the official clients send is read, with the fields that are not known', () => {
    const frames = [
      { type: 'enclave_setup_config', agent_config_dict: null, override_agent_config_list: null, tools_config_list: null },
      { type: 'pong', event_id: 3 },
      { type: 'user_message', text: 'Hello', rich_content_id: null },
      { type: 'user_message', rich_content_id: 'rc_1' },
      { type: 'user_activity' },
      { type: 'contextual_update', text: 'On the cart page', context_id: 'page' },
      { type: 'feedback', event_id: 1, score: null },
      { type: 'mcp_tool_approval_result', tool_call_id: 'c1', is_approved: true },
    ];
    for (const frame of frames) expect(taken({ ...frame, later_field: { a: 1 } })).toEqual({ ...frame, later_field: { a: 1 } });
  });

  it('[WP3] may be the init of JavaScript, of Python in text mode or of the widget', () => {
    const js = {
      type: 'conversation_initiation_client_data',
      conversation_config_override: { agent: {}, tts: {}, conversation: { text_only: true } },
      source_info: { source: 'js_sdk', version: '1.25.0' },
    };
    const python = {
      type: 'conversation_initiation_client_data',
      custom_llm_extra_body: {},
      conversation_config_override: { text_only: true },
      dynamic_variables: { plan: 'gold', items: ['a', 2], none: null },
      user_id: null,
    };
    const widget = {
      type: 'conversation_initiation_client_data',
      conversation_config_override: { agent: { language: 'en', prompt: {}, first_message: null }, tts: null },
    };
    for (const init of [js, python, widget]) expect(taken(init)).toEqual(init);
    expect(taken({ type: 'conversation_initiation_client_data' })).toEqual({ type: 'conversation_initiation_client_data' });
  });

  it('[WP4] of an unknown type is kept under its name', () => {
    const frame = { type: 'hologram', x: 1 };
    expect(taken(frame)).toEqual({ type: 'unknown', name: 'hologram', frame });
    for (const name of ['constructor', '__proto__', 'toString']) expect(taken({ type: name })).toMatchObject({ type: 'unknown', name });
  });

  it('[WP5] that is refused names the event, the field and what is expected', () => {
    const cases: [unknown, RegExp][] = [
      [{ type: 'user_message', text: 5 }, /^user_message: Send text as a string, not a number\. \(for example /],
      [{ type: 'user_message' }, /^user_message: Add text: a string\./],
      [{ type: 'user_message', text: '' }, /^user_message: Do not send text empty/],
      [{ type: 'contextual_update', context_id: 'x' }, /^contextual_update: Add text: a string\./],
      [{ type: 'pong', event_id: '1' }, /^pong: Send event_id as a number, not a string\./],
      [{ type: 'pong', event_id: 1.5 }, /^pong: Send event_id as a whole number, not 1\.5\./],
      [{ type: 'feedback', event_id: 1, score: 'great' }, /^feedback: Choose score from like, dislike\./],
      [{ type: 'client_tool_result', result: 'x' }, /^client_tool_result: Add tool_call_id: a string\./],
      [
        { type: 'conversation_initiation_client_data', conversation_config_override: { agent: { first_message: 1 } } },
        /^conversation_initiation_client_data: Send conversation_config_override\.agent\.first_message as a string, not a number\./,
      ],
      [
        { type: 'conversation_initiation_client_data', dynamic_variables: 'x', user_id: 3 },
        /dynamic_variables as an object, not a string\. \(and 1 more\)/,
      ],
    ];
    for (const [frame, message] of cases)
      expect(refused(frame)).toEqual({ code: 'invalid_request', message: expect.stringMatching(message) });
  });

  it('[WP6] takes 16,384 bytes of text and refuses one more, counted as UTF-8', () => {
    for (const unit of ['a', 'é', '😀']) {
      const bytes = new TextEncoder().encode(unit).length;
      const most = unit.repeat(TEXT_BYTES / bytes);
      for (const type of ['user_message', 'contextual_update']) {
        expect(taken({ type, text: most }).type).toBe(type);
        expect(refused({ type, text: `${most}a` })).toMatchObject({
          code: 'text_too_long',
          message: expect.stringContaining('16384 bytes'),
        });
      }
    }
    expect(refused({ type: 'multimodal_message', text: { text: 'a'.repeat(TEXT_BYTES + 1) } }).code).toBe('text_too_long');
  });

  it('[WP7] with half of a surrogate pair in any field or key is refused by that field', () => {
    expect(refused({ type: 'user_message', text: 'x \ud83d y' }).message).toBe(
      'user_message: Send text as well-formed Unicode: it holds half of a surrogate pair.',
    );
    expect(refused({ type: 'contextual_update', text: 'x', context_id: '\udc00' }).message).toContain('Send context_id as well-formed');
    expect(refused({ type: 'conversation_initiation_client_data', dynamic_variables: { a: ['ok', '\ud800'] } }).message).toContain(
      'dynamic_variables.a.1',
    );
    expect(refused({ type: 'conversation_initiation_client_data', dynamic_variables: { 'a\ud800': 1 } }).code).toBe('invalid_request');
    expect(taken({ type: 'user_message', text: '😀' })).toMatchObject({ text: '😀' });
  });

  it('[WP7] that is nested deeper than could be written again is refused', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
    expect(taken({ type: 'hologram', x: nested(JSON_DEPTH - 1) }).type).toBe('unknown');
    expect(refused({ type: 'hologram', x: nested(JSON_DEPTH) }).message).toContain('Send less nesting');
    expect(readClientFrame(`{"type":"user_message","text":"a","x":${'['.repeat(50_000)}${']'.repeat(50_000)}}`)).toMatchObject({
      ok: false,
      code: 'invalid_request',
    });
  });

  it('[WP8] with files names each file once, in order', () => {
    const file = (file_id: string) => ({ type: 'file_input', file_id });
    const both = {
      type: 'multimodal_message',
      text: { type: 'user_message', text: 'Look' },
      file: file('f1'),
      files: [file('f1'), file('f2')],
    };
    expect(taken(both)).toEqual({ type: 'multimodal_message', text: 'Look', file_ids: ['f1', 'f2'] });
    expect(taken({ type: 'multimodal_message', file: file('f1') })).toMatchObject({ file_ids: ['f1'] });
    expect(taken({ type: 'multimodal_message', text: null })).toMatchObject({ file_ids: [] });
  });

  it('[WP9] with a tool result carries it as text, whichever client sent it', () => {
    const result = { type: 'client_tool_result', tool_call_id: 'c1' };
    expect(taken({ ...result, result: 'fine', is_error: true })).toMatchObject({ result: 'fine', is_error: true });
    expect(taken({ ...result, result: { temperature: 21 } })).toMatchObject({ result: '{"temperature":21}', is_error: false });
    expect(taken({ ...result, result: null })).toMatchObject({ result: 'null', is_error: false });
    expect(taken(result)).toMatchObject({ result: '', is_error: false });
  });
});
