import { existsSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** How every Chromium here is started: without a window, and without calling anybody by itself. */
export const CHROMIUM_ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Where Chromium is on this machine: what `CHROMIUM` names, else `chromium` of the PATH; undefined where there is none.
 * @param {Readonly<Record<string, string | undefined>>} env
 * @returns {string | undefined}
 */
export function chromiumPath(env = process.env) {
  const command = env.CHROMIUM || 'chromium';
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const places = isAbsolute(command) ? [command] : folders.map((folder) => join(folder, command));
  return places.find((path) => existsSync(path));
}
