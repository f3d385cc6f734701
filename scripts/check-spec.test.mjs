import { expect, it } from 'vitest';
import { checkSpec } from './check-spec.mjs';
import { withTree } from './lib/temporary-tree.mjs';
import { testNames } from './lib/test-names.mjs';

const sound = {
  'SPEC.md': '# Spec\n\nWords.\n\n## Conversation\n- **CV1** An id is never reused.\n- **CV2** A seq has no gap.\n',
  'docs/spec-parts/store.md': '- **ST1** An append is one row.\n- **CV2** A seq has no gap.\n',
  'packages/protocol/src/ids.test.ts': "it('[CV1] never reuses an id', () => {});\n",
  'packages/server/src/conversation/evolve.test.ts':
    "for (const row of rows) {\n  it(`[CV2] ${row.situation}: no gap`, async () => {});\n}\nit.each([1, 2])('[CV1, CV2] %s', () => {});\n",
  'packages/server/src/testing/store-contract.ts':
    "export function storeContract() {\n  describe('[ST1] appends', () => {\n    it(`under ${load}`, () => {});\n  });\n}\n",
  'tests/faults/kill.test.ts': "it.skipIf(slow)('[CV2] survives a kill', () => {});\n",
};

it('accepts rules and tests that belong together, in SPEC.md and in parts', async () => {
  expect(await withTree(sound, checkSpec)).toEqual([]);
  const { 'SPEC.md': spec, ...parts } = sound;
  expect(await withTree({ ...parts, 'docs/spec-parts/conversation.md': spec }, checkSpec)).toEqual([]);
});

it.each([
  ['a rule without a test', { 'SPEC.md': `${sound['SPEC.md']}- **CV3** Nobody tries this.\n` }, /^SPEC\.md:8: CV3 has no test/],
  [
    'a rule in a part without a test',
    { 'docs/spec-parts/x.md': '- **RT1** Nobody tries this.\n' },
    /^docs\/spec-parts\/x\.md:1: RT1 has no test/,
  ],
  [
    'a rule whose only test is a todo',
    { 'SPEC.md': `${sound['SPEC.md']}- **CV3** Later.\n`, 'tests/a.test.ts': "it.todo('[CV3] later', () => {});" },
    /CV3 has no test/,
  ],
  ['a citation of no rule', { 'tests/a.test.ts': "\nit('[CV9] is invented', () => {});" }, /^tests\/a\.test\.ts:2: .* cites CV9/],
  ['one bad citation among two', { 'tests/a.test.ts': "it('[CV1, CV9] is half invented', () => {});" }, /cites CV9/],
  ['a test without a citation', { 'tests/a.test.ts': "it('works', () => {});" }, /"works" cites no rule/],
  ['a test whose citation is computed', { 'tests/a.test.ts': 'it(`[${id}] works`, () => {});' }, /cites no rule/],
  ['a test whose name is computed', { 'tests/a.test.ts': 'it(name, () => {});' }, /cites no rule/],
  [
    'a published suite without a citation',
    { 'packages/server/src/testing/a.ts': "export const s = () => it('x', () => {});" },
    /"x" cites no rule/,
  ],
  ['two rules of one number', { 'SPEC.md': `${sound['SPEC.md']}- **CV1** Something else.\n` }, /^SPEC\.md:8: CV1 is already SPEC\.md:6/],
  ['a part that says it differently', { 'docs/spec-parts/x.md': '- **CV1** Ids may be reused.\n' }, /CV1 is already SPEC\.md:6/],
])('refuses %s', async (_, change, problem) => {
  expect(await withTree({ ...sound, ...change }, checkSpec)).toEqual([expect.stringMatching(problem)]);
});

it('refuses a specification without rules', async () => {
  expect(await withTree({ 'SPEC.md': '# Spec\n' }, checkSpec)).toEqual([expect.stringMatching(/no rules found/)]);
});

it('reads the names of every kind of test', () => {
  const text = [
    "describe('outer', () => {",
    "  describe.each(rows)('inner %s', () => {",
    "    test.concurrent('a', async () => {});",
    "    it('b' + c, () => {});",
    '    it.each`x | y`(`d ${e} f`, () => {});',
    '  });',
    '});',
    "other('g', () => {});",
  ].join('\n');
  expect(testNames('x.test.ts', text)).toEqual([
    { name: 'outer > inner %s > a', line: 3 },
    { name: 'outer > inner %s > b…', line: 4 },
    { name: 'outer > inner %s > d … f', line: 5 },
  ]);
});
