import type { Locator, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import type { Chromium } from '../harness/chromium.js';

/** The page itself keeps what its policy has stopped. */
const KEEP_STOPPED = `
  globalThis.stopped = [];
  addEventListener('securitypolicyviolation', (event) => stopped.push(event.violatedDirective + ': ' + event.blockedURI));
`;

/** The page at `/` in a real browser: its parts as a person finds them, and everything that went wrong while it was open. */
export class ShownPage {
  /** Errors of the console and of scripts, in the order in which they came. */
  readonly errors: string[] = [];

  private constructor(readonly page: Page) {}

  /** Opens the page at `url` (scheme, host and port); it may use the clipboard, as a person who clicks may. */
  static async open(chromium: Chromium, url: string): Promise<ShownPage> {
    const page = await chromium.page();
    onTestFinished(() => page.context().close());
    // Pages of other machines have no clipboard without https.
    if (url.includes('127.0.0.1')) await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: url });
    const shown = await ShownPage.heard(page);
    await page.goto(`${url}/`);
    return shown;
  }

  /** A copy of this tab, as browsers make one: with what the tab keeps. */
  async copy(): Promise<ShownPage> {
    const page = await this.page.context().newPage();
    const copy = await ShownPage.heard(page);
    // An empty document of the same address: there it can be kept before the page runs.
    const empty = new URL('empty', this.page.url()).href;
    await page.route(empty, (route) => route.fulfill({ contentType: 'text/html', body: '<link rel="icon" href="data:,">' }));
    await page.goto(empty);
    await page.evaluate(`Object.assign(sessionStorage, ${JSON.stringify(await this.kept())})`);
    await page.goto(this.page.url());
    return copy;
  }

  private static async heard(page: Page): Promise<ShownPage> {
    const shown = new ShownPage(page);
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') shown.errors.push(message.text());
    });
    page.on('pageerror', (error) => shown.errors.push(error.message));
    page.on('dialog', (dialog) => {
      shown.errors.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.addInitScript({ content: KEEP_STOPPED });
    return shown;
  }

  get state(): Locator {
    return this.page.getByRole('status');
  }

  get chat(): Locator {
    return this.page.getByRole('log', { name: 'Conversation' });
  }

  get notice(): Locator {
    return this.page.getByRole('banner').getByRole('alert');
  }

  /** What the backend's form says went wrong. */
  get problem(): Locator {
    return this.page.locator('.composer').getByRole('alert');
  }

  /** What the tab keeps. */
  kept(): Promise<Record<string, string>> {
    return this.page.evaluate<Record<string, string>>('({ ...sessionStorage })');
  }

  /** Where it leads. */
  links(): Promise<string[]> {
    return this.page.evaluate<string[]>('[...document.links].map((link) => link.href)');
  }

  /** Whether all of it is in sight, without scrolling. */
  async inSight(element: Locator): Promise<boolean> {
    const [box, screen] = [await element.boundingBox(), this.page.viewportSize()];
    if (box === null || screen === null) return false;
    return box.y >= 0 && box.x >= 0 && box.y + box.height <= screen.height && box.x + box.width <= screen.width;
  }

  /** The line of the chat with that text. */
  line(text: string): Locator {
    return this.chat.locator('.line', { has: this.page.getByText(text, { exact: true }) });
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** What is said in the chat so far: whose line it is, and its text. */
  async lines(): Promise<string[]> {
    const all = await this.chat.locator('.line').all();
    return Promise.all(all.map(async (line) => `${await textOf(line.locator('.who'))}: ${await textOf(line.locator('.text'))}`));
  }

  async id(): Promise<string> {
    await this.state.getByText('live').waitFor();
    return textOf(this.page.locator('#conversation-id'));
  }

  async say(text: string): Promise<void> {
    await this.page.getByLabel('Say something').fill(text);
    await this.button('Say').click();
  }

  /** Fills in the backend's form and sends it. */
  async send(type: string, text: string, urgency?: string): Promise<void> {
    await this.page.getByRole('radio', { name: type }).check();
    await this.page.getByLabel('Text of the message').fill(text);
    if (urgency !== undefined) await this.page.getByLabel('Urgency').selectOption(urgency);
    await this.button('Send').click();
  }

  /** The receipt of the message with that text, when it has reached that level. */
  reached(text: string, level: string): Promise<void> {
    const receipt = this.page.locator('.receipt', { has: this.page.getByText(text, { exact: true }) });
    return receipt.locator('.reached', { hasText: level }).waitFor();
  }

  /** The call in that language, from the clipboard. */
  async copiedCall(tab: string): Promise<string> {
    await this.page.getByRole('tab', { name: tab }).click();
    await this.page.getByRole('button', { name: /^Copy the \w+ call$/ }).click();
    await this.page.getByRole('button', { name: 'Copied' }).waitFor();
    return this.page.evaluate<string>('navigator.clipboard.readText()');
  }

  /** What the content policy stopped. */
  stopped(): Promise<string[]> {
    return this.page.evaluate<string[]>('stopped');
  }
}

/** The text of an element as the page has it. */
export async function textOf(element: Locator): Promise<string> {
  return (await element.textContent()) ?? '';
}
