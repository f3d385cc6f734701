import { expect, it } from 'vitest';
import { checkLicences } from './check-licences.mjs';
import { withTree } from './lib/temporary-tree.mjs';

const lock = (packages) => ({ 'package-lock.json': JSON.stringify({ packages: { '': {}, 'packages/server': {}, ...packages } }) });

it.each(['MIT', 'Apache-2.0', '(MIT OR GPL-3.0-only)', 'MIT AND ISC'])('lets %s pass', async (license) => {
  expect(await withTree(lock({ 'node_modules/a': { version: '1.0.0', license } }), checkLicences)).toEqual([]);
});

it.each(['GPL-3.0-only', 'AGPL-3.0', 'LGPL-2.1', 'MIT AND GPL-2.0', 'SEE LICENSE IN FILE', undefined])('refuses %s', async (license) => {
  const nested = { 'node_modules/a/node_modules/@x/b': { version: '1.0.0', license } };
  expect(await withTree(lock(nested), checkLicences)).toEqual([expect.stringMatching(/^@x\/b@1\.0\.0: licence/)]);
});

it('asks the installed package where the lockfile is silent', async () => {
  const files = { ...lock({ 'node_modules/a': { version: '1.0.0' } }), 'node_modules/a/package.json': '{"license":"ISC"}' };
  expect(await withTree(files, checkLicences)).toEqual([]);
});

it('lets a builder pass whose licence binds those who change it, by its name alone', async () => {
  const named = (name) => lock({ [`node_modules/${name}`]: { version: '1.0.0', license: 'MPL-2.0' } });
  expect(await withTree(named('lightningcss-linux-x64-gnu'), checkLicences)).toEqual([]);
  expect(await withTree(named('lightningcssx'), checkLicences)).toHaveLength(1);
});

it('leaves development tools alone, and refuses a lockfile without packages', async () => {
  const tool = { 'node_modules/t': { version: '1.0.0', license: 'GPL-3.0', dev: true } };
  expect(await withTree(lock({ ...tool, 'node_modules/a': { license: 'MIT' } }), checkLicences)).toEqual([]);
  expect(await withTree(lock(tool), checkLicences)).toHaveLength(1);
});
