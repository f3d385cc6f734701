import { AppError, ERRORS, type ErrorCode, parseOwn, refuse } from '@backchannel/protocol';
import { describe, expect, it } from 'vitest';
import { refusalOf, renderRefusal } from './refusal-reply.js';

const detailOf = (body: string) => parseOwn<{ detail: unknown }>(body).detail;

describe('a refusal as a reply', () => {
  it('[RE1] every row of the table becomes its status and the envelope', () => {
    // Object.keys of the table are its codes.
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      const { status, body } = renderRefusal(refuse(code), 'req_1');
      const { http, type, message } = ERRORS[code];
      expect(status).toBe(http);
      expect(detailOf(body)).toEqual({ type, code, message, status: code, request_id: 'req_1' });
    }
  });

  it('[RE1] a refusal’s own words, parameter and further members are shown, and cannot hide the envelope', () => {
    const refusal = refuse('conversation_ended', {
      message: 'It is over.',
      param: 'conversation_id',
      extra: { last_seq: 7, code: 'mine', request_id: 'mine' },
    });
    expect(detailOf(renderRefusal(refusal, 'req_1').body)).toEqual({
      type: 'gone',
      code: 'conversation_ended',
      message: 'It is over.',
      status: 'conversation_ended',
      request_id: 'req_1',
      param: 'conversation_id',
      last_seq: 7,
    });
  });

  it('[RE2] wrong fields are a list of where, what and which kind', () => {
    const problems = [{ loc: ['body', 'text'], msg: 'Add text: a string.', type: 'missing' }];
    const { status, body } = renderRefusal(refuse('missing_dynamic_variable', { problems }), 'req_1');
    expect([status, detailOf(body)]).toEqual([422, problems]);
  });

  it('[RE3] Retry-After comes from the table, or from the refusal when that knows better', () => {
    expect(renderRefusal(refuse('unavailable'), 'r').retryAfterSecs).toBe(1);
    expect(renderRefusal(refuse('rate_limited', { extra: { retry_after_secs: 2.2 } }), 'r').retryAfterSecs).toBe(3);
    expect(renderRefusal(refuse('invalid_request'), 'r').retryAfterSecs).toBeUndefined();
  });

  it('[RE24] the store’s own exceptions are an unknown cursor, or a store that cannot be read now', () => {
    const named = (name: string) => Object.assign(new Error('inside'), { name });
    expect(refusalOf(named('InvalidCursorError'))).toMatchObject({ code: 'invalid_cursor' });
    expect(refusalOf(named('AppendError'))).toMatchObject({ code: 'unavailable' });
  });

  it('[RE1] an exception is a refusal only where it says so; anything else is a fault of ours', () => {
    expect(refusalOf(AppError.of('wrong_agent'))).toMatchObject({ code: 'wrong_agent' });
    expect(refusalOf(new Error('boom'))).toBeUndefined();
    expect(refusalOf('boom')).toBeUndefined();
    expect(refusalOf(Object.assign(new Error('x'), { code: 'FST_ERR_CTP_BODY_TOO_LARGE', statusCode: 413 }))).toMatchObject({
      code: 'payload_too_large',
    });
  });

  it('[RE25] what waiting does not mend has no Retry-After, and what is over says how to go on', () => {
    expect(renderRefusal(refuse('too_many_contexts'), 'req_a')).toMatchObject({ status: 409, body: expect.stringContaining('"conflict"') });
    expect(renderRefusal(refuse('too_many_contexts'), 'req_a')).not.toHaveProperty('retryAfterSecs');
    expect(renderRefusal(refuse('conversation_ended'), 'req_a').body).toContain('open a new one');
  });
});
