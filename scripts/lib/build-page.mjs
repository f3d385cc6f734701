import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from './files.mjs';
import { fingerprint, readStamp, writeStamp } from './fingerprint.mjs';
import { PreparationFailed } from './preparation-failed.mjs';
import { runNode } from './run-tool.mjs';

/** Builds the page that the server shows at `/`, unless nothing has changed since the last time. */
export function buildPage(root, { sentence }) {
  const folder = join(root, 'packages', 'console');
  const settings = ['package-lock.json', 'packages/console/vite.config.mjs', 'packages/console/index.html'].map((name) => join(root, name));
  const sources = fingerprint(root, [...settings, ...filesBelow(join(folder, 'src'))]);
  if (readStamp(root, 'page')?.sources === sources && existsSync(join(folder, 'dist', 'page', 'index.html'))) return;
  console.log(sentence);
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  // Whoever develops may have set it; the page that people see is always the finished one.
  const done = runNode([vite, 'build', folder, '--config', join(folder, 'vite.config.mjs')], {
    cwd: folder,
    env: { ...process.env, NODE_ENV: 'production' },
  });
  if (!done.ok) throw new PreparationFailed('The page could not be built; Vite says:', done.output);
  writeStamp(root, 'page', { sources });
}
