import { expect, it, onTestFinished } from 'vitest';
import { serve } from '../cases/stage.js';
import { Chromium, NO_CHROMIUM } from '../harness/chromium.js';

const PHONE = { width: 360, height: 740 };

it.skipIf(NO_CHROMIUM)('[OA4] the documents are no wider than a phone, whatever is unfolded', async () => {
  const { url } = await serve();
  const chromium = await Chromium.start();
  onTestFinished(() => chromium.stop());
  const page = await chromium.page();
  await page.setViewportSize(PHONE);
  await page.goto(`${url}/docs`);
  const width = (): Promise<number> => page.evaluate('document.documentElement.scrollWidth');
  expect(await width()).toBe(PHONE.width);
  await page.evaluate('for (const details of document.querySelectorAll("body > details")) details.open = true');
  expect(await width()).toBe(PHONE.width);
});
