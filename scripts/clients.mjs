// `npm run clients`: tries the official clients, in several versions of each, against a server of ours, and prints client × version × what works.
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './lib/build.mjs';
import { install } from './lib/install.mjs';
import { have } from './lib/needs.mjs';
import { PreparationFailed } from './lib/preparation-failed.mjs';
import { REPOSITORY } from './lib/repository.mjs';

const TESTS = join(REPOSITORY, 'tests');

/**
 * The program of tests/clients-table as one file: the tests' own harness is TypeScript, which Node 20 does not run. The server stays as it was
 * built, packages are what tests/ has installed, and each module keeps the folder that it says it is in.
 */
async function bundle() {
  const { build: esbuild } = createRequire(join(TESTS, 'package.json'))('esbuild');
  const outfile = join(TESTS, 'clients-table', 'dist', 'table.mjs');
  mkdirSync(dirname(outfile), { recursive: true });
  const asItIs = {
    name: 'as-it-is',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^\..*\/(packages\/[^/]+\/dist|scripts\/lib)\// }, ({ path, resolveDir }) => ({
        path: pathToFileURL(resolve(resolveDir, path)).href,
        external: true,
      }));
      onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
        contents: (await readFile(path, 'utf8')).replaceAll('import.meta.dirname', JSON.stringify(dirname(path))),
        loader: 'ts',
      }));
    },
  };
  await esbuild({
    entryPoints: [join(TESTS, 'clients-table', 'table.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    plugins: [asItIs],
    logLevel: 'error',
  });
  return outfile;
}

try {
  install(REPOSITORY, { tools: true, sentence: 'Installing packages and tools …' });
  install(TESTS, { tools: true, sentence: 'Installing what tests/ needs …' });
  build(REPOSITORY, { tests: true, sentence: 'Building …' });
  have(['chromium', 'python3']);
  const { table } = await import(pathToFileURL(await bundle()).href);
  process.exitCode = (await table(REPOSITORY)) ? 0 : 1;
} catch (error) {
  if (!(error instanceof PreparationFailed)) throw error;
  error.report();
}
