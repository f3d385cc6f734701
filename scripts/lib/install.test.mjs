import { expect, it } from 'vitest';
import { installed } from './install.mjs';

const lock = JSON.stringify({
  packages: {
    '': { name: 'root' },
    'packages/server': { version: '0.1.0' },
    'node_modules/@backchannel/server': { resolved: 'packages/server', link: true },
    'node_modules/fastify': { version: '5.0.0', integrity: 'sha512-a' },
    'node_modules/only-on-windows': { version: '1.0.0', optional: true },
    'node_modules/vitest': { version: '4.0.0', dev: true },
  },
});
const fastify = { version: '5.0.0', integrity: 'sha512-a' };
const link = { resolved: 'packages/server', link: true };
const note = (packages) => JSON.stringify({ packages: { 'node_modules/@backchannel/server': link, ...packages } });

it.each([
  ['nothing was installed', undefined, false, false],
  ['the server is there, tools are not wanted', note({ 'node_modules/fastify': fastify }), false, true],
  ['the server is there, tools are wanted', note({ 'node_modules/fastify': fastify }), true, false],
  ['tools are there and not wanted', note({ 'node_modules/fastify': fastify, 'node_modules/vitest': { version: '4.0.0' } }), false, true],
  ['a package is missing', note({}), false, false],
  ['a package is of another version', note({ 'node_modules/fastify': { ...fastify, version: '4.0.0' } }), false, false],
  ['a package is another build', note({ 'node_modules/fastify': { ...fastify, integrity: 'sha512-b' } }), false, false],
  ['a workspace is not linked', JSON.stringify({ packages: { 'node_modules/fastify': fastify } }), false, false],
])('judges an installation: %s', (_, text, tools, enough) => {
  expect(installed(lock, text, { tools })).toBe(enough);
});
