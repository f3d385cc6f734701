import { expect, it } from 'vitest';
import { checkLinks } from './check-links.mjs';
import { withTree } from './lib/temporary-tree.mjs';

it('lets links to files, places and other sites pass', async () => {
  const text = '[a](docs/a.md) [b](docs/a.md#there) [c](#here) [d](https://example.com/x) ![e](e.png)';
  expect(await withTree({ 'README.md': text, 'docs/a.md': '[up](../README.md)', 'e.png': '' }, checkLinks)).toEqual([]);
});

it('names a link to nothing', async () => {
  expect(await withTree({ 'docs/a.md': '[b](b.md)' }, checkLinks)).toEqual(['docs/a.md: links to b.md, which is not there']);
});
