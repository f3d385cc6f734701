import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { backgroundProcess } from '../../scripts/lib/background-process.mjs';
import { Chromium, NO_CHROMIUM } from '../harness/chromium.js';
import { ServerProcess } from '../harness/server-process.js';
import { CANNOT_PASTE, ends, folder, plainEnvironment, start, terminal } from '../start/terminal.js';
import { ShownPage, textOf } from './shown-page.js';

/** A name that somebody made to lead to this machine. */
const REBOUND = 'rebound.test';
/** As narrow and as low as most are. */
const SCREENS = [
  [1_280, 800],
  [390, 664],
] as const;
const GREETING = 'Hello! I am the demo agent. What can I do for you?';
const PAYLOADS = [
  '<img src=x onerror="alert(1)"><script>alert(1)</script>',
  '"><svg onload=alert(1)>',
  '<a href="javascript:alert(1)">{{constructor}}</a>',
];

describe.skipIf(NO_CHROMIUM)('the page in Chromium', () => {
  let chromium: Chromium;
  let server: ServerProcess;

  beforeAll(async () => {
    server = await ServerProcess.start();
    chromium = await Chromium.start({ hosts: { [REBOUND]: server.port } });
  });
  afterAll(async () => {
    await chromium.stop();
    await server.stop();
  });

  it('[PG13, PG25] from the first load to an injected message that is answered, with nothing stopped and no error', async () => {
    const page = await ShownPage.open(chromium, server.url);
    const id = await page.id();
    expect(id).toMatch(/^conv_[A-Za-z0-9]+$/);
    await page.line(GREETING).waitFor();
    const links = await page.links();
    expect(links).toEqual(['docs', 'openapi.json', 'asyncapi.json'].map((name) => `${server.url}/${name}`));
    for (const link of links) expect([link, (await fetch(link)).status]).toEqual([link, 200]);
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
    expect(await (await server.api()).conversation(id)).toMatchObject({ status: 'in-progress', agent_id: 'agent_demo' });
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

  it('[PG15, PG21, PG24] says that the server is gone, comes back by itself when it is there again, and goes on in the same conversation', async () => {
    const page = await ShownPage.open(chromium, server.url);
    const id = await page.id();
    await page.say('My order number is 42.');
    await page.chat.locator('.line.agent').nth(1).waitFor();
    const before = await page.lines();

    server.freeze();
    await page.say('This never arrives.');
    await page.send('Agent says', 'Nor does this.');
    expect(await page.button('Send again').count()).toBe(0);
    await server.kill();
    await page.state.getByText('line lost').waitFor();
    await page.notice.getByText('The page comes back by itself').waitFor();
    await page.button('Reconnect now').waitFor();
    await page.problem.getByText('The server does not answer.').waitFor();
    for (const [width, height] of SCREENS) {
      await page.page.setViewportSize({ width, height });
      await page.page.evaluate('scrollTo(0, 0)');
      expect([width, height, await page.inSight(page.button('Say'))]).toEqual([width, height, true]);
    }
    await server.restart();
    expect(await page.id()).toBe(id);
    expect([await textOf(page.notice), await textOf(page.problem)]).toEqual(['', '']);
    await page.line('This never arrives.').getByText('not sent').waitFor();
    expect((await page.lines()).slice(0, before.length)).toEqual(before);
    const said = async () =>
      JSON.stringify(await (await server.api()).conversation(id)).split('"message":"This never arrives."').length - 1;
    expect(await said()).toBe(0);
    const replies = await page.chat.locator('.line.agent').count();
    await page.button('Send again').click();
    await page.chat.locator('.line.agent').nth(replies).waitFor();
    expect([await page.line('This never arrives.').count(), await page.chat.getByText('not sent').count(), await said()]).toEqual([
      1, 0, 1,
    ]);
    await page.say('What is my order number?');
    await page.chat.getByText(/42.*/).last().waitFor();
    await page.send('Agent says', 'Here again.');
    await page.reached('Here again.', 'spoken');
    expect((await page.lines()).slice(0, before.length)).toEqual(before);
    expect(await page.stopped()).toEqual([]);
    // Browsers note every attempt to reach a server that is not there.
    expect(page.errors.filter((text) => !text.includes('net::ERR_'))).toEqual([]);
  });

  it('[PG22] what a terminal tells the agent stands before the answer to it', async () => {
    const page = await ShownPage.open(chromium, server.url);
    const id = await page.id();
    await page.line(GREETING).waitFor();
    const api = await server.api();
    await api.post(`/conversations/${id}/messages`, { type: 'instruction', text: 'Ask for the order number.', urgency: 'immediate' });
    await page.reached('Ask for the order number.', 'spoken');
    expect(await page.lines()).toEqual([
      `agent: ${GREETING}`,
      'from the backend: The agent was told: Ask for the order number.',
      expect.stringMatching(/^agent: ./),
    ]);
  });

  it('[PG23] comes back into its conversation when it is loaded again, and leaves it to a copy of its tab', async () => {
    const page = await ShownPage.open(chromium, server.url);
    const id = await page.id();
    await page.say('My order number is 42.');
    await page.chat.locator('.line.agent').nth(1).waitFor();
    await page.send('Agent knows', 'Parcel 4711 arrives on Friday.');
    await page.reached('Parcel 4711 arrives on Friday.', 'applied');
    const before = await page.lines();
    await page.page.reload();
    expect(await page.id()).toBe(id);
    await page.reached('Parcel 4711 arrives on Friday.', 'applied');
    await page.chat
      .locator('.line')
      .nth(before.length - 1)
      .waitFor();
    expect(await page.lines()).toEqual(before);
    expect(await page.kept()).toEqual({ 'backchannel.resume': expect.any(String) });

    const copy = await page.copy();
    expect(await copy.id()).toBe(id);
    await page.notice.getByText('Another client took this conversation over.').waitFor();
    const asked: string[] = [];
    page.page.on('request', (request) => asked.push(request.url()));
    await copy.say('What is my order number?');
    await copy.chat.getByText(/42/).last().waitFor();
    await copy.send('Agent says', 'Still here.');
    await copy.reached('Still here.', 'spoken');
    expect([await textOf(page.state), asked.filter((url) => url.endsWith('/session')), await page.kept()]).toEqual(['ended', [], {}]);

    await page.page.reload();
    expect(await page.id()).not.toBe(id);
    await copy.button('New conversation').click();
    await copy.page.getByText(id, { exact: true }).waitFor({ state: 'detached' });
    const another = await copy.id();
    await copy.line(GREETING).waitFor();
    expect([another === id, await copy.lines()]).toEqual([false, [`agent: ${GREETING}`]]);
    await copy.page.reload();
    expect(await copy.id()).toBe(another);
    expect([page.errors, copy.errors]).toEqual([[], []]);
  });

  it('[PG16] ends when the user or the backend ends it, says which, and begins anew', async () => {
    const page = await ShownPage.open(chromium, server.url);
    const first = await page.id();
    await page.button('End').click();
    await page.notice.getByText('You ended the conversation.').waitFor();
    expect(await page.button('Say').isDisabled()).toBe(true);
    expect(await page.button('Send').isDisabled()).toBe(true);

    await page.button('New conversation').click();
    await page.line(GREETING).waitFor();
    const second = await page.id();
    expect(second).not.toBe(first);
    await (await server.api()).post(`/conversations/${second}/end`, { message: 'Goodbye.' });
    await page.line('Goodbye.').waitFor();
    await page.notice.getByText('ended by the backend').waitFor();
    expect(await textOf(page.state)).toBe('ended');
    expect([await page.stopped(), page.errors]).toEqual([[], []]);
  });

  it('[PG17] whatever anybody says stays text', async () => {
    const page = await ShownPage.open(chromium, server.url);
    await page.id();
    for (const payload of PAYLOADS) {
      await page.say(`${payload} typed`);
      await page.send('Agent says', `${payload} agent`);
      await page.send('User says', `${payload} user`);
      await page.send('Agent knows', `${payload} known`);
    }
    for (const payload of PAYLOADS) {
      for (const text of [`${payload} agent`, `${payload} user`, `The agent now knows: ${payload} known`]) await page.line(text).waitFor();
      await page.reached(`${payload} user`, 'replied');
    }
    const made = 'script, img, svg, a, iframe, object, [onload], [onerror]';
    expect(await page.chat.locator(made).count()).toBe(0);
    expect(await page.page.locator('.receipts').locator(made).count()).toBe(0);
    expect(await page.page.locator('.code').locator(made).count()).toBe(0);
    expect([await page.stopped(), page.errors]).toEqual([[], []]);
  });

  it('[PG5, PG18] under another name for this machine it is given nothing, talks as anybody may, and says how to send', async () => {
    const { port } = server;
    const page = await ShownPage.open(chromium, `http://${REBOUND}:${port}`);
    const id = await page.id();
    await page.line(GREETING).waitFor();
    await page.page.getByText('Sending needs an API key').waitFor();
    expect(await page.button('Send').isDisabled()).toBe(true);
    const call = await textOf(page.page.getByRole('tabpanel'));
    expect(call).toContain(`http://${REBOUND}:${port}/v1/convai/conversations/${id}/messages`);
    expect(call).toContain('$BACKCHANNEL_API_KEY');
    expect(await page.page.getByRole('heading', { name: 'Receipts' }).count()).toBe(0);
    expect(await page.stopped()).toEqual([]);
  });

  it('[PG19, PG24] is used with the keyboard alone, and fits a narrow screen', async () => {
    const page = await ShownPage.open(chromium, server.url);
    await page.id();
    const { keyboard } = page.page;
    await page.page.getByLabel('Say something').focus();
    await keyboard.type('Good day');
    await keyboard.press('Enter');
    await page.line('Good day').waitFor();
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
    for (const [width, height] of SCREENS) {
      await page.page.setViewportSize({ width, height });
      expect([width, await page.inSight(page.button('Say'))]).toEqual([width, true]);
    }
    for (const width of [1_280, 768, 320]) {
      await page.page.setViewportSize({ width, height: 700 });
      expect([width, await page.page.evaluate('document.documentElement.scrollWidth')]).toEqual([width, width]);
    }
  });
});
