import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { have } from './needs.mjs';
import { PreparationFailed } from './preparation-failed.mjs';

const REQUIREMENTS = join('tests', 'clients', 'python', 'requirements.txt');

/** Where the tests find the interpreter that has the official Python SDK. */
export const pythonPath = (root) => interpreterIn(join(root, '.cache', 'python'));

/**
 * Makes `.cache/python` an environment with the official Python SDK exactly as `requirements.txt` pins it, and nothing when it is so already.
 * Answers whether it is there; what stands in the way is said.
 */
export function havePython(root) {
  if (!have(['python3'])) return false;
  const pinned = join(root, REQUIREMENTS);
  try {
    environment(join(root, '.cache', 'python'), ['--require-hashes', '-r', pinned], {
      stamp: createHash('sha256').update(readFileSync(pinned)).digest('hex'),
      sentence: 'Installing the official Python SDK …',
    });
    return true;
  } catch (error) {
    if (!(error instanceof PreparationFailed)) throw error;
    console.error(`${error.message}\n${error.output}\nNo client is tried in Python.`);
    return false;
  }
}

/** Makes `folder` a Python environment with what `packages` (arguments of `pip install`) name; answers its interpreter. */
export function environment(folder, packages, { stamp, sentence }) {
  const python = interpreterIn(folder);
  const stampPath = join(folder, 'installed');
  const runs = () => spawnSync(python, ['--version'], { stdio: 'ignore' }).status === 0;
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp && runs()) return python;
  console.log(sentence);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  run('python3', ['-m', 'venv', folder]);
  run(python, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--no-input',
    '--no-compile',
    '--only-binary=:all:',
    ...packages,
  ]);
  writeFileSync(stampPath, stamp);
  return python;
}

const interpreterIn = (folder) => (process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python'));

function run(command, args) {
  const done = spawnSync(command, args, { encoding: 'utf8' });
  if (done.status === 0) return;
  const output = done.error ? String(done.error) : `${done.stdout}${done.stderr}`;
  throw new PreparationFailed(`"${command} ${args.join(' ')}" failed: is Python's venv there, and PyPI reachable? It says:`, output);
}
