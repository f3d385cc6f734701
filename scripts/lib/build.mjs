import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, inRepository } from './files.mjs';
import { fingerprint, readStamp, writeStamp } from './fingerprint.mjs';
import { PreparationFailed } from './preparation-failed.mjs';
import { runNode } from './run-tool.mjs';

/**
 * Compiles the packages, unless nothing has changed since the last time. `tests: false` is for checkouts without development
 * tools: it leaves out the tests and what only tests import. Both ways write to `dist`, and the compiler's notes of one know
 * nothing of the other's output, so only the complete build is incremental and the short one makes it start afresh. The short
 * one does not check types: whoever changes sources has the tools, and checking is half of the first start's time.
 */
export function build(root, { tests, sentence }) {
  const sources = fingerprint(root, compiledFiles(root));
  const stamp = readStamp(root, 'build');
  if (stamp?.sources === sources && (stamp.tests || !tests) && outputsExist(root)) return;
  console.log(sentence);
  if (!tests) for (const folder of packageFolders(root)) rmSync(join(folder, 'dist', '.tsbuildinfo'), { force: true });
  const project = tests ? ['tsconfig.json'] : ['tsconfig.build.json', '--force', '--noCheck'];
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const done = runNode([tsc, '-b', ...project, '--pretty', 'false'], { cwd: root });
  if (!done.ok) throw new PreparationFailed('The build failed; the compiler says:', done.output);
  removeOrphans(root);
  writeStamp(root, 'build', { sources, tests });
}

/** Every file that the compiler reads of ours. */
function compiledFiles(root) {
  const settings = ['package-lock.json', 'tsconfig.json', 'tsconfig.base.json', 'tsconfig.build.json'].map((name) => join(root, name));
  return [...settings, ...packageFolders(root).flatMap((folder) => [...settingsOf(folder), ...filesBelow(join(folder, 'src'))])];
}

const settingsOf = (folder) =>
  ['package.json', 'tsconfig.json', 'tsconfig.build.json'].map((name) => join(folder, name)).filter(existsSync);

function packageFolders(root) {
  return readdirSync(join(root, 'packages'))
    .map((name) => join(root, 'packages', name))
    .filter((folder) => existsSync(join(folder, 'tsconfig.json')));
}

/** A package without `tsconfig.build.json` is compiled for its tests only. */
const outputsExist = (root) =>
  packageFolders(root)
    .filter((folder) => existsSync(join(folder, 'tsconfig.build.json')))
    .every((folder) => existsSync(join(folder, 'dist', 'index.js')) || existsSync(join(folder, 'dist', 'main.js')));

/** What another tool put beside the compiler's output. */
const NOT_COMPILED = new Set(['page']);

/** The compiler leaves what it made of a file that is gone, and a deleted test would go on running. */
export function removeOrphans(root) {
  for (const folder of packageFolders(root)) {
    const made = (name) => /\.(js|js\.map|d\.ts)$/.test(name);
    for (const output of filesBelow(join(folder, 'dist'), made, NOT_COMPILED)) {
      const source = join(folder, 'src', inRepository(join(folder, 'dist'), output)).replace(/\.(js|js\.map|d\.ts)$/, '');
      if (!existsSync(`${source}.ts`) && !existsSync(`${source}.tsx`)) rmSync(output);
    }
  }
}
