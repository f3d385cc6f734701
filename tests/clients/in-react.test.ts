import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { agentOf } from '../cases/stage.js';
import { oneServer } from '../compat/one-server.js';
import { promptText } from '../harness/scripted-model.js';
import { until } from '../harness/until.js';
import { describeInChromium, oneBrowser } from './one-browser.js';

const SITE = 'http://app.example.com';
const PRIVATE = { ...agentOf({ firstMessage: 'Parcel service, hello.' }), platform_settings: { auth: { enable_auth: true } } };

const server = oneServer();

/** What a person sees of the chat. */
class Chat {
  constructor(readonly page: Page) {}

  read(id: 'status' | 'problem' | 'id' | 'left'): Promise<string | null> {
    return this.page.locator(`#${id}`).textContent();
  }

  status(status: string): Promise<true> {
    return until(`the status is ${status}`, async () => (await this.read('status')) === status);
  }

  lines(): Promise<string[]> {
    return this.page.locator('li').allTextContents();
  }

  line(text: string): Promise<true> {
    return until(`the line "${text}" is shown`, async () => (await this.lines()).includes(text));
  }

  async connect(signedUrl: string): Promise<void> {
    await this.page.getByLabel('Signed URL').fill(signedUrl);
    await this.press('Connect');
  }

  async say(text: string): Promise<void> {
    await this.page.getByLabel('Message').fill(text);
    await this.press('Send');
  }

  press(button: 'Connect' | 'Send' | 'Look' | 'Like' | 'End'): Promise<void> {
    return this.page.getByRole('button', { name: button, exact: true }).click();
  }
}

describeInChromium('the official React package in Chromium', () => {
  const browser = oneBrowser(['react-chat.tsx'], { hosts: [new URL(SITE).host] });

  async function open(): Promise<Chat> {
    const page = await browser().page();
    await page.goto(browser().pages.address('react-chat', SITE));
    const chat = new Chat(page);
    await chat.status('disconnected');
    return chat;
  }

  /** In a conversation whose id the backend knew before, greeted. */
  async function greeted() {
    const { api, model } = server();
    const agentId = await api.createAgent(PRIVATE);
    const { signedUrl, conversationId: id } = await api.mint(agentId, { include_conversation_id: 'true', user_id: 'u1' });
    const chat = await open();
    await chat.connect(signedUrl);
    await chat.line('agent: Parcel service, hello.');
    return { api, model, agentId, id, chat };
  }

  it('[OC90] comes in by signed URL, and onConnect gives the id that the backend minted and that REST knows', async () => {
    const { api, id, chat } = await greeted();
    await chat.status('connected');
    expect(await chat.read('id')).toBe(id);
    expect(await api.conversation(id)).toMatchObject({
      conversation_id: id,
      status: 'in-progress',
      user_id: 'u1',
      user_id_verified: true,
      metadata: { authorization_method: 'signed_url', conversation_initiation_source: 'react_sdk' },
    });
  });

  it('[OC91] talks: its line is answered once, knows its context, and is liked', async () => {
    const { api, model, id, chat } = await greeted();
    await chat.press('Look');
    model.next({ tokens: ['In Graz, ', 'on a van.'] });
    await chat.say('Where is my parcel?');
    await chat.line('agent: In Graz, on a van.');
    expect(promptText(model.requests.at(-1))).toContain('The user looks at the parcel page.');
    await chat.press('Like');
    type Entry = { readonly message: string; readonly feedback: { readonly score: string } | null };
    await until('it is liked', async () => {
      const { transcript } = await api.conversation<{ transcript: Entry[] }>(id);
      return transcript.find(({ message }) => message === 'In Graz, on a van.')?.feedback?.score === 'like';
    });
    expect(await chat.lines()).toEqual(['agent: Parcel service, hello.', 'agent: In Graz, on a van.']);
  });

  it('[OC91] shows what a backend sends, and confirms it', async () => {
    const { api, id, chat } = await greeted();
    await api.send(id, { type: 'agent_message', text: 'Your parcel is here.', wait_for: 'spoken' });
    const asked = await api.send(id, { type: 'user_message', text: 'Where exactly?', wait_for: 'spoken' });
    expect(asked).toMatchObject({ http: 200, status: 'spoken' });
    await chat.line(`agent: ${asked.reply?.text}`);
    expect((await chat.lines()).slice(1)).toEqual(['agent: Your parcel is here.', 'user: Where exactly?', `agent: ${asked.reply?.text}`]);
  });

  it('[OC92] stays connected through everything that is only a notice', async () => {
    const { api, id, chat } = await greeted();
    await chat.say('x'.repeat(16_385));
    await chat.say('');
    await api.send(id, { type: 'agent_message', text: 'Go on.', wait_for: 'spoken' });
    await chat.line('agent: Go on.');
    expect([await chat.read('status'), await chat.read('problem')]).toEqual(['connected', '']);
  });

  it('[OC92] has the status error and our reason when it is not let in, and gets in afterwards', async () => {
    const { api, agentId, chat, id } = await greeted();
    const other = await open();
    const used = await api.mint(agentId, { conversation_id: id });
    await other.connect(used.signedUrl);
    await other.status('error');
    expect(await other.read('problem')).toMatch(/^attach_not_available: .*join=resume/);
    await other.connect((await api.mint(agentId, { conversation_id: id, join: 'resume' })).signedUrl);
    await other.status('connected');
    expect(await other.read('id')).toBe(id);
    // And who was there before is told why it is no longer.
    await chat.status('disconnected');
    expect(await chat.read('left')).toMatch(/"reason":"error".*superseded: /);
  });

  it('[OC92] is disconnected at the end, its own and the backend’s', async () => {
    const own = await greeted();
    await own.chat.press('End');
    await own.chat.status('disconnected');
    expect(await own.chat.read('left')).toBe('{"reason":"user"}');
    const status = (id: string) => own.api.conversation<{ status: string }>(id);
    await until('it has ended', async () => (await status(own.id)).status === 'done');

    const theirs = await greeted();
    await theirs.api.end(theirs.id, { message: 'We close now.' });
    await theirs.chat.status('disconnected');
    await theirs.chat.line('agent: We close now.');
    expect(await theirs.chat.read('left')).toMatch(/"reason":"agent".*"closeCode":1000,"closeReason":"ended by the backend"/);
  });
});
