import { existsSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

const NEVER_SOURCES = new Set(['node_modules', 'dist', '.git', '.cache']);

/** Every file below `folder` whose name `wanted` accepts, sorted, absolute; none when the folder is missing. */
export function filesBelow(folder, wanted = () => true, skip = NEVER_SOURCES) {
  if (!existsSync(folder)) return [];
  const found = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!skip.has(entry.name)) found.push(...filesBelow(path, wanted, skip));
    } else if (wanted(entry.name)) {
      found.push(path);
    }
  }
  return found.sort();
}

/** `path` as it is written in messages: from `root`, with forward slashes on every system. */
export function inRepository(root, path) {
  return relative(root, path).split(sep).join('/');
}
