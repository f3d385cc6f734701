import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inRepository } from './files.mjs';

/** Path, size and time of files as one hash: a few milliseconds where hashing contents takes a hundred. */
export function fingerprint(root, paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${inRepository(root, path)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** What the last build of that name left as a note; `undefined` when there was none. */
export function readStamp(root, name) {
  const path = stampPath(root, name);
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined; // cut short by a kill: as good as none
  }
}

export function writeStamp(root, name, stamp) {
  const path = stampPath(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(stamp));
}

const stampPath = (root, name) => join(root, '.cache', `${name}.json`);
