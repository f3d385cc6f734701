import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { CHROMIUM_ARGS, chromiumPath } from './chromium.mjs';
import { REPOSITORY } from './repository.mjs';
import { runNode } from './run-tool.mjs';

const COMPILER = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  jsx: 'react-jsx',
  module: 'esnext',
  moduleResolution: 'bundler',
  target: 'es2023',
  lib: ['es2023', 'dom', 'dom.iterable'],
  types: [],
};
const START = `import { createRoot } from 'react-dom/client';
import App from './app';
createRoot(document.getElementById('root')!).render(<App />);
`;
const HTML = '<!doctype html><meta charset="utf-8"><div id="root"></div><script type="module" src="/page.mjs"></script>';

/**
 * A block whose default export is a React component, as somebody's page has it: checked for its types, bundled, and opened in a real
 * Chromium, where its first button is pressed. Answers `{ ok, output }` when what the page shows matches `expect`, or after `limitMs`.
 * `packages` is a folder with the packages that it imports; `backend` the address that answers whatever the page asks of its own site.
 */
export async function runPage({ text, line, expect = /./ }, { packages, backend, env }, limitMs) {
  const folder = join(packages, `page-${line}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'app.tsx'), text);
  writeFileSync(join(folder, 'start.tsx'), START);
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: COMPILER }));
  const tsc = join(REPOSITORY, 'node_modules', 'typescript', 'bin', 'tsc');
  const checked = runNode([tsc, '-p', folder, '--pretty', 'false'], { cwd: folder });
  if (!checked.ok) return { ok: false, output: checked.output };
  const from = createRequire(join(packages, 'package.json'));
  const script = await bundled(from('esbuild'), join(folder, 'start.tsx'));
  const executablePath = chromiumPath(env);
  if (executablePath === undefined) {
    if (env.CI) return { ok: false, output: 'Chromium is not installed.' };
    console.log('Not here: chromium, so the page of the README is checked and bundled, and not opened.');
    return { ok: true, output: undefined };
  }
  const site = await serve(script, backend);
  try {
    return await open(from('playwright-core').chromium, { executablePath, address: site.address, expect }, limitMs);
  } finally {
    site.close();
  }
}

async function bundled({ build }, path) {
  const define = { 'process.env.NODE_ENV': '"production"' };
  const options = { bundle: true, write: false, format: 'esm', target: 'es2022', jsx: 'automatic', define, logLevel: 'error' };
  const { outputFiles } = await build({ entryPoints: [path], ...options });
  return outputFiles[0].text;
}

/** A site with one page, whose other addresses are those of its backend. */
async function serve(script, backend) {
  const server = createServer(async (request, response) => {
    if (request.url === '/') return response.writeHead(200, { 'content-type': 'text/html' }).end(HTML);
    if (request.url === '/page.mjs') return response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    try {
      const answer = await fetch(`${backend}${request.url}`, { method: request.method });
      response.writeHead(answer.status).end(await answer.text());
    } catch (error) {
      response.writeHead(502).end(String(error));
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { address: `http://127.0.0.1:${server.address().port}/`, close };
}

async function open(chromium, { executablePath, address, expect }, limitMs) {
  const browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS });
  const noted = [];
  try {
    const page = await browser.newPage();
    page.on('console', (message) => noted.push(message.text()));
    page.on('pageerror', (error) => noted.push(String(error)));
    await page.goto(address);
    await page.locator('button').first().click();
    const deadline = performance.now() + limitMs;
    let shown = '';
    while (!expect.test(shown) && performance.now() < deadline) {
      await page.waitForTimeout(100);
      shown = await page.locator('body').textContent();
    }
    return { ok: expect.test(shown), output: `${shown}\n${noted.join('\n')}` };
  } catch (error) {
    return { ok: false, output: `${error}\n${noted.join('\n')}` };
  } finally {
    await browser.close();
  }
}
