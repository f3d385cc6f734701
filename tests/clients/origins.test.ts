import { expect, it } from 'vitest';
import { agentOf } from '../cases/stage.js';
import { oneServer } from '../compat/one-server.js';
import { describeInChromium, oneBrowser } from './one-browser.js';

const LOCAL = 'localhost:3000';
const HOSTS = [
  LOCAL,
  'localhost:3001',
  '127.0.0.1:3000',
  'app.example.com',
  'app.example.com.',
  'app.example.com:8080',
  'www.app.example.com',
];
const EVIL = 'https://app.example.com.evil.org';

const server = oneServer();

describeInChromium('an agent whose allowlist is app.example.com and localhost:3000, in Chromium', () => {
  const browser = oneBrowser(['official-client.ts'], { hosts: HOSTS });

  /** As somebody writes it who copies it from the address bar. */
  async function listed() {
    const { api, origin } = server();
    const allowlist = [{ hostname: 'app.example.com' }, { hostname: 'http://localhost:3000/' }];
    const agentId = await api.createAgent({ ...agentOf({ firstMessage: 'Hello.' }), platform_settings: { auth: { allowlist } } });
    return { api, agentId, way: { origin, agentId } };
  }

  const refusal = (origin: string, fix: string) => {
    const reason = `origin_not_allowed: ${origin}; ${fix}`;
    return { code: 1008, reason, message: reason };
  };

  it('[CA50] keeps localhost as a browser sends it, and lets it in however it was typed', async () => {
    const { api, agentId, way } = await listed();
    const agent = await api.ask<{ platform_settings: { auth: object } }>('GET', `/agents/${agentId}`);
    expect(agent.platform_settings.auth).toMatchObject({ allowlist: [{ hostname: 'app.example.com' }, { hostname: LOCAL }] });
    for (const host of [LOCAL, 'LOCALHOST:3000', 'app.example.com', 'App.Example.COM']) {
      const client = await (await browser().client(`http://${host}`)).start(way);
      await client.line('Hello.');
    }
  });

  it.each([
    ['127.0.0.1:3000', 'add 127.0.0.1:3000 to the agent’s allowlist.'],
    ['localhost:3001', 'add localhost:3001 to the agent’s allowlist.'],
    ['app.example.com:8080', 'add app.example.com:8080 to the agent’s allowlist.'],
    ['www.app.example.com', 'add www.app.example.com to the agent’s allowlist.'],
    ['app.example.com.', 'come with a signed URL or an API key.'],
  ])('[CA50] refuses http://%s, naming it and what to do', async (host, fix) => {
    const { api, agentId, way } = await listed();
    const client = await browser().client(`http://${host}`);
    expect(await client.refused(way)).toEqual(refusal(`http://${host}`, fix));
    expect(await api.list({ agent_id: agentId })).toEqual([]);
  });

  it('[CA50] refuses a longer name over https that begins like one that is allowed', async () => {
    const { way } = await listed();
    const site = browser().pages;
    const client = await browser().client(EVIL, async (page) => {
      // What is not on this machine has to be allowed by the user to reach what is.
      await page.context().grantPermissions(['local-network-access']);
      // No certificate for that name is at hand, so the browser is handed the page instead of fetching it.
      await page.route(`${EVIL}/**`, async (route) => {
        const at = route.request().url().replace(EVIL, `http://127.0.0.1:${site.port}`);
        await route.fulfill({ response: await route.fetch({ url: at }) });
      });
    });
    expect(await client.refused(way)).toEqual(refusal(EVIL, `add ${new URL(EVIL).host} to the agent’s allowlist.`));
  });

  it('[CA50] refuses a sandboxed page, whose origin is null, and lets it in with a signed URL', async () => {
    const { api, agentId, way } = await listed();
    const client = await browser().client(`http://${LOCAL}`);
    await client.page.goto(`${browser().pages.address('official-client', `http://${LOCAL}`)}?sandboxed`);
    await client.page.waitForFunction('"official" in globalThis');
    expect(await client.refused(way)).toEqual(refusal('null', 'come with a signed URL or an API key.'));
    await client.start({ signedUrl: (await api.mint(agentId)).signedUrl });
  });
});
