import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished } from 'vitest';
import { Chromium, type ChromiumOptions, NO_CHROMIUM } from '../harness/chromium.js';
import { PageServer } from '../harness/page-server.js';
import { PageClient } from './page-client.js';

const PAGES = join(import.meta.dirname, 'pages');

export const describeInChromium = describe.skipIf(NO_CHROMIUM);

/** Hosts and ports under which the pages of a file are seen; see `Chromium`. */
type Options = Omit<ChromiumOptions, 'hosts'> & { readonly hosts?: readonly string[] };

export type OneBrowser = {
  readonly pages: PageServer;
  /** An empty page for one test. Nothing may have been thrown in it that nobody caught, and no client warned, by its end. */
  page(): Promise<Page>;
  /** The page of the official client, for one test, at that origin. `prepare` is done before it loads. */
  client(origin?: string, prepare?: (page: Page) => Promise<unknown>): Promise<PageClient>;
};

/** One Chromium and one site for all tests of a file; each page has a profile of its own. `scripts` are names in `pages/`. */
export function oneBrowser(scripts: readonly string[], { hosts = [], ...options }: Options = {}): () => OneBrowser {
  let browser: OneBrowser | undefined;
  let stop: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    const pages = await PageServer.start(Object.fromEntries(scripts.map((name) => [name.replace(/\.tsx?$/, ''), join(PAGES, name)])));
    const chromium = await Chromium.start({ ...options, hosts: Object.fromEntries(hosts.map((host) => [host, pages.port])) });
    const page = async (): Promise<Page> => {
      const opened = await chromium.page();
      const troubles = troublesOf(opened);
      onTestFinished(async () => {
        await opened.context().close();
        expect(troubles).toEqual([]);
      });
      return opened;
    };
    const client = async (origin?: string, prepare?: (page: Page) => Promise<unknown>): Promise<PageClient> => {
      const opened = await page();
      await prepare?.(opened);
      return PageClient.open(opened, pages.address('official-client', origin));
    };
    stop = async () => {
      await chromium.stop();
      await pages.stop();
    };
    browser = { pages, page, client };
  });
  afterAll(() => stop?.());
  return () => {
    if (browser === undefined) throw new Error('The browser runs only while tests do.');
    return browser;
  };
}

/** What an official client makes of a frame that is not as it should be: an error that nobody catches, or a warning in the console. */
function troublesOf(page: Page): string[] {
  const troubles: string[] = [];
  page.on('pageerror', (error) => void troubles.push(error.message));
  page.on('console', (line) => {
    if (line.type() === 'warning') troubles.push(line.text());
  });
  return troubles;
}
