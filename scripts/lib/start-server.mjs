import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './build.mjs';
import { install } from './install.mjs';
import { PreparationFailed } from './preparation-failed.mjs';
import { REPOSITORY } from './repository.mjs';

/**
 * Installs what the server needs and builds it, each only when due, and becomes the server: in this very process, so that
 * arguments, signals and the exit code are the server's own and a warm start costs no second Node.
 */
export async function startServer() {
  try {
    const tools = install(REPOSITORY, { tools: false, sentence: 'Installing what the server needs (the first time only) …' });
    build(REPOSITORY, { tests: tools, sentence: 'Building the server …' });
  } catch (error) {
    if (!(error instanceof PreparationFailed)) throw error;
    error.report();
    return;
  }
  await import(pathToFileURL(join(REPOSITORY, 'packages', 'server', 'dist', 'main.js')).href);
}
