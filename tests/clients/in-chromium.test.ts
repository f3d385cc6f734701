import { describe, expect, it } from 'vitest';
import { agentOf } from '../cases/stage.js';
import { oneServer } from '../compat/one-server.js';
import { chromiumPath } from '../harness/chromium.js';
import { oneBrowser } from './one-browser.js';

const server = oneServer();

describe.skipIf(chromiumPath() === undefined)('the official client in Chromium', () => {
  const browser = oneBrowser(['official-client.ts']);

  it('[OC70] reaches a public agent from a page of another origin, and is answered by a stream', async () => {
    const { api, origin } = server();
    const agentId = await api.createAgent(agentOf({ firstMessage: 'Parcel service, hello.' }));
    const client = await (await browser().client()).start({ origin, agentId });
    expect(client.connectedAs).toEqual([client.id]);
    expect(await api.conversation(client.id)).toMatchObject({
      conversation_id: client.id,
      agent_id: agentId,
      status: 'in-progress',
      metadata: { authorization_method: 'public', conversation_initiation_source: 'js_sdk' },
    });
    await client.said(1);
    await client.call('say', 'Where is my parcel?');
    await client.said(2);
    await client.until(() => client.parts.at(-1)?.type === 'stop');
    expect(client.messages).toMatchObject([{ source: 'ai', message: 'Parcel service, hello.' }, { source: 'ai' }]);
    expect(client.parts.map(({ text }) => text).join('')).toBe(client.messages[1]?.message);
    expect(client.errors).toEqual([]);
  });
});
