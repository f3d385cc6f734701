// The licences of everything that a user installs: permissive ones only, down to the last transitive package.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asCommand } from './lib/as-command.mjs';

const PERMISSIVE = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Unlicense',
]);

/**
 * Tools that build and are never part of what is built or served, with a licence that binds only those who change the tool itself.
 * The page's builder brings it along.
 */
const BUILDERS = { 'MPL-2.0': /^lightningcss(-|$)/ };

/** One line for each production package of the lockfile whose licence is missing or not permissive. */
export function checkLicences(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const outside = Object.entries(packages).filter(([path, entry]) => path.includes('node_modules/') && !entry.dev && !entry.link);
  if (outside.length === 0) return ['package-lock.json names no outside package, so something is wrong'];
  return outside.flatMap(([path, entry]) => {
    const licence = entry.license ?? installedLicence(join(root, path));
    const name = path.split('node_modules/').at(-1);
    if (isPermissive(licence) || BUILDERS[licence]?.test(name)) return [];
    return [
      `${name}@${entry.version}: licence ${licence ?? 'unknown'} is not on the list of permissive ones in scripts/check-licences.mjs`,
    ];
  });
}

/** Reads SPDX expressions of the simple kinds: of an OR one part suffices, of an AND all must be permissive. */
function isPermissive(licence) {
  if (typeof licence !== 'string') return false;
  const plain = licence.replace(/[()]/g, ' ').trim();
  return plain.split(/\s+OR\s+/).some((choice) => choice.split(/\s+AND\s+/).every((one) => PERMISSIVE.has(one.trim())));
}

function installedLicence(folder) {
  const path = join(folder, 'package.json');
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).license : undefined;
}

await asCommand(import.meta.url, checkLicences);
