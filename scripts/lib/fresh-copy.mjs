import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { filesBelow, inRepository } from './files.mjs';

/** Copies into `target` what a fresh clone would hold: no packages, no build, but also what has not been committed yet. */
export function freshCopy(root, target) {
  for (const file of filesOfTheRepository(root)) {
    mkdirSync(dirname(join(target, file)), { recursive: true });
    cpSync(join(root, file), join(target, file));
  }
}

function filesOfTheRepository(root) {
  const listed = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' });
  if (listed.status === 0) return listed.stdout.split('\0').filter((file) => file && existsSync(join(root, file)));
  return filesBelow(root, (name) => basename(name) !== '.DS_Store').map((path) => inRepository(root, path)); // an unpacked archive
}
