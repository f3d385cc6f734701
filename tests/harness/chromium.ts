import { type Browser, chromium, type Page } from 'playwright-core';
import { CHROMIUM_ARGS, chromiumPath } from '../../scripts/lib/chromium.mjs';

/** Tests in a browser are skipped where there is none, and `npm test` says so; in CI they fail. */
export const NO_CHROMIUM = chromiumPath() === undefined && !process.env.CI;

export type ChromiumOptions = {
  /** Ports of this machine by the `hostname` or `hostname:port` under which pages see them, so that a page can have any `http` origin. */
  readonly hosts?: Readonly<Record<string, number>>;
  /** Gives pages a camera and a microphone that play a test signal; whether they may use it is still asked for, and refused. */
  readonly fakeMedia?: boolean;
};

/** A real Chromium that reaches nothing but this machine. */
export class Chromium {
  private constructor(private readonly browser: Browser) {}

  static async start({ hosts = {}, fakeMedia = false }: ChromiumOptions = {}): Promise<Chromium> {
    const executablePath = chromiumPath();
    if (executablePath === undefined) throw new Error('Chromium is not installed');
    // The first rule that fits holds, also for addresses; a client that calls home finds nobody there.
    const rules = [
      ...Object.entries(hosts).map(([host, port]) => `MAP ${host} 127.0.0.1:${port}`),
      ...['localhost', '127.0.0.1'].map((host) => `MAP ${host} 127.0.0.1`),
      'MAP * ~NOTFOUND',
    ];
    const args = [
      ...CHROMIUM_ARGS,
      `--host-resolver-rules=${rules.join(', ')}`,
      ...(fakeMedia ? ['--use-fake-device-for-media-stream'] : []),
    ];
    return new Chromium(await chromium.launch({ executablePath, args }));
  }

  /** A page in a profile of its own: no cookies, permissions or caches of other pages. */
  async page(): Promise<Page> {
    const context = await this.browser.newContext();
    return context.newPage();
  }

  stop(): Promise<void> {
    return this.browser.close();
  }
}
