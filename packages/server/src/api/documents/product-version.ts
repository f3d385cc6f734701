import { readFileSync } from 'node:fs';
import { parseOwn } from '@backchannel/protocol';

/** The version of this package, from its own manifest: it lies where it was installed, above the compiled files. */
export function productVersion(): string {
  return parseOwn<{ version: string }>(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')).version;
}
