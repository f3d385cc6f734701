import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkErrorTable } from './error-table.mjs';
import { withTree } from './lib/temporary-tree.mjs';

const errors = { lost_key: { http: 401, close: 1008 }, too_slow: { http: 503, close: 4008 } };
const causes = {
  Keys: { lost_key: { seen: ['rest', 'frame'], cause: 'It is lost.', fix: 'Find it.' } },
  Sockets: { too_slow: { seen: [], cause: 'Nobody read.', fix: 'Read.' } },
};
const closes = [
  { code: 1000, reason: 'no activity' },
  { code: 1008, reason: 'lost_key: …', error: 'lost_key' },
  { code: 1008, reason: 'lost_key: …', error: 'lost_key' },
  { code: 1002, reason: 'lost_key: …', error: 'lost_key' },
  { code: 4008, reason: 'too_slow: …', error: 'too_slow' },
];
const page = '# Errors\n\n<!-- error-table -->\n<!-- /error-table -->\n\n<!-- close-table -->\n<!-- /close-table -->\n';
const check = (root, more) => checkErrorTable(root, { errors, causes, closes, ...more });

it('finds an error without a cause, and a cause without an error', async () => {
  const more = { ...errors, no_disk: { http: 503, close: 1011 } };
  expect(await withTree({}, (root) => check(root, { errors: more }))).toEqual([expect.stringMatching(/say what causes no_disk/)]);
  const fewer = { lost_key: errors.lost_key };
  expect(await withTree({}, (root) => check(root, { errors: fewer }))).toEqual([expect.stringMatching(/there is no error too_slow/)]);
});

it('says where each is seen, and writes both tables so that a check then passes', async () => {
  await withTree({ 'docs/errors.md': page }, async (root) => {
    expect(await check(root)).toEqual([
      expect.stringMatching(/table of errors is not/),
      expect.stringMatching(/table of close codes is not/),
    ]);
    expect(await check(root, { write: true })).toEqual([]);
    expect(await check(root)).toEqual([]);
    const written = readFileSync(join(root, 'docs/errors.md'), 'utf8');
    expect(written).toContain('| `lost_key` | 401 | close 1002, 1008, frame | It is lost. | Find it. |');
    expect(written).toContain('| `too_slow` | – | close 4008 | Nobody read. | Read. |');
    expect(written).toContain('| 1000 | “no activity” |\n| 1002 | `lost_key` |\n| 1008 | `lost_key` |\n| 4008 | `too_slow` |');
  });
});
