import { build } from 'esbuild';

/**
 * The script of a test page (`.ts` or `.tsx`) with everything that it imports, as one module for browsers.
 * esbuild and not Vite, which builds the product's page: it is one call without a configuration, in memory, in a tenth of a second, and shares
 * no plugin and no default with what is under test.
 */
export async function pageBundle(path: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error(`${path} gave no script`);
  return output.text;
}
