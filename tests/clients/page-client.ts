import { isObject } from '@backchannel/protocol';
import type { Frame } from '@backchannel/server/testing';
import type { Page } from 'playwright-core';
import type { Way } from '../compat/official-client.js';
import { ToldByClient } from '../harness/told-by-client.js';

export type Refusal = { readonly code?: number; readonly reason?: string; readonly message: string };

/** The unmodified official client in a page of a real browser, with everything its callbacks told there. */
export class PageClient extends ToldByClient {
  readonly statuses: string[] = [];
  /** What the browser got on the page's newest socket, whatever the client made of it. */
  frames: Frame[] = [];
  id = '';

  private constructor(readonly page: Page) {
    super();
  }

  /** Opens the page at `address`; no session starts. */
  static async open(page: Page, address: string): Promise<PageClient> {
    const client = new PageClient(page);
    const hear: Readonly<Record<string, (value: never) => void>> = {
      ...client.callbacks,
      onStatusChange: ({ status }: { status: string }) => void client.statuses.push(status),
    };
    // The page calls each callback with what the client gave it, as JSON.
    await page.exposeFunction('tell', (name: string, value: unknown) => hear[name]?.(value as never));
    page.on('websocket', (socket) => {
      const frames: Frame[] = [];
      client.frames = frames;
      // Every frame of this server is JSON with a type; `wireProblems` says so of each.
      socket.on('framereceived', ({ payload }) => void frames.push(JSON.parse(String(payload)) as Frame));
    });
    await page.goto(address);
    await page.waitForFunction('"official" in globalThis');
    return client;
  }

  /** Starts a text session that must come about. */
  async start(way: Way, options: object = {}): Promise<this> {
    const started = await this.try(way, options);
    if ('refused' in started) throw new Error(`The session was refused: ${JSON.stringify(started.refused)}`);
    this.id = started.id;
    return this;
  }

  /** The refusal of a session that must not start. */
  async refused(way: Way, options: object = {}): Promise<Refusal> {
    const started = await this.try(way, options);
    if ('refused' in started) return started.refused;
    throw new Error('the session started');
  }

  /** Calls something of the page; see `pages/official-client.ts`. */
  call<T>(name: 'start' | 'say' | 'update' | 'end' | 'isOpen' | 'feedback', ...args: readonly unknown[]): Promise<T> {
    return this.page.evaluate<T>(`official.${name}(...${JSON.stringify(args)})`);
  }

  private async try(way: Way, options: object): Promise<{ readonly id: string } | { readonly refused: Refusal }> {
    const started = await this.call<unknown>('start', { connectionType: 'websocket', textOnly: true, ...way, ...options });
    if (!isObject(started)) throw new Error('The page answered nothing.');
    return started as { readonly id: string } | { readonly refused: Refusal }; // what the page's `start` says
  }
}
