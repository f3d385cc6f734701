import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, parseJson } from '@backchannel/protocol';
import { environment } from '../../scripts/lib/python.mjs';
import { runNpm } from '../../scripts/lib/run-tool.mjs';
import type { Client } from './clients.js';

export type Choice = { readonly onlyNewest: boolean; readonly onlyTested: boolean };
export type Version = { readonly version: string; readonly note: '' | 'tested' | 'newest' | 'tested, newest' };

/** The versions of a client that are tried, oldest first. A registry that does not answer costs the newest alone. */
export function versionsOf(root: string, client: Client, { onlyNewest, onlyTested }: Choice): Version[] {
  const tested = testedVersion(root, client);
  if (onlyTested) return [{ version: tested, note: 'tested' }];
  const newest = newestVersion(root, client);
  if (newest === undefined) console.error(`The registry does not tell which ${client.package} is the newest.`);
  const last: Version[] =
    newest === tested
      ? [{ version: tested, note: 'tested, newest' }]
      : [{ version: tested, note: 'tested' }, ...(newest === undefined ? [] : [{ version: newest, note: 'newest' as const }])];
  if (onlyNewest) return last.slice(-1);
  return [...client.older.map((version): Version => ({ version, note: '' })), ...last];
}

/** What the tests use, as the repository pins it. */
export function testedVersion(root: string, client: Client): string {
  const file = client.registry === 'npm' ? 'package.json' : join('clients', 'python', 'requirements.txt');
  const text = readFileSync(join(root, 'tests', file), 'utf8');
  const found = new RegExp(client.registry === 'npm' ? `"${client.package}": "([^"]+)"` : `^${client.package}==(\\S+)`, 'm').exec(text);
  if (found?.[1] === undefined) throw new Error(`tests/${file} does not pin ${client.package}.`);
  return found[1];
}

function newestVersion(root: string, client: Client): string | undefined {
  if (client.registry === 'npm') {
    const told = runNpm(['view', client.package, 'version', '--json'], { cwd: root });
    const parsed = parseJson(told.stdout);
    return told.ok && parsed.ok && typeof parsed.value === 'string' ? parsed.value : undefined;
  }
  // pip tells the newest by what it would install.
  const python = environment(join(root, '.cache', 'clients', 'pip'), ['pip'], { stamp: 'pip', sentence: 'Preparing Python …' });
  const args = ['-m', 'pip', 'install', '--quiet', '--dry-run', '--no-deps', '--ignore-installed', '--report', '-', client.package];
  const parsed = parseJson(spawnSync(python, args, { encoding: 'utf8' }).stdout);
  const install = parsed.ok && isObject(parsed.value) && Array.isArray(parsed.value.install) ? parsed.value.install[0] : undefined;
  const metadata = isObject(install) && isObject(install.metadata) ? install.metadata : {};
  return typeof metadata.version === 'string' ? metadata.version : undefined;
}
