import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { backgroundProcess } from '../../scripts/lib/background-process.mjs';
import { Api } from '../harness/api.js';
import { Chromium, chromiumPath } from '../harness/chromium.js';
import { freePort } from '../harness/free-port.js';
import { ServerProcess } from '../harness/server-process.js';
import { CANNOT_PASTE, ends, folder, plainEnvironment, start, terminal } from '../start/terminal.js';
import { ShownPage, textOf } from './shown-page.js';

/** A name that somebody made to lead to this machine. */
const REBOUND = 'rebound.test';
const PAYLOADS = [
  '<img src=x onerror="alert(1)"><script>alert(1)</script>',
  '"><svg onload=alert(1)>',
  '<a href="javascript:alert(1)">{{constructor}}</a>',
];

describe.skipIf(chromiumPath() === undefined)('the page in Chromium', () => {
  let chromium: Chromium;
  let reboundPort = 0;

  beforeAll(async () => {
    reboundPort = await freePort();
    chromium = await Chromium.start({ hosts: { [REBOUND]: reboundPort } });
  });
  afterAll(() => chromium.stop());

  it('[PG13] from the first load to an injected message that is answered, with nothing stopped and no error', async () => {
    const cwd = await folder();
    const { url } = await start(cwd);
    const page = await ShownPage.open(chromium, url);
    const id = await page.id();
    expect(id).toMatch(/^conv_[A-Za-z0-9]+$/);
    await page.line('Hello! I am the demo agent. What can I do for you?').waitFor();
    await page.say('My order number is 42.');
    await page.line('My order number is 42.').waitFor();
    await page.chat.locator('.line.agent').nth(1).waitFor();

    await page.send('Agent knows', 'Parcel 4711 arrives on Friday.');
    await page.reached('Parcel 4711 arrives on Friday.', 'applied');
    await page.send('User says', 'When does my parcel arrive?');
    for (const level of ['accepted', 'applied', 'replied', 'spoken']) await page.reached('When does my parcel arrive?', level);
    await page.send('Agent says', 'Your parcel is here.', 'immediate');
    await page.reached('Your parcel is here.', 'spoken');
    await page.line('Your parcel is here.').locator('.tag').waitFor();
    const lines = await page.lines();
    expect(lines).toHaveLength(7);
    expect(lines.slice(3)).toEqual([
      'from the backend: The agent now knows: Parcel 4711 arrives on Friday.',
      'user · from the backend: When does my parcel arrive?',
      expect.stringMatching(/^agent: .*Friday/),
      'agent · from the backend: Your parcel is here.',
    ]);
    const api = new Api(url, (await readFile(join(cwd, 'data', 'api-key'), 'utf8')).trim());
    expect(await api.conversation(id)).toMatchObject({ status: 'in-progress', agent_id: 'agent_demo' });
    expect([await page.stopped(), page.errors]).toEqual([[], []]);
  });

  it.skipIf(CANNOT_PASTE)('[PG14] the calls that it shows, pasted into a terminal, arrive in its chat', async () => {
    const cwd = await folder();
    const { url } = await start(cwd);
    const page = await ShownPage.open(chromium, url);
    await page.id();
    const write = (text: string) => page.page.getByLabel('Text of the message').fill(text);

    await page.page.getByRole('radio', { name: 'User says' }).check();
    await write('What\'s my parcel\'s $HOME "number"?');
    const curl = await page.copiedCall('curl');
    expect(await terminal(cwd, await folder())(curl)).toMatch(/"status":"replied".*"reply":/);
    await page.line('What\'s my parcel\'s $HOME "number"?').waitFor();
    await page.reached('What\'s my parcel\'s $HOME "number"?', 'spoken');

    const run = async (command: string, file: string, code: string): Promise<string> => {
      await writeFile(join(cwd, file), code);
      const program = backgroundProcess(command, [file], { cwd, env: plainEnvironment() });
      onTestFinished(() => program.stop());
      const { code: exitCode, output } = await ends(program);
      expect([exitCode, output]).toEqual([0, expect.stringContaining('msg_')]);
      return output;
    };
    await page.page.getByRole('radio', { name: 'Agent says' }).check();
    await write('Said by Node: "it\'s" \\ Grüße');
    await run(process.execPath, 'send.mjs', await page.copiedCall('fetch (Node)'));
    await page.line('Said by Node: "it\'s" \\ Grüße').waitFor();
    await write('Said by Python: "it\'s" \\ Grüße');
    await run('python3', 'send.py', await page.copiedCall('Python'));
    await page.line('Said by Python: "it\'s" \\ Grüße').waitFor();
    expect([await page.stopped(), page.errors]).toEqual([[], []]);
  });

  it('[PG15] says that the server is gone, comes back by itself when it is there again, and goes on in the same conversation', async () => {
    const server = await ServerProcess.start();
    onTestFinished(() => server.stop());
    const page = await ShownPage.open(chromium, server.url);
    const id = await page.id();
    await page.say('My order number is 42.');
    await page.chat.locator('.line.agent').nth(1).waitFor();
    const before = await page.lines();

    await server.kill();
    await page.state.getByText('line lost').waitFor();
    await page.notice.getByText('The page comes back by itself').waitFor();
    await page.button('Reconnect now').waitFor();
    await server.restart();
    expect(await page.id()).toBe(id);
    expect(await textOf(page.notice)).toBe('');
    await page.say('What is my order number?');
    await page.chat.getByText(/42.*/).last().waitFor();
    await page.send('Agent says', 'Here again.');
    await page.reached('Here again.', 'spoken');
    expect((await page.lines()).slice(0, before.length)).toEqual(before);
    expect(await page.stopped()).toEqual([]);
    // Browsers note every attempt to reach a server that is not there.
    expect(page.errors.filter((text) => !text.includes('net::ERR_'))).toEqual([]);
  });

  it('[PG16] ends when the user or the backend ends it, says which, and begins anew', async () => {
    const cwd = await folder();
    const { url } = await start(cwd);
    const page = await ShownPage.open(chromium, url);
    const first = await page.id();
    await page.button('End').click();
    await page.notice.getByText('You ended the conversation.').waitFor();
    expect(await page.button('Say').isDisabled()).toBe(true);
    expect(await page.button('Send').isDisabled()).toBe(true);

    await page.button('New conversation').click();
    await page.line('Hello! I am the demo agent. What can I do for you?').waitFor();
    const second = await page.id();
    expect(second).not.toBe(first);
    const api = new Api(url, (await readFile(join(cwd, 'data', 'api-key'), 'utf8')).trim());
    await api.post(`/conversations/${second}/end`, { message: 'Goodbye.' });
    await page.line('Goodbye.').waitFor();
    await page.notice.getByText('ended by the backend').waitFor();
    expect(await textOf(page.state)).toBe('ended');
    expect([await page.stopped(), page.errors]).toEqual([[], []]);
  });

  it('[PG17] whatever anybody says stays text', async () => {
    const { url } = await start(await folder());
    const page = await ShownPage.open(chromium, url);
    await page.id();
    for (const payload of PAYLOADS) {
      await page.say(`${payload} typed`);
      await page.send('Agent says', `${payload} agent`);
      await page.line(`${payload} agent`).waitFor();
      await page.send('User says', `${payload} user`);
      await page.reached(`${payload} user`, 'replied');
      await page.send('Agent knows', `${payload} known`);
      await page.line(`The agent now knows: ${payload} known`).waitFor();
    }
    const made = 'script, img, svg, a, iframe, object, [onload], [onerror]';
    expect(await page.chat.locator(made).count()).toBe(0);
    expect(await page.page.locator('.receipts').locator(made).count()).toBe(0);
    expect(await page.page.locator('.code').locator(made).count()).toBe(0);
    expect([await page.stopped(), page.errors]).toEqual([[], []]);
  });

  it('[PG5, PG18] under another name for this machine it is given nothing, talks as anybody may, and says how to send', async () => {
    const { port } = await start(await folder(), { PORT: String(reboundPort) });
    const page = await ShownPage.open(chromium, `http://${REBOUND}:${port}`);
    const id = await page.id();
    await page.line('Hello! I am the demo agent. What can I do for you?').waitFor();
    await page.page.getByText('Sending needs an API key').waitFor();
    expect(await page.button('Send').isDisabled()).toBe(true);
    const call = await textOf(page.page.getByRole('tabpanel'));
    expect(call).toContain(`http://${REBOUND}:${port}/v1/convai/conversations/${id}/messages`);
    expect(call).toContain('$BACKCHANNEL_API_KEY');
    expect(await page.page.getByRole('heading', { name: 'Receipts' }).count()).toBe(0);
    expect(await page.stopped()).toEqual([]);
  });

  it('[PG19] is used with the keyboard alone, and fits a narrow screen', async () => {
    const { url } = await start(await folder());
    const page = await ShownPage.open(chromium, url);
    await page.id();
    const { keyboard } = page.page;
    await page.page.getByLabel('Say something').focus();
    await keyboard.type('Hello');
    await keyboard.press('Enter');
    await page.line('Hello').waitFor();
    await page.page.getByRole('radio', { name: 'Agent says' }).focus();
    await keyboard.press('ArrowRight');
    expect(await page.page.getByRole('radio', { name: 'Agent knows' }).isChecked()).toBe(true);
    await page.page.getByRole('tab', { name: 'curl' }).focus();
    await keyboard.press('ArrowRight');
    expect(await page.page.getByRole('tab', { name: 'fetch (Node)' }).getAttribute('aria-selected')).toBe('true');
    expect(await textOf(page.page.getByRole('tabpanel'))).toContain('await fetch(');
    await keyboard.press('ArrowLeft');
    await keyboard.press('ArrowLeft');
    expect(await textOf(page.page.getByRole('tabpanel'))).toContain('urllib');
    for (const width of [1_280, 768, 320]) {
      await page.page.setViewportSize({ width, height: 700 });
      expect([width, await page.page.evaluate('document.documentElement.scrollWidth')]).toEqual([width, width]);
    }
  });
});
