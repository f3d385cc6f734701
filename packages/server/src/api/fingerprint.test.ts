import { parseOwn } from '@backchannel/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, fingerprint } from './fingerprint.js';

const ROUTE = 'POST /messages';

describe('fingerprint', () => {
  it('[IN20] the order of members and the way a number is written do not matter', () => {
    const body = parseOwn('{"type":"user_message","text":"Hi","metadata":{"a":1,"b":true}}');
    const same = parseOwn('{"metadata":{"b":true,"a":1.0},"text":"Hi","type":"user_message"}');
    expect(fingerprint(ROUTE, body)).toBe(fingerprint(ROUTE, same));
  });

  it('[IN20] how long to wait does not matter, everything else does', () => {
    const body = { type: 'user_message', text: 'Hi' };
    expect(fingerprint(ROUTE, { ...body, wait_for: 'spoken', timeout_ms: 5 })).toBe(fingerprint(ROUTE, body));
    expect(fingerprint(ROUTE, { ...body, text: 'hi' })).not.toBe(fingerprint(ROUTE, body));
    expect(fingerprint(ROUTE, { ...body, metadata: { wait_for: 'x' } })).not.toBe(fingerprint(ROUTE, body));
    expect(fingerprint('POST /agents/create', body)).not.toBe(fingerprint(ROUTE, body));
  });

  it('[IN20] a body that is nested deeper than any that is accepted has one too', () => {
    const deep = (levels: number): unknown => parseOwn(`{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`);
    expect(fingerprint(ROUTE, deep(100_000))).toBe(fingerprint(ROUTE, deep(90_000)));
    expect(fingerprint(ROUTE, deep(100_000))).not.toBe(fingerprint(ROUTE, deep(10)));
  });

  it('[IN20] canonical JSON says what JSON says', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parseOwn(canonicalJson(value))).toEqual(parseOwn(JSON.stringify(value)));
      }),
    );
  });

  it('[IN20] a member named __proto__ counts like any other', () => {
    expect(canonicalJson(parseOwn('{"__proto__":{"x":1},"a":2}'))).toBe('{"__proto__":{"x":1},"a":2}');
    expect(fingerprint(ROUTE, parseOwn('{"__proto__":1}'))).not.toBe(fingerprint(ROUTE, {}));
  });
});
