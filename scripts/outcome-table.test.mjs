import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withTree } from './lib/temporary-tree.mjs';
import { checkOutcomeTable } from './outcome-table.mjs';

const table = '| a | b |\n|---|---|\n| $1 | `x` |';
const page = (inside) => `# Title\n\n<!-- outcome-table -->\n${inside}<!-- /outcome-table -->\n\nMore.\n`;

it('finds a table that is old, missing or empty', async () => {
  const files = { 'README.md': page('| old |\n'), 'docs/sending-messages.md': '# Title\n' };
  expect(await withTree(files, (root) => checkOutcomeTable(root, { table }))).toEqual([
    expect.stringMatching(/README\.md: its table of outcomes is not the code's/),
    expect.stringMatching(/docs\/sending-messages\.md: has no table of outcomes/),
  ]);
  expect(await withTree({ 'README.md': page('') }, (root) => checkOutcomeTable(root, { table }))).toHaveLength(1);
});

it('writes the table and nothing else, so that a check then passes', async () => {
  await withTree({ 'README.md': page('| old |\n') }, async (root) => {
    expect(await checkOutcomeTable(root, { table, write: true })).toEqual([]);
    expect(readFileSync(join(root, 'README.md'), 'utf8')).toBe(page(`${table}\n`));
    expect(await checkOutcomeTable(root, { table })).toEqual([]);
  });
});
