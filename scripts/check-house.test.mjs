import { expect, it } from 'vitest';
import { checkHouse } from './check-house.mjs';
import { withTree } from './lib/temporary-tree.mjs';

const a = 'packages/server/src/lib/a.ts';

it.each([
  ['a file of 401 lines', { [a]: 'x;\n'.repeat(401) }, /401 lines/],
  ['a name that says nothing', { 'packages/server/src/lib/string-utils.ts': '' }, /string-utils\.ts: the name says nothing/],
  ['another such name', { 'tests/helper.ts': '' }, /the name says nothing/],
  ['a silenced linter', { [a]: '\n// biome-ignore lint: x\n' }, /a\.ts:2: silences/],
  ['a silenced compiler', { 'tests/a.test.ts': '// @ts-expect-error\n' }, /silences/],
  ['a catch without a reason', { [a]: 'try {\n} catch (error) {\n}\n' }, /a\.ts:2: catches/],
  ['a catch without a name or reason', { [a]: 'try {} catch {}\n' }, /catches/],
  ['a module mock', { 'packages/server/src/a.test.ts': "vi.mock('./b.js');\n" }, /mocks a module/],
  ['JSON parsed elsewhere', { [a]: 'JSON.parse(text);\n' }, /parses JSON/],
  ['a lockfile with addresses', { 'package-lock.json': '"resolved": "https://registry.example/a.tgz"' }, /names a registry/],
])('refuses %s', async (_, files, problem) => {
  expect(await withTree(files, checkHouse)).toEqual([expect.stringMatching(problem)]);
});

it('leaves the rest alone', async () => {
  const files = {
    [a]: 'try {\n} catch {\n  // the file is gone, which is what was wanted\n}\n'.repeat(100),
    'packages/protocol/src/parse.ts': 'JSON.parse(text);\n',
    'packages/server/src/a.test.ts': 'JSON.parse(text);\n',
    'packages/server/dist/a.js': '// biome-ignore\n',
    'packages/server/src/services-of-others.ts': '',
    'package-lock.json': '"resolved": "packages/protocol"',
  };
  expect(await withTree(files, checkHouse)).toEqual([]);
});
