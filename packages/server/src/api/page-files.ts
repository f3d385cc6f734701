import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type PageFile = { readonly type: string; readonly body: Buffer };
/** The page as it was built: `index.html`, and what it loads by names that hold a hash of the content. */
export type PageFiles = { readonly index: Buffer; readonly assets: ReadonlyMap<string, PageFile> };

/** Where the package of the page leaves what it built. */
const BUILT = fileURLToPath(new URL('../../../console/dist/page/', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.md': 'text/markdown; charset=utf-8',
};

/**
 * Reads the built page into memory: under a megabyte in a few files, so whatever a URL holds, no path is ever made of it.
 * `undefined` when it was not built.
 */
export function readPageFiles(folder = BUILT): PageFiles | undefined {
  const index = join(folder, 'index.html');
  const assets = join(folder, 'assets');
  if (!existsSync(index) || !existsSync(assets)) return undefined;
  const files = readdirSync(assets, { withFileTypes: true }).filter((entry) => entry.isFile());
  return {
    index: readFileSync(index),
    assets: new Map(
      files.map(({ name }) => [name, { type: TYPES[extname(name)] ?? 'application/octet-stream', body: readFileSync(join(assets, name)) }]),
    ),
  };
}
