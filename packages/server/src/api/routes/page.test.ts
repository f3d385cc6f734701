import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startTestApi } from '../../testing/start-test-api.js';
import { withTemporaryFolder } from '../../testing/temporary-folder.js';
import { contentPolicy } from '../page-headers.js';

const KEY = { file: 'data/api-key' };
const OPEN = { key: null };

/** A page as the builder leaves it. */
function builtPage(folder: string): string {
  mkdirSync(join(folder, 'assets', 'folder'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>It</title>');
  writeFileSync(join(folder, 'assets', 'index-abc.js'), 'export {};');
  writeFileSync(join(folder, 'secret.txt'), 'nobody reads this');
  return folder;
}

describe('the page as it is served', () => {
  it('[PG1] with a policy that lets it load and reach this server alone', async () => {
    await using api = await withTemporaryFolder((folder) => startTestApi({ page: { folder: builtPage(folder), key: KEY } }));
    const { status, headers, text } = await api.call('GET', '//', OPEN);
    expect([status, headers.get('content-type'), text]).toEqual([200, 'text/html; charset=utf-8', '<!doctype html><title>It</title>']);
    const host = new URL(api.url).host;
    expect(headers.get('content-security-policy')?.split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      `connect-src 'self' ws://${host} wss://${host}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });

  it.each(["x.test; script-src 'unsafe-inline'", 'x.test,evil.test', 'x.test *', '', undefined])(
    '[PG1] whose policy nothing of a Host like %s gets into',
    (host) => expect(contentPolicy(host)).toContain("connect-src 'self'; "),
  );

  it('[PG2] its parts for a year, itself asked for anew, and nothing else', async () => {
    await using api = await withTemporaryFolder((folder) => startTestApi({ page: { folder: builtPage(folder), key: KEY } }));
    const part = await api.call('GET', '//assets/index-abc.js', OPEN);
    expect([part.status, part.text, part.headers.get('content-type')]).toEqual([200, 'export {};', 'text/javascript; charset=utf-8']);
    expect(part.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(part.headers.get('x-content-type-options')).toBe('nosniff');
    expect((await api.call('GET', '//', OPEN)).headers.get('cache-control')).toBe('no-cache');
    for (const name of ['index-abd.js', 'folder', '..%2fsecret.txt', '..%2findex.html', '__proto__'])
      expect([name, (await api.call('GET', `//assets/${name}`, OPEN)).status]).toEqual([name, 404]);
  });

  it('[PG3] or says that it was not built, and what to do', async () => {
    await using api = await withTemporaryFolder((folder) => startTestApi({ page: { folder, key: KEY } }));
    const { status, headers, text } = await api.call('GET', '//', OPEN);
    expect([status, headers.get('content-type')]).toEqual([503, 'text/plain; charset=utf-8']);
    expect(text).toMatch(/^The page has not been built here: stop the server and run npm start/);
    expect((await api.call('GET', '//healthz', OPEN)).status).toBe(200);
  });
});
