import fc from 'fast-check';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const oddText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    '\ud800',
    'x\udfff',
    '😀'.repeat(50),
    '__proto__',
    'constructor',
    '../../etc/passwd',
    "';--",
    '{{system__time}}',
    '‮',
  ),
  fc.integer({ min: 100, max: 20_000 }).map((length) => 'x'.repeat(length)),
  fc.integer({ min: 1, max: 5_000 }).map((places) => '{{x}}'.repeat(places)),
);

/** Any value that can stand where another is wanted. */
export const oddValue: fc.Arbitrary<Json> = fc.oneof(
  oddText,
  fc.constantFrom<Json>(null, true, false, 0, -1, 1.5, 1e308, -0, 2 ** 53, [], {}, [[]], { type: 'user_message' }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.array(fc.integer(), { maxLength: 50 }),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>, // the same values by another name
);

type Change = { readonly at: number; readonly how: 'replace' | 'remove' | 'add' | 'rename'; readonly odd: Json; readonly key: string };

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(),
  how: fc.constantFrom('replace', 'remove', 'add', 'rename'),
  odd: oddValue,
  key: fc.oneof(oddText, fc.constantFrom('type', 'text', 'event_id', 'score', 'toString')),
});

/** A copy in which one field is another, is missing, or is too much. Fields that are objects are gone into. */
function changed(value: object, { at, how, odd, key }: Change): object {
  const entries = Object.entries(value);
  const [name, inner] = entries[at % Math.max(1, entries.length)] ?? ['', undefined];
  if (typeof inner === 'object' && inner !== null && !Array.isArray(inner) && at % 3 !== 0) {
    return { ...value, [name]: changed(inner, { at: Math.floor(at / 3), how, odd, key }) };
  }
  const others = Object.fromEntries(entries.filter(([field]) => field !== name));
  if (how === 'replace') return { ...value, [name]: odd };
  if (how === 'remove') return others;
  if (how === 'rename') return { ...others, [key]: inner };
  return { ...value, [key]: odd };
}

const deep = (opening: string, closing: string): string => `${opening.repeat(10_000)}1${closing.repeat(10_000)}`;
/** What no serialiser writes. Each changes a text that is JSON. */
const TEXTS: readonly ((text: string) => string)[] = [
  (text) => text.slice(0, text.length / 2),
  (text) => text + text,
  (text) => `\ufeff${text}`,
  (text) => `${text}\u0000`,
  (text) => text.replace('{', '{"type":"x","type":"user_message","text":1,"text":"twice",'),
  (text) => text.replace('{', '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},'),
  (text) => text.replace(/:[^,{}]+/, ':NaN'),
  (text) => text.replace(/:[^,{}]+/, ':1e999'),
  (text) => text.replace(/:[^,{}]+/, `:${deep('[', ']')}`),
  (text) => text.replace(/:[^,{}]+/, `:${deep('{"a":', '}')}`),
  (text) => text.replace(/:"/, ':"\\ud83d'),
  (text) => text.replaceAll('"', "'"),
  () => deep('[', ']'),
  () => '[]',
  () => 'null',
  () => '""',
  () => '',
];

/** A valid value as JSON, one to three changes away from it, or away from JSON itself. */
export function oddJson(valid: fc.Arbitrary<object>): fc.Arbitrary<string> {
  const mutated = fc
    .tuple(valid, fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([value, changes]) => JSON.stringify(changes.reduce(changed, value)));
  const broken = fc.tuple(valid, fc.constantFrom(...TEXTS)).map(([value, text]) => text(JSON.stringify(value)));
  const asIs = valid.map((value) => JSON.stringify(value));
  return fc.oneof({ arbitrary: mutated, weight: 6 }, { arbitrary: broken, weight: 2 }, { arbitrary: asIs, weight: 2 });
}
