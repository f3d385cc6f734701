import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conversationVariables, fillVariables, withoutSecrets } from './variables.js';

describe('variables in an agent’s texts', () => {
  it('[WP28] are filled with values of every kind', () => {
    const values = { name: 'Ada', age: 36, vip: false, items: ['pen', 2, true], none: [], user_1: 'x', 'order.id': 'o-1' };
    expect(fillVariables('{{name}}, {{ age }}, {{vip}}, [{{items}}] [{{none}}] {{user_1}} {{order.id}}', values)).toEqual({
      text: 'Ada, 36, false, [pen, 2, true] [] x o-1',
      missing: [],
    });
  });

  it('[WP28] leave alone what is no name', () => {
    const text = '{name} {{}} {{ "json": 1 }} {{a b}} $& {{{{';
    expect(fillVariables(text, { name: 'Ada' })).toEqual({ text, missing: [] });
  });

  it('[WP28] are never looked for in a value, and no value is read as a pattern', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(fillVariables('<{{a}}>', { a: value, b: 'secret' }).text).toBe(`<${value}>`);
      }),
    );
    expect(fillVariables('{{a}}', { a: '{{b}} $1 $&', b: 'x' }).text).toBe('{{b}} $1 $&');
  });

  it('[WP29] without a value are named once each, in order; null is no value', () => {
    expect(fillVariables('{{b}} {{a}} {{b}} {{c}} {{toString}}', { a: null, c: 0 })).toEqual({
      text: '   0 ',
      missing: ['b', 'a', 'toString'],
    });
  });

  it('[WP29] have the agent’s placeholders as defaults', () => {
    const values = conversationVariables(
      { name: 'friend', plan: 'free' },
      { name: 'Ada', plan: null, more: 1 },
      { system__time_utc: 'now' },
    );
    expect(values).toEqual({ name: 'Ada', plan: 'free', more: 1, system__time_utc: 'now' });
    expect(conversationVariables({ a: 1 }, null)).toEqual({ a: 1 });
  });

  it('[WP29] of the system come from the server alone; what a text conversation has none of is empty', () => {
    const values = conversationVariables({}, { system__agent_id: 'forged', system__time: 'forged' }, { system__agent_id: 'agent_1' });
    expect(values).toEqual({ system__agent_id: 'agent_1' });
    expect(fillVariables('{{system__agent_id}} {{system__caller_id}}|{{system__typo}}', values)).toEqual({
      text: 'agent_1 |',
      missing: ['system__typo'],
    });
  });

  it('[WP30] that are secret enter neither text nor log', () => {
    expect(fillVariables('Key {{secret__key}}.', { secret__key: 's3cret' })).toEqual({ text: 'Key .', missing: [] });
    expect(withoutSecrets({ secret__key: 's3cret', name: 'Ada' })).toEqual({ name: 'Ada' });
  });
});
