import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LeakName } from './leaks.js';
import type { SabotageName } from './sabotages.js';

/** The root of the repository, from the source as from what was compiled of it. */
export const REPOSITORY = rootAbove(import.meta.dirname);

/** The server as it is started by everybody. */
export const SERVER: readonly [string, ...string[]] = [join(REPOSITORY, 'packages', 'server', 'dist', 'main.js')];

/** The same server from the tests' own composition; without a name nothing is wrong with it. */
export function sabotagedServer(name?: SabotageName | LeakName): readonly [string, ...string[]] {
  return [join(REPOSITORY, 'packages', 'server', 'dist', 'testing', 'sabotaged-server.js'), ...(name === undefined ? [] : [name])];
}

/** Loaded before a server's program, it collects garbage and tells what the process holds, whenever its parent sends a message. */
export const PROBE = join(REPOSITORY, 'bench', 'probe.mjs');

/** Where histories are kept, until the next run with the same name. */
export const HISTORIES = join(REPOSITORY, '.cache', 'prove');

function rootAbove(folder: string): string {
  return existsSync(join(folder, 'package-lock.json')) && existsSync(join(folder, 'packages')) ? folder : rootAbove(dirname(folder));
}
