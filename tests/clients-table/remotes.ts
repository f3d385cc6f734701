import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { PythonSdk } from '../clients/python/python-sdk.js';
import type { Chromium } from '../harness/chromium.js';
import { LineProgram, ProgramError, type RemoteClient, type Told, type ToldError } from '../harness/line-program.js';
import { PageServer } from '../harness/page-server.js';
import type { TestServer } from '../harness/start-server.js';
import type { Client } from './clients.js';
import type { Installed } from './install-version.js';

const HERE = import.meta.dirname;

/** One version of a client at work, to be told what to do. `chromium` is asked for only when it is needed. */
export async function openRemote(
  client: Client,
  { folder, python }: Installed,
  server: TestServer,
  chromium: () => Promise<Chromium>,
): Promise<RemoteClient> {
  switch (client.runs) {
    case 'client-in-node':
      return LineProgram.start(process.execPath, [
        join(HERE, 'programs', 'client.mjs'),
        entry(folder, `export * from '${client.package}';`),
      ]);
    case 'elevenlabs-js':
      return LineProgram.start(process.execPath, [join(HERE, 'programs', 'elevenlabs-js.mjs'), folder, server.url, server.key]);
    case 'python':
      return PythonSdk.start(python, server);
    case 'client-in-page':
      return RemotePage.open(await chromium(), entry(folder, PAGE));
    case 'react-in-page':
      return RemotePage.open(await chromium(), entry(folder, REACT_PAGE));
  }
}

const SERVE = `import { method, servePage, tell } from ${JSON.stringify(join(HERE, 'pages', 'serve-page.mjs'))};`;
const PAGE = `import * as sdk from '@elevenlabs/client';
${SERVE}
import { clientSessions } from ${JSON.stringify(join(HERE, 'programs', 'client-sessions.mjs'))};
servePage(clientSessions(sdk, tell, method));`;
const REACT_PAGE = `import * as sdk from '@elevenlabs/react';
import * as react from 'react';
import { createRoot } from 'react-dom/client';
${SERVE}
import { reactSessions } from ${JSON.stringify(join(HERE, 'pages', 'react-sessions.mjs'))};
servePage(reactSessions(sdk, react, createRoot, tell, method));`;

/** A script in the folder of the installed version, so that what it imports is that version. */
function entry(folder: string, text: string): string {
  const path = join(folder, 'entry.mjs');
  writeFileSync(path, `${text}\n`);
  return path;
}

/** A client in a page of a real browser, from an origin that is not the server's. */
class RemotePage implements RemoteClient {
  readonly events: Told[] = [];

  private constructor(
    private readonly page: Page,
    private readonly site: PageServer,
  ) {}

  static async open(chromium: Chromium, script: string): Promise<RemotePage> {
    const site = await PageServer.start({ client: script });
    const page = await chromium.page();
    const remote = new RemotePage(page, site);
    await page.exposeFunction('tell', (event: Told) => void remote.events.push(event));
    page.on('pageerror', (error) => void remote.events.push({ event: 'unhandled', text: String(error) }));
    await page.goto(site.address('client'));
    await page.waitForFunction('"ask" in globalThis', undefined, { timeout: 10_000 }).catch(() => {
      throw new Error(`the page does not run: ${JSON.stringify(remote.events)}`);
    });
    return remote;
  }

  async ask<T>(command: string, args: object = {}): Promise<T> {
    type Answer = { readonly ok?: T; readonly error?: ToldError };
    const answer = await this.page.evaluate<Answer>(`ask(${JSON.stringify(command)}, ${JSON.stringify(args)})`);
    if (answer.error !== undefined) throw new ProgramError(answer.error, command);
    return answer.ok as T; // what the page's command answers
  }

  async stop(): Promise<void> {
    await this.page.context().close();
    await this.site.stop();
  }
}
