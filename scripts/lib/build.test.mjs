import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { removeOrphans } from './build.mjs';
import { withTree } from './temporary-tree.mjs';

it('removes what was compiled from files that are gone, and nothing else', async () => {
  const dist = 'packages/server/dist';
  const files = {
    'packages/server/tsconfig.json': '{}',
    'packages/server/src/api/app.ts': '',
    [`${dist}/api/app.js`]: '',
    [`${dist}/api/app.d.ts`]: '',
    [`${dist}/api/app.js.map`]: '',
    [`${dist}/.tsbuildinfo`]: '',
    [`${dist}/notes.txt`]: '',
    [`${dist}/api/gone.test.js`]: '',
    [`${dist}/api/gone.test.d.ts`]: '',
    [`${dist}/api/gone.test.js.map`]: '',
  };
  const left = await withTree(files, (root) => {
    removeOrphans(root);
    return Object.keys(files).filter((file) => existsSync(join(root, file)));
  });
  expect(left).toEqual(Object.keys(files).filter((file) => !file.includes('gone')));
});
