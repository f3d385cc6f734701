import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environment } from '../../scripts/lib/python.mjs';
import { runNpm } from '../../scripts/lib/run-tool.mjs';
import type { Client } from './clients.js';

export type Installed = {
  /** `.cache/clients/<package>@<version>`. */
  readonly folder: string;
  /** Whether this version can show a reply while it grows. */
  readonly streams: boolean;
  /** Of a Python client: its interpreter. */
  readonly python: string;
};

/** What stands beside a client of which an app brings its own. */
const PEERS: Readonly<Record<string, readonly string[]>> = { '@elevenlabs/react': ['react', 'react-dom'] };

/** Installs one version of a client from its registry, unless it is there. */
export function installVersion(root: string, client: Client, version: string): Installed {
  const folder = join(root, '.cache', 'clients', `${client.package.replace('/', '-')}@${version}`);
  if (client.registry === 'pypi') {
    const python = environment(folder, [`${client.package}==${version}`], {
      stamp: version,
      sentence: `Installing ${client.package} ${version} …`,
    });
    const site = readdirSync(join(folder, 'lib')).map((name) => join(folder, 'lib', name, 'site-packages', client.package));
    return { folder, python, streams: site.some((at) => mentions(join(at, client.stream.below), client.stream.word)) };
  }
  installFromNpm(folder, client.package, version);
  const at = join(folder, 'node_modules', ...client.package.split('/'), client.stream.below);
  // React leaves it to the client that it brings along.
  const below = [at, join(folder, 'node_modules', '@elevenlabs', 'client', 'dist')];
  return { folder, python: '', streams: below.some((path) => mentions(path, client.stream.word)) };
}

function installFromNpm(folder: string, name: string, version: string): void {
  const stamp = join(folder, 'installed');
  if (existsSync(stamp)) return;
  console.log(`Installing ${name} ${version} …`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  const packages = [`${name}@${version}`, ...(PEERS[name] ?? [])];
  const done = runNpm(['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...packages], { cwd: folder });
  if (!done.ok) throw new Error(`npm could not install ${packages.join(' ')}:\n${done.output}`);
  writeFileSync(stamp, version);
}

/** Whether a script below the folder has that word in it. */
function mentions(folder: string, word: string): boolean {
  if (!existsSync(folder)) return false;
  return readdirSync(folder, { withFileTypes: true }).some((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return mentions(path, word);
    return /\.(js|cjs|mjs|py)$/.test(entry.name) && readFileSync(path, 'utf8').includes(word);
  });
}
