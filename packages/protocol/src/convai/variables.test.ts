import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conversationVariables, fillVariables, measureVariables, withoutSecrets } from './variables.js';

const MOST = 100_000;
const fill = (template: string, values: Record<string, unknown>): object => ({
  text: fillVariables(template, values, MOST),
  missing: measureVariables(template, values).missing,
});

describe('variables in an agent’s texts', () => {
  it('[WP28] are filled with values of every kind', () => {
    const values = { name: 'Ada', age: 36, vip: false, items: ['pen', 2, true], none: [], user_1: 'x', 'order.id': 'o-1' };
    expect(fill('{{name}}, {{ age }}, {{vip}}, [{{items}}] [{{none}}] {{user_1}} {{order.id}}', values)).toEqual({
      text: 'Ada, 36, false, [pen, 2, true] [] x o-1',
      missing: [],
    });
  });

  it('[WP28] leave alone what is no name', () => {
    const text = '{name} {{}} {{ "json": 1 }} {{a b}} $& {{{{';
    expect(fill(text, { name: 'Ada' })).toEqual({ text, missing: [] });
  });

  it('[WP28] are never looked for in a value, and no value is read as a pattern', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(fillVariables('<{{a}}>', { a: value, b: 'secret' }, MOST)).toBe(`<${value}>`);
      }),
    );
    expect(fillVariables('{{a}}', { a: '{{b}} $1 $&', b: 'x' }, MOST)).toBe('{{b}} $1 $&');
  });

  it('[WP29] without a value are named once each, in order; null is no value', () => {
    expect(fill('{{b}} {{a}} {{b}} {{c}} {{toString}}', { a: null, c: 0 })).toEqual({
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
    expect(fill('{{system__agent_id}} {{system__caller_id}}|{{system__typo}}', values)).toEqual({
      text: 'agent_1 |',
      missing: ['system__typo'],
    });
  });

  it('[WP60] are measured as what they would fill, to the byte, whatever stands in them', () => {
    const names = fc.constantFrom('{{a}}', '{{ b }}', '{{\u00a0c}}', '{{none}}', '{{secret__s}}', 'é', '😀 ');
    const values = fc.record({ a: fc.string({ unit: 'grapheme' }), b: fc.array(fc.integer()), c: fc.constant({ deep: [1, 'ü'] }) });
    fc.assert(
      fc.property(
        fc.array(names).map((parts) => parts.join('')),
        values,
        (template, given) => {
          const { bytes } = measureVariables(template, given);
          expect(Buffer.byteLength(fillVariables(template, given, bytes) ?? '')).toBe(bytes);
          if (bytes > 0) expect(fillVariables(template, given, bytes - 1)).toBeUndefined();
        },
      ),
    );
  });

  it('[WP60] are not put in where the text would be too long, and what is missing is found without building one', () => {
    const many = '{{x}}'.repeat(100_000);
    const values = { x: 'y'.repeat(30_000) };
    expect(measureVariables(`${many}{{z}}`, values)).toEqual({ missing: ['z'], bytes: 3_000_000_000 });
    expect(fillVariables(many, values, 262_144)).toBeUndefined();
  });

  it('[WP30] that are secret enter neither text nor log', () => {
    expect(fill('Key {{secret__key}}.', { secret__key: 's3cret' })).toEqual({ text: 'Key .', missing: [] });
    expect(withoutSecrets({ secret__key: 's3cret', name: 'Ada' })).toEqual({ name: 'Ada' });
  });
});
