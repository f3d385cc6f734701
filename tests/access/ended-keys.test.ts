import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { agentOf, conversationIdOf, joined, raw, serve, serveByHand, socketOf } from '../cases/stage.js';
import { Api } from '../harness/api.js';
import { until } from '../harness/until.js';
import { ends, folder, run, start } from '../start/terminal.js';

type Key = { readonly key_id: string; readonly api_key: string };

const make = (api: Api, body: object = {}): Promise<Key> =>
  api.ask('POST', '/api-keys', { name: 'A key', scopes: ['convai_write'], ...body });
const header = ({ api_key }: Key) => ({ headers: { 'xi-api-key': api_key } });

describe('a key that ends', () => {
  it('[AC20] when it is revoked, closes the clients that its header let in at once, and nobody else', async () => {
    const server = await serve();
    const { api } = server;
    const agentId = await api.createAgent(agentOf());
    const [doomed, other] = [await make(api), await make(api)];
    const clients = [await joined(socketOf(server, agentId), header(doomed)), await joined(socketOf(server, agentId), header(doomed))];
    const { signedUrl } = await new Api(server.url, doomed.api_key).mint(agentId);
    const bystanders = [
      await joined(socketOf(server, agentId), header(other)),
      await joined(socketOf(server, agentId)),
      // It was minted with the key, and is a credential of its own.
      await joined(signedUrl),
    ];
    expect(await api.call('DELETE', `/api-keys/${doomed.key_id}`)).toMatchObject({ status: 200 });
    for (const { client, id } of clients) {
      expect(await client.closed).toEqual({ code: 1008, reason: expect.stringMatching(/^api_key_revoked: /) });
      // As if its line had been lost: a signed URL brings it back.
      expect(await api.conversation(id)).toMatchObject({ status: 'in-progress' });
      const rejoined = await joined((await api.mint(agentId, { conversation_id: id })).signedUrl);
      expect(rejoined.id).toBe(id);
    }
    for (const { client } of bystanders) {
      await client.roundTrip();
      expect(client.socket.readyState).toBe(client.socket.OPEN);
    }
    const late = await raw(socketOf(server, agentId), header(doomed));
    late.init();
    expect(await late.closed).toEqual({ code: 1008, reason: expect.stringMatching(/^api_key_revoked: /) });
  });

  it('[AC20] when it expires, does the same', async () => {
    const server = await serveByHand();
    const { api, clock } = server;
    const agentId = await api.createAgent(agentOf());
    const key = await make(api, { expires_in_secs: 2 });
    const { client } = await joined(socketOf(server, agentId), header(key));
    clock.advance(1_999);
    await client.roundTrip();
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    clock.advance(1);
    expect(await client.closed).toEqual({ code: 1008, reason: expect.stringMatching(/^api_key_expired: /) });
    const late = await raw(socketOf(server, agentId), header(key));
    late.init();
    expect(await late.closed).toEqual({ code: 1008, reason: expect.stringMatching(/^api_key_expired: /) });
  });

  it('[AC20] ends the waits of its requests with what is known', async () => {
    const { api, url, model } = await serve();
    const agentId = await api.createAgent(agentOf());
    const key = await make(api);
    const id = await api.open(agentId);
    const reply = model.nextByHand();
    const waiting = new Api(url, key.api_key).send(id, { type: 'user_message', text: 'Hello', wait_for: 'replied', timeout_ms: 50_000 });
    await until('the model is asked', () => model.requests.length > 0);
    expect((await api.call('DELETE', `/api-keys/${key.key_id}`)).status).toBe(200);
    expect(await waiting).toMatchObject({ http: 202, status: 'applied' });
    reply.say('Yes.').end();
  });
});

describe('a key’s way into a conversation', () => {
  it('[AC21] asks for messages:write and an agent that the key reaches; a token and an API key as bearer are no way in', async () => {
    const server = await serve();
    const { api, running } = server;
    const agentId = await api.createAgent({ ...agentOf(), platform_settings: { auth: { enable_auth: true } } });
    const otherId = await api.createAgent({ ...agentOf(), platform_settings: { auth: { enable_auth: true } } });
    const knock = async (options: Parameters<typeof raw>[1]) => {
      const client = await raw(socketOf(server, agentId), options);
      client.init();
      const first = await Promise.race([client.next(), client.closed]);
      return 'type' in first ? first.type : (first.reason.split(/[:.]/)[0] ?? '');
    };
    const reader = await make(api, { scopes: ['conversations:read', 'messages:speak', 'tokens:mint', 'agents:write'] });
    const elsewhere = await make(api, { agent_ids: [otherId] });
    const fitting = await make(api, { agent_ids: [otherId, agentId], scopes: ['messages:write'] });
    expect(await knock(header(reader))).toBe('missing_scope');
    expect(await knock(header(elsewhere))).toBe('The AI agent you are trying to reach does not exist');
    expect(await knock(header(fitting))).toBe('conversation_initiation_metadata');
    const { token } = running.tokens.mint(running.installation.workspaceId, await api.open(agentId));
    expect(await knock({ headers: { 'xi-api-key': token } })).toBe('invalid_api_key');
    expect(await knock({ headers: { authorization: `Bearer ${fitting.api_key}` } })).toBe('authorization_required');
    for (const bearer of [token, fitting.api_key]) {
      expect(await knock({ protocols: ['convai', `bearer.${bearer}`] })).toBe('signed_url_invalid');
    }
  });

  it('[AC22] an agent that requires an Origin gets one, or a signature or a key, also without an allowlist', async () => {
    const server = await serve();
    const { api, key } = server;
    const auth = { require_origin_header: true };
    const agentId = await api.createAgent({ ...agentOf(), platform_settings: { auth } });
    const url = socketOf(server, agentId);
    const nobody = await raw(url);
    nobody.init();
    expect(await nobody.closed).toEqual({
      code: 1008,
      reason: 'origin_not_allowed: no Origin header; come with a signed URL or an API key.',
    });
    for (const options of [{ origin: 'https://any.example.com' }, { headers: { 'xi-api-key': key } }]) {
      expect(conversationIdOf(await (await joinedBy(url, options)).next())).toMatch(/^conv_/);
    }
    await joined((await api.mint(agentId)).signedUrl);
  });
});

async function joinedBy(url: string, options: Parameters<typeof raw>[1]) {
  const client = await raw(url, options);
  client.init();
  return client;
}

describe('BACKCHANNEL_API_KEY', () => {
  it('[AC23] is valid while the environment names it; keys made over REST stay', async () => {
    const cwd = await folder();
    const status = async (url: string, key: string) => (await new Api(url, key).get('/conversations')).status;
    const first = await start(cwd, { BACKCHANNEL_API_KEY: 'bck_which_came_first' });
    const made = await make(new Api(first.url, 'bck_which_came_first'), { scopes: ['admin'] });
    await first.program.stop();

    const second = await start(cwd, { BACKCHANNEL_API_KEY: 'bck_which_came_second' });
    expect([
      await status(second.url, 'bck_which_came_first'),
      await status(second.url, 'bck_which_came_second'),
      await status(second.url, made.api_key),
    ]).toEqual([401, 200, 200]);
    await second.program.stop();

    // Rolled back; then no key at all, which on loopback means one in a file.
    const third = await start(cwd, { BACKCHANNEL_API_KEY: 'bck_which_came_first' });
    expect([await status(third.url, 'bck_which_came_first'), await status(third.url, 'bck_which_came_second')]).toEqual([200, 401]);
    const { api_keys } = await new Api(third.url, 'bck_which_came_first').ask<{ api_keys: { key_id: string; last_four: string }[] }>(
      'GET',
      '/api-keys',
    );
    const own = api_keys.find(({ last_four }) => last_four === 'irst')?.key_id;
    expect((await new Api(third.url, made.api_key).call('DELETE', `/api-keys/${own}`)).status).toBe(200);
    await third.program.stop();
    expect(await ends(run(cwd, { PORT: '0', BACKCHANNEL_API_KEY: 'bck_which_came_first' }))).toEqual({
      code: 1,
      output: 'BACKCHANNEL_API_KEY is a key that was revoked: set another.\n',
    });
    const fourth = await start(cwd);
    const inFile = (await readFile(join(cwd, 'data', 'api-key'), 'utf8')).trim();
    expect([
      await status(fourth.url, 'bck_which_came_second'),
      await status(fourth.url, inFile),
      await status(fourth.url, made.api_key),
    ]).toEqual([401, 200, 200]);
  });
});
