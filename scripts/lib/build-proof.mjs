import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { install } from './install.mjs';
import { PreparationFailed } from './preparation-failed.mjs';
import { REPOSITORY } from './repository.mjs';
import { runNode } from './run-tool.mjs';

/** Compiles `tests/prove` (in a second, when little has changed) and becomes the program `name` of it, in this very process. */
export async function buildProof(name) {
  try {
    install(REPOSITORY, { tools: false, sentence: 'Installing packages …' });
    const tsc = join(REPOSITORY, 'node_modules', 'typescript', 'bin', 'tsc');
    const done = runNode([tsc, '-p', join('tests', 'prove'), '--pretty', 'false'], { cwd: REPOSITORY });
    if (!done.ok) throw new PreparationFailed('tests/prove does not compile; the compiler says:', done.output);
  } catch (error) {
    if (!(error instanceof PreparationFailed)) throw error;
    error.report();
    return;
  }
  await import(pathToFileURL(join(REPOSITORY, 'tests', 'prove', 'dist', name)).href);
}
