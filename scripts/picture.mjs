// `npm run picture`: draws docs/page.png, the page in the middle of a conversation, as tests/clients/page-picture.test.ts plays it.
import { join } from 'node:path';
import { build } from './lib/build.mjs';
import { buildPage } from './lib/build-page.mjs';
import { install } from './lib/install.mjs';
import { have } from './lib/needs.mjs';
import { PreparationFailed } from './lib/preparation-failed.mjs';
import { REPOSITORY } from './lib/repository.mjs';
import { runNode } from './lib/run-tool.mjs';

try {
  install(REPOSITORY, { tools: true, sentence: 'Installing packages and tools …' });
  install(join(REPOSITORY, 'tests'), { tools: true, sentence: 'Installing what tests/ needs …' });
  build(REPOSITORY, { tests: true, sentence: 'Building …' });
  buildPage(REPOSITORY, { sentence: 'Building the page …' });
  if (!have(['chromium'])) throw new PreparationFailed('The picture is taken with Chromium.', '');
  const vitest = join(REPOSITORY, 'node_modules', 'vitest', 'vitest.mjs');
  const drawn = runNode([vitest, 'run', '--config', 'tests/clients/vitest.config.mjs', 'page-picture'], {
    cwd: REPOSITORY,
    env: { ...process.env, PAGE_PICTURE: join(REPOSITORY, 'docs', 'page.png') },
  });
  if (!drawn.ok) throw new PreparationFailed('The page could not be drawn:', drawn.output);
  console.log('docs/page.png is drawn.');
} catch (error) {
  if (!(error instanceof PreparationFailed)) throw error;
  error.report();
}
