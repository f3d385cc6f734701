import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesBelow, inRepository } from './files.mjs';
import { PreparationFailed } from './preparation-failed.mjs';
import { runNode } from './run-tool.mjs';

/**
 * Compiles the packages, unless nothing has changed since the last time. `tests: false` is for checkouts without development
 * tools: it leaves out the tests and what only tests import. Both ways write to `dist`, and the compiler's notes of one know
 * nothing of the other's output, so only the complete build is incremental and the short one makes it start afresh. The short
 * one does not check types: whoever changes sources has the tools, and checking is half of the first start's time.
 */
export function build(root, { tests, sentence }) {
  const stampPath = join(root, '.cache', 'build.json');
  const sources = fingerprint(root);
  const stamp = readStamp(stampPath);
  if (stamp?.sources === sources && (stamp.tests || !tests) && outputsExist(root)) return;
  console.log(sentence);
  if (!tests) for (const folder of packageFolders(root)) rmSync(join(folder, 'dist', '.tsbuildinfo'), { force: true });
  const project = tests ? ['tsconfig.json'] : ['tsconfig.build.json', '--force', '--noCheck'];
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const done = runNode([tsc, '-b', ...project, '--pretty', 'false'], { cwd: root });
  if (!done.ok) throw new PreparationFailed('The build failed; the compiler says:', done.output);
  removeOrphans(root);
  mkdirSync(dirname(stampPath), { recursive: true });
  writeFileSync(stampPath, JSON.stringify({ sources, tests }));
}

/** Path, size and time of every file that the compiler reads of ours: a few milliseconds where hashing contents takes a hundred. */
function fingerprint(root) {
  const hash = createHash('sha256');
  const settings = ['package-lock.json', 'tsconfig.json', 'tsconfig.base.json', 'tsconfig.build.json'].map((name) => join(root, name));
  for (const path of [
    ...settings,
    ...packageFolders(root).flatMap((folder) => [...settingsOf(folder), ...filesBelow(join(folder, 'src'))]),
  ]) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${inRepository(root, path)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

const settingsOf = (folder) =>
  ['package.json', 'tsconfig.json', 'tsconfig.build.json'].map((name) => join(folder, name)).filter(existsSync);

function packageFolders(root) {
  return readdirSync(join(root, 'packages'))
    .map((name) => join(root, 'packages', name))
    .filter((folder) => existsSync(join(folder, 'tsconfig.json')));
}

const outputsExist = (root) =>
  packageFolders(root).every((folder) => existsSync(join(folder, 'dist', 'index.js')) || existsSync(join(folder, 'dist', 'main.js')));

/** The compiler leaves what it made of a file that is gone, and a deleted test would go on running. */
export function removeOrphans(root) {
  for (const folder of packageFolders(root)) {
    const made = (name) => /\.(js|js\.map|d\.ts)$/.test(name);
    for (const output of filesBelow(join(folder, 'dist'), made, new Set())) {
      const source = join(folder, 'src', inRepository(join(folder, 'dist'), output)).replace(/\.(js|js\.map|d\.ts)$/, '.ts');
      if (!existsSync(source)) rmSync(output);
    }
  }
}

function readStamp(path) {
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined; // cut short by a kill: as good as none
  }
}
