import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './build.mjs';
import { install } from './install.mjs';
import { PreparationFailed } from './preparation-failed.mjs';
import { REPOSITORY } from './repository.mjs';
import { runNode } from './run-tool.mjs';

/**
 * Compiles `tests/prove` and becomes the program `name` of it, in this very process. `servers`: it starts servers, the
 * tests' own among them, so those are built before it.
 */
export async function becomeProof(name, { servers }) {
  try {
    install(REPOSITORY, { tools: servers, sentence: 'Installing packages …' });
    if (servers) {
      install(join(REPOSITORY, 'tests'), { tools: true, sentence: 'Installing what tests/ needs …' });
      build(REPOSITORY, { tests: true, sentence: 'Building …' });
    }
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
