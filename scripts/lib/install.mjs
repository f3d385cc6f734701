import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PreparationFailed } from './preparation-failed.mjs';
import { runNpm } from './run-tool.mjs';

/**
 * Makes `folder`'s node_modules what its lockfile says, with or without development tools; does nothing when it is so already.
 * Answers whether the development tools are there: an installation with them is enough for both. The stamp makes the usual answer one hash of the lockfile; without a stamp (somebody ran npm by hand) npm's own note decides.
 */
export function install(folder, { tools, sentence }) {
  const lockText = readFileSync(join(folder, 'package-lock.json'), 'utf8');
  const lock = createHash('sha256').update(lockText).digest('hex');
  const stamp = readStamp(folder);
  if (stamp && stamp.lock === lock && (stamp.tools || !tools)) return stamp.tools;
  if (!installed(lockText, npmsNote(folder), { tools })) {
    console.log(sentence);
    const omit = tools ? [] : ['--omit=dev'];
    const done = runNpm(['ci', ...omit, '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', '--no-progress'], {
      cwd: folder,
    });
    if (!done.ok) {
      throw new PreparationFailed(
        'Installing failed (npm ci): is the npm registry reachable and the disk writable? npm says:',
        done.output,
      );
    }
  }
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  const withTools = installed(lockText, npmsNote(folder), { tools: true });
  writeFileSync(stampPath(folder), JSON.stringify({ lock, tools: withTools }));
  return withTools;
}

/** Whether what npm noted down as installed satisfies the lockfile; both are lockfile texts. Optional packages may be missing. */
export function installed(lockText, noteText, { tools }) {
  if (noteText === undefined) return false;
  const note = JSON.parse(noteText).packages ?? {};
  return Object.entries(JSON.parse(lockText).packages).every(([path, wanted]) => {
    if (!path.includes('node_modules') || (wanted.dev && !tools)) return true;
    const found = note[path];
    if (!found) return Boolean(wanted.optional || wanted.devOptional || wanted.peer);
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

const stampPath = (folder) => join(folder, 'node_modules', '.backchannel-installed.json');

function npmsNote(folder) {
  const path = join(folder, 'node_modules', '.package-lock.json');
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function readStamp(folder) {
  if (!existsSync(stampPath(folder)) || npmsNote(folder) === undefined) return undefined;
  try {
    return JSON.parse(readFileSync(stampPath(folder), 'utf8'));
  } catch {
    return undefined; // cut short by a kill: as good as none
  }
}
