import { isObject } from '@backchannel/protocol';
import fc from 'fast-check';

type Schema = Readonly<Record<string, unknown>>;

const anything = fc.jsonValue({ maxDepth: 2 });
const long = fc.integer({ min: 1, max: 70_000 }).map((length) => 'y'.repeat(length));
const places = fc.integer({ min: 1, max: 60_000 }).map((count) => '{{x}}'.repeat(count));
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const number = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);

/** Values that a JSON Schema of the document allows, nearly always: what it says beyond types and bounds is left to chance. */
export function valuesOf(schema: unknown, document: Schema, depth = 0): fc.Arbitrary<unknown> {
  if (!isObject(schema) || depth > 6) return anything;
  if (typeof schema.$ref === 'string') return valuesOf(resolve(schema.$ref, document), document, depth + 1);
  if ('const' in schema) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  for (const name of ['anyOf', 'oneOf', 'allOf']) {
    const choices = list(schema[name]);
    if (choices.length > 0) return fc.oneof(...choices.map((choice) => valuesOf(choice, document, depth + 1)));
  }
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === 'object') return objectsOf(schema, document, depth);
  if (type === 'array') return fc.array(valuesOf(schema.items, document, depth + 1), { maxLength: 3 });
  if (type === 'string')
    return fc.oneof(
      { arbitrary: fc.constantFrom('x', 'agent_demo', 'Hello'), weight: 4 },
      { arbitrary: fc.string({ maxLength: Math.min(50, number(schema.maxLength, 50)) }), weight: 4 },
      { arbitrary: places, weight: 1 },
    );
  if (type === 'boolean') return fc.boolean();
  if (type === 'integer' || type === 'number')
    return fc.integer({ min: Math.max(-1e9, number(schema.minimum, 0)), max: Math.min(1e9, number(schema.maximum, 1e6)) });
  return type === 'null' ? fc.constant(null) : anything;
}

function objectsOf(schema: Schema, document: Schema, depth: number): fc.Arbitrary<object> {
  const fields = isObject(schema.properties) ? schema.properties : {};
  const required = list(schema.required);
  const names = Object.keys(fields);
  if (names.length === 0) return fc.dictionary(fc.constantFrom('x', 'name'), fc.oneof(anything, long), { maxKeys: 2 });
  const rare = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
    fc.oneof({ arbitrary: fc.constant(undefined), weight: 5 }, { arbitrary: value, weight: 1 });
  // What is undefined is left out where it becomes JSON: what is not required mostly is, or nothing would ever be taken.
  return fc.record(
    Object.fromEntries(
      names.map((name) => {
        const value = valuesOf(fields[name], document, depth + 1);
        return [name, required.includes(name) ? value : rare(value)];
      }),
    ),
  );
}

function resolve(ref: string, document: Schema): unknown {
  let found: unknown = document;
  for (const step of ref.replace(/^#\//, '').split('/'))
    found = isObject(found) ? found[step.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined;
  return found;
}
