import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkAccessTable } from './access-table.mjs';
import { withTree } from './lib/temporary-tree.mjs';

const scopes = ['read', 'write'];
const meanings = { read: 'look', write: 'change' };
const routes = [
  { route: 'GET /x', scopes: ['read', 'write'], reach: 'conversation' },
  { route: 'GET /open', scopes: undefined, reach: undefined },
];
const page = '# Access\n\n<!-- scope-table -->\n<!-- /scope-table -->\n\n<!-- route-table -->\n<!-- /route-table -->\n';
const check = (root, more) => checkAccessTable(root, { scopes, routes, meanings, ...more });

it('finds a scope without a meaning, and a meaning without a scope', async () => {
  expect(await withTree({}, (root) => check(root, { scopes: ['read', 'write', 'fly'] }))).toEqual([
    expect.stringMatching(/say what fly is for/),
  ]);
  expect(await withTree({}, (root) => check(root, { scopes: ['read'] }))).toEqual([expect.stringMatching(/there is no scope write/)]);
});

it('notices a route that asks for less than the document says', async () => {
  await withTree({ 'docs/access.md': page }, async (root) => {
    expect(await check(root, { write: true })).toEqual([]);
    expect(await check(root)).toEqual([]);
    const written = readFileSync(join(root, 'docs/access.md'), 'utf8');
    expect(written).toContain('| `GET /x` | `read` or `write` | anybody’s, a token’s too |');
    expect(written).toContain('| `GET /open` | no key | – |');
    const weaker = [{ ...routes[0], scopes: undefined }, routes[1]];
    expect(await check(root, { routes: weaker })).toEqual([expect.stringMatching(/table of routes is not/)]);
  });
});
