import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { APP_METADATA_BYTES, JSON_DEPTH, TEXT_BYTES } from './limits.js';
import { fitsMetadata } from './metadata.js';
import { readBy } from './problems.js';
import { CreateConversationBody, FeedbackBody, PatchConversationBody, readEndBody } from './rest.js';
import { EventsQuery, ListMessagesQuery, SignedUrlQuery } from './rest-query.js';

function value<S extends z.ZodType>(schema: S, from: unknown, where: 'body' | 'query' = 'body'): z.output<S> {
  const read = readBy(schema, from, where);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value;
}
const locs = (schema: z.ZodType, from: unknown, where: 'body' | 'query' = 'body') => {
  const read = readBy(schema, from, where);
  return read.ok ? [] : (read.problems ?? []).map(({ loc }) => loc.join('.'));
};

describe('a body', () => {
  it('[WP34] of ours has no unknown field, ElevenLabs’ parts in it keep theirs', () => {
    const body = {
      agent_id: 'agent_1',
      user_id: 'u+7@example.com 😀',
      dynamic_variables: { a: null, b: ['x'] },
      app_metadata: { reference: 'o-1', n: 1, vip: true },
      conversation_config_override: { agent: { first_message: 'x', later_field: 1 } },
      first_message: '',
    };
    expect(value(CreateConversationBody, body)).toEqual(body);
    expect(locs(CreateConversationBody, { ...body, agent: 'x' })).toEqual(['body.agent']);
    expect(locs(CreateConversationBody, {})).toEqual(['body.agent_id']);
    expect(locs(CreateConversationBody, { agent_id: 'a', first_message: 'a'.repeat(TEXT_BYTES + 1) })).toEqual(['body.first_message']);
    expect(value(FeedbackBody, { feedback: 'like', later_field: 1 })).toEqual({ feedback: 'like', later_field: 1 });
    expect(value(FeedbackBody, { rating: 4, comment: null })).toEqual({ rating: 4, comment: null });
    expect(locs(FeedbackBody, { comment: 'x' })).toEqual(['body.feedback']);
  });

  it('[WP34] that could not be stored and sent again unchanged is refused', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });
    expect(locs(CreateConversationBody, { agent_id: 'a', dynamic_variables: { x: nested(JSON_DEPTH) } })).toHaveLength(1);
    expect(locs(CreateConversationBody, { agent_id: 'a', user_id: '\udc00' })).toEqual(['body.user_id']);
  });

  it('[WP54] with a member named __proto__ is refused by its name, wherever it stands; other names of that kind are words', () => {
    const parsed = (text: string): unknown => JSON.parse(text);
    expect(locs(CreateConversationBody, parsed('{"agent_id":"a","app_metadata":{"__proto__":1}}'))).toEqual([
      'body.app_metadata.__proto__',
    ]);
    expect(locs(CreateConversationBody, parsed('{"agent_id":"a","__proto__":{}}'))).toEqual(['body.__proto__']);
    expect(locs(CreateConversationBody, parsed('{"agent_id":"a","dynamic_variables":{"a":[{"__proto__":1}]}}'))).toEqual([
      'body.dynamic_variables.a.0.__proto__',
    ]);
    expect(locs(SignedUrlQuery, { agent_id: 'a', app_metadata: '{"__proto__":1}' }, 'query')).toEqual(['query.app_metadata']);
    const words = { agent_id: 'a', app_metadata: { constructor: 'Bosch', prototype: true } };
    expect(value(CreateConversationBody, words)).toEqual(words);
  });

  it('[WP35] of the end may be missing, and its message has the size of a text', () => {
    expect(readEndBody(undefined)).toEqual({ ok: true });
    expect(readEndBody({})).toEqual({ ok: true });
    expect(readEndBody({ message: 'Bye' })).toEqual({ ok: true, message: 'Bye' });
    expect(readEndBody({ message: 'a'.repeat(TEXT_BYTES + 1) })).toMatchObject({ ok: false, code: 'text_too_long', param: 'message' });
    expect(readEndBody({ massage: 'Bye' })).toMatchObject({ ok: false, code: 'invalid_request', problems: [{ loc: ['body', 'massage'] }] });
  });

  it('[WP36] changes metadata key by key; null removes', () => {
    expect(value(PatchConversationBody, { app_metadata: { a: 'x', gone: null } })).toEqual({ app_metadata: { a: 'x', gone: null } });
    expect(locs(PatchConversationBody, { app_metadata: { a: [1] } })).toEqual(['body.app_metadata.a']);
    expect(locs(PatchConversationBody, {})).toEqual(['body.app_metadata']);
    const most = { k: 'x'.repeat(APP_METADATA_BYTES - '{"k":""}'.length) };
    expect(fitsMetadata(most)).toBe(true);
    expect(fitsMetadata({ k: `${most.k}x` })).toBe(false);
  });
});

describe('a query', () => {
  it('[WP36] carries metadata as URL-encoded JSON', () => {
    const query = (app_metadata: string) => ({ agent_id: 'agent_1', app_metadata });
    expect(value(SignedUrlQuery, query('{"reference":"o-1"}'), 'query').app_metadata).toEqual({ reference: 'o-1' });
    for (const wrong of ['x', '[]', '{"a":{}}', 'null'])
      expect(locs(SignedUrlQuery, query(wrong), 'query')).toEqual(['query.app_metadata']);
  });

  it('[WP37] is read from text, with its defaults and bounds', () => {
    expect(value(EventsQuery, {}, 'query')).toEqual({ limit: 100 });
    expect(value(EventsQuery, { limit: '1000', after: '1-7' }, 'query')).toEqual({ limit: 1000, after: '1-7' });
    for (const limit of ['0', '1001', '-1', '1e2', '', ' 5', '2.5']) expect(locs(EventsQuery, { limit }, 'query')).toEqual(['query.limit']);
    expect(locs(ListMessagesQuery, { page_size: '101' }, 'query')).toEqual(['query.page_size']);
    expect(locs(ListMessagesQuery, { status: 'done' }, 'query')).toEqual(['query.status']);
    expect(value(SignedUrlQuery, { agent_id: 'a', include_conversation_id: 'True' }, 'query').include_conversation_id).toBe(true);
    expect(value(SignedUrlQuery, { agent_id: 'a', join: 'resume' }, 'query').include_conversation_id).toBe(false);
    expect(locs(SignedUrlQuery, { include_conversation_id: 'yes', join: 'x' }, 'query')).toEqual([
      'query.agent_id',
      'query.include_conversation_id',
      'query.join',
    ]);
  });
});
