import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { request as requestTls } from 'node:https';
import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseOwn } from '@backchannel/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Caddy, HOST, haveCaddy, sitesOfTheGuide } from '../harness/caddy.js';
import { freePort } from '../harness/free-port.js';
import { folder, start } from '../start/terminal.js';
import { serve } from './stage.js';

const CLIENT = fileURLToPath(new URL('./through-tls.mjs', import.meta.url));

type Talk = { readonly id: string; readonly said: readonly { source: string; message: string }[]; readonly feedback: number };
type Seen = { readonly signedUrl: string; readonly signed: Talk; readonly open: Talk };

/** What the official client saw of a server behind Caddy with that site, at that path. */
async function through(site: string, path: string) {
  const port = await freePort();
  const url = `https://${HOST}:${port}${path}`;
  const server = await serve({ env: { BACKCHANNEL_PUBLIC_URL: url } });
  const caddy = await Caddy.start(site, port, server.running.port);
  onTestFinished(() => caddy.stop());
  const { stdout } = await promisify(execFile)(process.execPath, [CLIENT, url, server.key], {
    env: { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: caddy.root },
  });
  return { seen: parseOwn<Seen>(stdout), port, server, ca: await readFile(caddy.root) };
}

/** What is for whoever runs the server, also by the detours that a proxy may be led. */
const INSIDE = [
  ...['/', '/metrics', '/readyz', '/healthz', '/docs', '/openapi.json', '/page/session', '/assets/page.js'],
  ...['/v1/convai/../../metrics', '/v1/convai/%2e%2e/%2e%2e/metrics', '/v1/convai/..%2f..%2fmetrics', '/v1//convai/metrics'],
];

/** The status of a path, sent as it stands, that a proxy answers. */
async function askThrough({ port, ca, path }: { port: number; ca: Buffer; path: string }): Promise<number | undefined> {
  const asked = requestTls({ host: '127.0.0.1', port, path, ca, servername: HOST, headers: { host: `${HOST}:${port}` } }).end();
  const [response] = await once(asked, 'response');
  response.resume();
  return response.statusCode;
}

describe.skipIf(!haveCaddy() && process.env.CI === undefined)('behind Caddy with TLS', () => {
  it.each([
    ['at a name of its own', 'own', '', undefined],
    ['below a path that Caddy takes off', 'path', '/voice', undefined],
    ['below a path that Caddy leaves', 'path', '/voice', ['uri strip_prefix /voice', '']],
  ] as const)(
    '[CA31] [CA33] the official client talks and gives feedback by the address that was handed out, and nothing else goes out: %s',
    async (_, which, path, change) => {
      const site = (await sitesOfTheGuide())[which];
      const { seen, port, server, ca } = await through(change === undefined ? site : site.replace(...change), path);
      expect(seen.signedUrl).toMatch(`wss://${HOST}:${port}${path}/v1/convai/conversation?`);
      for (const { id, said, feedback } of [seen.signed, seen.open]) {
        expect(said.map(({ source }) => source)).toEqual(['ai', 'ai']);
        expect(feedback).toBe(200);
        expect(await server.api.conversation(id)).toMatchObject({
          status: 'done',
          metadata: { termination_reason: 'client_left', feedback: { overall_score: 'like' } },
        });
      }
      const statusOf = (inside: string) => askThrough({ port, ca, path: `${path}${inside}` });
      expect(await statusOf('/v1/convai/agents')).toBe(401);
      for (const inside of INSIDE) expect([inside, await statusOf(inside)]).toEqual([inside, 404]);
    },
  );
});

/** Every answer that may hold an address of the server, to a caller who lies about it with a name that no document gives as an example. */
async function lied(host: string, port: number, key: string): Promise<{ readonly minted: string; readonly all: string }> {
  const lies = { host: 'forged.test', 'x-forwarded-host': 'forged.test', 'x-forwarded-proto': 'https', 'xi-api-key': key };
  const ask = async (path: string): Promise<string> => {
    const asked = request({ host, port, path, headers: lies }).end();
    const [response] = await once(asked, 'response');
    // The policy of the page names the host that its own browser has asked; nobody else reads it.
    const { 'content-security-policy': _policy, ...headers } = response.headers;
    let text = JSON.stringify(headers);
    for await (const chunk of response) text += chunk;
    return `${response.statusCode} ${text}`;
  };
  const minted = await ask('/v1/convai/conversation/get-signed-url?agent_id=agent_private');
  const others = ['/', '/v1/convai/agents', '/v1/convai/agents/agent_demo', '/openapi.json', '/asyncapi.json', '/docs'];
  return { minted, all: [minted, ...(await Promise.all(others.map(ask)))].join('\n') };
}

/** An address of this machine that others reach it by; where there is none, a loopback one that is not the usual. */
const outwards = (): string =>
  Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal)?.address ?? '127.0.0.2';

describe('the address that is handed out', () => {
  it('[CA32] is never taken from what a caller says; unknown, it is refused with the setting’s name', async () => {
    const settings = { HOST: '0.0.0.0', BACKCHANNEL_API_KEY: 'bck_chosen_by_hand' };
    const { port, program } = await start(await folder(), settings);
    const { minted, all } = await lied(outwards(), port, 'bck_chosen_by_hand');
    expect(minted).toMatch(/^503 .*"code":"public_url_missing","message":"[^"]*BACKCHANNEL_PUBLIC_URL=https:/);
    expect(all).not.toContain('forged.test');
    expect(program.output()).toContain('signed URLs cannot be minted: set BACKCHANNEL_PUBLIC_URL=https://your-host');
    expect(program.output()).not.toContain('signed URLs begin with');
  });

  it('[CA32] is the configured one whatever a caller says, and the start prints it', async () => {
    const settings = { BACKCHANNEL_API_KEY: 'bck_chosen_by_hand', BACKCHANNEL_PUBLIC_URL: `https://${HOST}` };
    const { port, program } = await start(await folder(), settings);
    const { minted, all } = await lied('127.0.0.1', port, 'bck_chosen_by_hand');
    expect(minted).toContain(`"signed_url":"wss://${HOST}/v1/convai/conversation?`);
    expect(all).not.toContain('forged.test');
    expect(program.output()).toContain(`signed URLs begin with wss://${HOST}/`);
  });

  it('[CA32] is that of the loopback when nothing is set there, and the start prints it', async () => {
    const { port, program, url } = await start(await folder(), { BACKCHANNEL_API_KEY: 'bck_chosen_by_hand' });
    const answer = await fetch(`${url}/v1/convai/conversation/get-signed-url?agent_id=agent_private`, {
      headers: { 'xi-api-key': 'bck_chosen_by_hand' },
    });
    expect(await answer.text()).toContain(`"signed_url":"ws://127.0.0.1:${port}/v1/convai/conversation?`);
    expect((await lied('127.0.0.1', port, 'bck_chosen_by_hand')).all).not.toContain('forged.test');
    expect(program.output()).toContain(`signed URLs begin with ws://127.0.0.1:${port}/`);
  });
});
