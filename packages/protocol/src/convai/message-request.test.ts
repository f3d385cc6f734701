import { describe, expect, it } from 'vitest';
import { LEVELS, MESSAGE_RULES, MessageType, ReplyMode, Urgency } from '../message.js';
import { TEXT_BYTES } from './limits.js';
import { toMessageRequest } from './message-request.js';

const problems = (body: unknown) => {
  const asked = toMessageRequest(body);
  return asked.ok ? [] : asked.problems;
};

describe('a message body', () => {
  it('[WP31] takes its defaults from its type', () => {
    const request = (body: object) => toMessageRequest({ text: 'x', ...body });
    expect(request({ type: 'user_message' })).toEqual({
      ok: true,
      request: { type: 'user_message', text: 'x', urgency: 'soon', reply: 'auto' },
      wait_for: 'accepted',
      timeout_ms: 10_000,
    });
    expect(request({ type: 'contextual_update' })).toMatchObject({ request: { urgency: 'later', reply: 'none' } });
    expect(request({ type: 'agent_message' })).toMatchObject({ request: { urgency: 'soon', reply: 'none' } });
    expect(request({ type: 'instruction' })).toMatchObject({ request: { urgency: 'soon', reply: 'auto' } });
    expect(request({ type: 'user_message', urgency: 'later' })).toMatchObject({ request: { urgency: 'later', reply: 'none' } });
    expect(request({ type: 'instruction', urgency: 'later' })).toMatchObject({ request: { urgency: 'later', reply: 'none' } });
  });

  it('[WP31] says everything else in the units of a command', () => {
    const body = {
      type: 'user_message',
      text: 'My order number is 42',
      urgency: 'immediate',
      reply: 'auto',
      interruptible: false,
      if: { agent_state: ['listening'], user_state: ['quiet', 'away'] },
      expires_in_secs: 1.5,
      wait_for: 'replied',
      timeout_ms: 50_000,
      metadata: { ticket: 7 },
    };
    expect(toMessageRequest(body)).toEqual({
      ok: true,
      request: {
        type: 'user_message',
        text: 'My order number is 42',
        urgency: 'immediate',
        reply: 'auto',
        interruptible: false,
        if: { agent_state: ['listening'], user_state: ['quiet', 'away'] },
        expires_in_ms: 1500,
        metadata: { ticket: 7 },
      },
      wait_for: 'replied',
      timeout_ms: 50_000,
    });
    expect(toMessageRequest({ type: 'contextual_update', text: 'x', context_id: 'page', interruptible: true })).toMatchObject({
      request: { type: 'contextual_update', text: 'x', urgency: 'later', reply: 'none', context_id: 'page' },
    });
  });

  it('[WP32] exists in the combinations of the contract, and any other names the type to use', () => {
    const exists = new Set([
      'user_message soon auto',
      'user_message soon none',
      'user_message immediate auto',
      'user_message immediate none',
      'user_message later none',
    ]);
    for (const combination of [...exists]) exists.add(combination.replace('user_message', 'instruction'));
    for (const more of ['contextual_update later none', 'agent_message soon none', 'agent_message immediate none']) exists.add(more);

    for (const type of MessageType.options.filter((name) => name !== 'human_message')) {
      for (const urgency of Urgency.options) {
        for (const reply of ReplyMode.options) {
          const asked = toMessageRequest({ type, text: 'x', urgency, reply });
          expect(asked.ok, `${type} ${urgency} ${reply}`).toBe(exists.has(`${type} ${urgency} ${reply}`));
          if (asked.ok) continue;
          expect(asked).toMatchObject({ code: 'invalid_message_combination', param: expect.stringMatching(/^(urgency|reply)$/) });
          expect(asked.message).toMatch(/use (instruction|user_message)/);
        }
      }
    }
  });

  it('[WP32] protects only what is said, and names a context only where there is one', () => {
    const protectedOnes = ['agent_message', 'user_message', 'instruction'].map((type) => ({ type, text: 'x', interruptible: false }));
    for (const body of protectedOnes) expect(toMessageRequest(body)).toMatchObject({ ok: true, request: { interruptible: false } });
    const senseless = [{ type: 'contextual_update' }, { type: 'user_message', reply: 'none' }, { type: 'instruction', urgency: 'later' }];
    for (const body of senseless) {
      expect(toMessageRequest({ text: 'x', interruptible: false, ...body })).toMatchObject({
        code: 'invalid_message_combination',
        param: 'interruptible',
      });
    }
    expect(toMessageRequest({ type: 'agent_message', text: 'x', context_id: 'page' })).toMatchObject({
      code: 'invalid_message_combination',
      message: expect.stringContaining('use contextual_update'),
    });
    expect(toMessageRequest({ type: 'human_message', text: 'x' })).toMatchObject({
      code: 'not_supported',
      message: expect.stringContaining('use agent_message'),
    });
  });

  it('[WP33] waits only for levels that its type has, and at most 50 seconds', () => {
    for (const type of MessageType.options.filter((name) => name !== 'human_message')) {
      for (const level of LEVELS) {
        expect(toMessageRequest({ type, text: 'x', wait_for: level }).ok, `${type} ${level}`).toBe(
          MESSAGE_RULES[type].levels.includes(level),
        );
      }
    }
    expect(problems({ type: 'agent_message', text: 'x', wait_for: 'replied' })).toEqual([
      {
        loc: ['body', 'wait_for'],
        msg: 'An agent_message is never replied; wait for one of accepted, delivered, applied, spoken.',
        type: 'value_error',
      },
    ]);
    expect(problems({ type: 'user_message', text: 'x', wait_for: 'expired' })).toMatchObject([{ loc: ['body', 'wait_for'], type: 'enum' }]);
    expect(problems({ type: 'user_message', text: 'x', timeout_ms: 50_001 })).toEqual([
      { loc: ['body', 'timeout_ms'], msg: 'Send timeout_ms as a number of at most 50000.', type: 'less_than_equal' },
    ]);
    expect(toMessageRequest({ type: 'user_message', text: 'x', reply: 'none', wait_for: 'replied' }).ok).toBe(true);
  });

  it('[WP34] that is not as it should be is refused field by field, unknown fields too', () => {
    expect(problems({ type: 'shout', urgancy: 'soon', interruptible: 'no', if: { agent_state: [], user: 1 }, expires_in_secs: 0 })).toEqual(
      [
        {
          loc: ['body', 'type'],
          msg: expect.stringContaining('Choose type from user_message, contextual_update, agent_message'),
          type: 'enum',
        },
        { loc: ['body', 'text'], msg: 'Add text: a string.', type: 'missing' },
        { loc: ['body', 'interruptible'], msg: 'Send interruptible as true or false, not a string.', type: 'boolean_type' },
        { loc: ['body', 'if', 'agent_state'], msg: 'Give if.agent_state at least 1 entry, or leave it out.', type: 'too_short' },
        { loc: ['body', 'if', 'user'], msg: 'There is no field if.user; remove it or correct its name.', type: 'extra_forbidden' },
        { loc: ['body', 'expires_in_secs'], msg: 'Send expires_in_secs as a number above 0.', type: 'greater_than' },
        { loc: ['body', 'urgancy'], msg: 'There is no field urgancy; remove it or correct its name.', type: 'extra_forbidden' },
      ],
    );
    for (const body of [undefined, null, [], 'x']) expect(problems(body)).toMatchObject([{ loc: ['body'] }]);
    expect(problems({ type: 'user_message', text: '' })).toMatchObject([{ loc: ['body', 'text'], type: 'too_short' }]);
    expect(problems({ type: 'user_message', text: 'a\ud800' })).toMatchObject([{ loc: ['body', 'text'], type: 'value_error' }]);
    expect(problems({ type: 'contextual_update', text: 'x', context_id: 'é'.repeat(129) })).toMatchObject([
      { loc: ['body', 'context_id'] },
    ]);
  });

  it('[WP35] takes 16,384 bytes of text and answers one more as too long', () => {
    expect(toMessageRequest({ type: 'agent_message', text: 'é'.repeat(TEXT_BYTES / 2) }).ok).toBe(true);
    expect(toMessageRequest({ type: 'agent_message', text: `${'é'.repeat(TEXT_BYTES / 2)}a` })).toMatchObject({
      ok: false,
      code: 'text_too_long',
      param: 'text',
    });
  });

  it('[WP36] carries metadata that is flat and small', () => {
    const metadata = (value: unknown) => problems({ type: 'user_message', text: 'x', metadata: value });
    expect(metadata({ a: 'x', b: 1, c: true })).toEqual([]);
    expect(metadata({ a: { b: 1 } })).toEqual([
      { loc: ['body', 'metadata', 'a'], msg: 'Send metadata.a as a string or a number or true or false, not an object.', type: 'union' },
    ]);
    expect(metadata({ a: 'x'.repeat(4096) })).toMatchObject([
      { loc: ['body', 'metadata'], msg: 'Send metadata of at most 4096 bytes of JSON.' },
    ]);
  });
});
