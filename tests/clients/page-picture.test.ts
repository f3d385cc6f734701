import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Chromium, NO_CHROMIUM } from '../harness/chromium.js';
import { freePort } from '../harness/free-port.js';
import { folder, start } from '../start/terminal.js';
import { ShownPage } from './shown-page.js';

const [WIDTH, HEIGHT] = [1_280, 936];
/** What a README may carry. */
const MOST_BYTES = 250_000;

// `npm run picture` says where the picture belongs; else it is only tried.
it.skipIf(NO_CHROMIUM)('[PG20] npm run picture shows the page in the middle of a conversation', async () => {
  const path = process.env.PAGE_PICTURE ?? join(await folder(), 'page.png');
  const { port } = await start(await folder(), { PORT: String(await freePort()) });
  const chromium = await Chromium.start({ hosts: { '127.0.0.1:4600': port } });
  onTestFinished(() => chromium.stop());
  const page = await ShownPage.open(chromium, 'http://127.0.0.1:4600');
  await page.page.setViewportSize({ width: WIDTH, height: HEIGHT });
  await page.id();
  await page.say('Hi, I am waiting for a parcel.');
  await page.chat.locator('.line.agent').nth(1).waitFor();
  await page.send('Agent knows', 'Parcel 4711 arrives on Friday.');
  await page.reached('Parcel 4711 arrives on Friday.', 'applied');
  await page.send('User says', 'When does my parcel arrive?');
  await page.reached('When does my parcel arrive?', 'spoken');
  await page.send('Agent says', 'Good news: your parcel is on its way.');
  await page.reached('Good news: your parcel is on its way.', 'spoken');
  await page.line('Good news: your parcel is on its way.').locator('.tag').waitFor();
  await mkdir(dirname(path), { recursive: true });
  await page.page.screenshot({ path, animations: 'disabled', caret: 'hide' });
  const picture = await readFile(path);
  expect(picture.toString('latin1', 1, 4)).toBe('PNG');
  expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([WIDTH, HEIGHT]);
  expect(picture.length).toBeLessThan(MOST_BYTES);
  expect([await page.stopped(), page.errors]).toEqual([[], []]);
});
