import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { Chromium, type ChromiumOptions } from '../harness/chromium.js';
import { PageServer } from '../harness/page-server.js';
import { PageClient } from './page-client.js';

const PAGES = join(import.meta.dirname, 'pages');

/** Hosts and ports under which the pages of a file are seen; see `Chromium`. */
type Options = Omit<ChromiumOptions, 'hosts'> & { readonly hosts?: readonly string[] };

export type OneBrowser = {
  readonly pages: PageServer;
  readonly chromium: Chromium;
  /** The page of the official client, for one test, at that origin. `prepare` is done before it loads. */
  client(origin?: string, prepare?: (page: Page) => Promise<unknown>): Promise<PageClient>;
};

/** One Chromium and one site for all tests of a file; each page has a profile of its own. `scripts` are names in `pages/`. */
export function oneBrowser(scripts: readonly string[], { hosts = [], ...options }: Options = {}): () => OneBrowser {
  let browser: OneBrowser | undefined;
  beforeAll(async () => {
    const pages = await PageServer.start(Object.fromEntries(scripts.map((name) => [name.replace(/\.tsx?$/, ''), join(PAGES, name)])));
    const chromium = await Chromium.start({ ...options, hosts: Object.fromEntries(hosts.map((host) => [host, pages.port])) });
    const client = async (origin?: string, prepare?: (page: Page) => Promise<unknown>): Promise<PageClient> => {
      const page = await chromium.page();
      onTestFinished(() => page.context().close());
      await prepare?.(page);
      return PageClient.open(page, pages.address('official-client', origin));
    };
    browser = { pages, chromium, client };
  });
  afterAll(async () => {
    await browser?.chromium.stop();
    await browser?.pages.stop();
  });
  return () => {
    if (browser === undefined) throw new Error('The browser runs only while tests do.');
    return browser;
  };
}
