import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PreparationFailed } from './preparation-failed.mjs';
import { runNode, runNpm } from './run-tool.mjs';

const VERSION = '24.21.0';

/**
 * The path of a Node 24, from the npm package that the package `node` would install for this system: it is the binary itself,
 * so no install script runs. Kept in `.cache/node24`.
 */
export function node24(root) {
  const folder = join(root, '.cache', 'node24');
  const windows = process.platform === 'win32';
  const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  const name = `${prefix}-${windows ? 'win' : process.platform}-${process.arch}`;
  const binary = join(folder, 'node_modules', name, 'bin', windows ? 'node.exe' : 'node');
  if (existsSync(binary) && runs(binary)) return binary;
  console.log(`Installing Node ${VERSION} from npm …`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const done = runNpm(['install', '--no-save', '--ignore-scripts', '--loglevel=error', `${name}@${VERSION}`], { cwd: folder });
  if (!done.ok || !runs(binary))
    throw new PreparationFailed(`Node ${VERSION} could not be installed (npm package ${name}); npm says:`, done.output);
  return binary;
}

const runs = (binary) => runNode(['--version'], { node: binary }).stdout.trim() === `v${VERSION}`;
