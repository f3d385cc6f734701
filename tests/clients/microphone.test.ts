import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { agentOf } from '../cases/stage.js';
import { oneServer } from '../compat/one-server.js';
import { wireProblems } from '../compat/wire-rules.js';
import { until } from '../harness/until.js';
import { describeInChromium, oneBrowser } from './one-browser.js';

const NO_WEBRTC = "WebRTC is not enabled here yet; use connectionType:'websocket'.";

const server = oneServer();

/** Counts how often the page asks for the microphone, and how that ended. */
const COUNT_ASKING = `
  globalThis.asked = [];
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (...what) => {
    const asking = ask(...what);
    asking.then(() => asked.push('given'), (error) => asked.push(error.name));
    return asking;
  };
`;

const watch = (page: Page): Promise<unknown> => page.addInitScript(COUNT_ASKING);
const asked = (page: Page): Promise<string[]> => page.evaluate('asked');

describeInChromium('chat in Chromium, and the microphone', () => {
  const withMicrophone = oneBrowser(['official-client.ts'], { fakeMedia: true, hosts: ['app.example.com'] });

  async function agent(): Promise<{ agentId: string; signedUrl: string }> {
    const { api } = server();
    const agentId = await api.createAgent(agentOf({ firstMessage: 'Hello.' }));
    return { agentId, signedUrl: (await api.mint(agentId)).signedUrl };
  }

  it('[CA54] connects by signed URL without asking when the microphone is blocked', async () => {
    const { signedUrl } = await agent();
    const client = await withMicrophone().client(undefined, watch);
    await client.start({ signedUrl });
    await client.line('Hello.');
    await client.call('say', 'Can you read this?');
    await client.said(2);
    expect(await asked(client.page)).toEqual([]);

    // The same page with voice does ask, and is refused: so the block holds, and the counting counts.
    const voice = await withMicrophone().client(undefined, watch);
    expect((await voice.refused({ signedUrl }, { textOnly: false })).message).toMatch(/NotAllowedError|Permission denied/);
    expect(await asked(voice.page)).toEqual(['NotAllowedError']);
  });

  it.each(['http://127.0.0.1', 'http://app.example.com'])('[CA55] reads from %s that WebRTC is not here, and what to use', async (site) => {
    const { agentId } = await agent();
    const client = await withMicrophone().client(site.includes('127') ? undefined : site);
    const refusal = await client.refused({ origin: server().url, agentId }, { connectionType: 'webrtc' });
    expect(refusal.message).toContain(NO_WEBRTC);
    // What it is told to do works, with the very same origin.
    await (await client.start({ origin: server().url, agentId })).line('Hello.');
  });

  it('[CA56] takes a client that came for voice: its microphone is not heard, and what it types is answered', async () => {
    const { api } = server();
    const { agentId, signedUrl } = await agent();
    const client = await withMicrophone().client(undefined, async (page) => {
      await page.context().grantPermissions(['microphone']);
      await watch(page);
    });
    let heard = 0;
    client.page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => {
        if (String(payload).startsWith('{"user_audio_chunk"')) heard += 1;
      });
    });
    // Its first try is what the client does when nobody says how to connect.
    const byDefault = { connectionType: undefined, textOnly: false };
    expect((await client.refused({ origin: server().url, agentId }, byDefault)).message).toContain(NO_WEBRTC);
    await client.start({ signedUrl }, { textOnly: false });
    await until('its microphone is sent', () => heard > 10);
    await client.call('say', 'Do you hear me?');
    await client.said(2);
    expect(new Set(await asked(client.page))).toEqual(new Set(['given']));
    expect(client.errors).toEqual([]);
    expect(wireProblems(client.frames)).toEqual([]);
    const { metadata } = await api.conversation<{ metadata: { warnings: string[] } }>(client.id);
    expect(metadata.warnings.join()).toMatch(/voice|audio/);
    expect(await api.list({ agent_id: agentId, status: 'in-progress' })).toMatchObject([{ conversation_id: client.id }]);
  });
});
