import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withTree } from './lib/temporary-tree.mjs';
import { checkSettingsTable, withUnit } from './settings-table.mjs';

const given = {
  variables: { PORT: { help: 'port to listen on', fallback: 4600 } },
  notes: { Where: { PORT: 'When it is taken.' } },
  limits: { waitMs: 90_000 },
  limitNotes: { Waits: { waitMs: 'for nothing' } },
};
const page = '# Settings\n\n<!-- settings-table -->\n<!-- /settings-table -->\n\n<!-- limits-table -->\n<!-- /limits-table -->\n';

it('finds a setting or limit without a sentence, and a sentence without one', async () => {
  const more = { ...given, variables: { ...given.variables, HOST: { help: 'address', fallback: 'x' } }, limits: {} };
  expect(await withTree({}, (root) => checkSettingsTable(root, more))).toEqual([
    expect.stringMatching(/say when somebody changes HOST/),
    expect.stringMatching(/there is no limit waitMs/),
  ]);
});

it('writes both tables, so that a check then passes', async () => {
  await withTree({ 'docs/settings.md': page }, async (root) => {
    expect(await checkSettingsTable(root, given)).toHaveLength(2);
    expect(await checkSettingsTable(root, { ...given, write: true })).toEqual([]);
    expect(await checkSettingsTable(root, given)).toEqual([]);
    const written = readFileSync(join(root, 'docs/settings.md'), 'utf8');
    expect(written).toContain('| `PORT` | port to listen on | `4600` | When it is taken. |');
    expect(written).toContain('| Waits | for nothing | 90 s | `waitMs` |');
  });
});

it.each([
  ['idleMs', 86_400_000, '1 d'],
  ['closeMs', 250, '250 ms'],
  ['maxBytes', 1_048_576, '1 MiB'],
  ['maxBytes', 65_536, '64 KiB'],
  ['maxBytes', 1_000, '1,000 bytes'],
  ['maxKeys', 100_000, '100,000'],
])('reads the unit from the name: %s %i is %s', (name, value, text) => {
  expect(withUnit(name, value)).toBe(text);
});
