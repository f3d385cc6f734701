import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './build.mjs';
import { buildPage } from './build-page.mjs';
import { install } from './install.mjs';
import { PreparationFailed } from './preparation-failed.mjs';
import { REPOSITORY } from './repository.mjs';

/**
 * Installs what the server needs and builds it, each only when due, and becomes one of its programs (`main` is the server):
 * in this very process, so that arguments, signals and the exit code are its own and a warm start costs no second Node.
 */
export async function startProgram(program) {
  if (!prepareServer({ page: program === 'main' })) return;
  await import(pathToFileURL(join(REPOSITORY, 'packages', 'server', 'dist', `${program}.js`)).href);
}

/** What the server needs, and with `page` also its page, is there afterwards; else it has said why, and the answer is false. */
export function prepareServer({ page }) {
  try {
    const tools = install(REPOSITORY, { tools: false, sentence: 'Installing what the server needs (the first time only) …' });
    build(REPOSITORY, { tests: tools, sentence: 'Building the server …' });
    if (page) pageIfItCanBe();
    return true;
  } catch (error) {
    if (!(error instanceof PreparationFailed)) throw error;
    error.report();
    return false;
  }
}

/** A server without its page is still a server, and says at `/` what is missing. */
function pageIfItCanBe() {
  try {
    buildPage(REPOSITORY, { sentence: 'Building the page …' });
  } catch (error) {
    if (!(error instanceof PreparationFailed)) throw error;
    error.warn();
  }
}
