import { afterEach, describe, expect, it } from 'vitest';
import { RawClient } from '../../testing/raw-client.js';
import { settle } from '../../testing/settle.js';
import { SOCKET_LIMITS, SocketServer } from '../../testing/socket-server.js';
import type { WebSocketOptions } from './accept.js';

const servers: SocketServer[] = [];
const start = (options?: Partial<WebSocketOptions>): Promise<SocketServer> => {
  const server = new SocketServer(options);
  servers.push(server);
  return server.start();
};
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

describe('the upgrade', () => {
  it('[WS1] takes the conversation path and leaves every other to the server', async () => {
    const server = await start({ pathPrefix: '/voice' });
    await server.connect('/v1/convai/conversation?agent_id=agent_a');
    await server.connect('//v1/convai/conversation?agent_id=agent_a');
    await server.connect('/voice/v1/convai/conversation?agent_id=agent_a');
    expect(server.transport.count).toBe(3);
    for (const path of ['/', '/v1/convai/conversation/x', '/other/v1/convai/conversation', '/v1/convai/conversations/conv_1/monitor']) {
      await expect(RawClient.open(`${server.origin}${path}`)).rejects.toThrow('404');
    }
  });

  it('[WS2] selects exactly convai when it is offered, and nothing otherwise', async () => {
    const server = await start();
    const path = '/v1/convai/conversation?agent_id=agent_a';
    const offers = [['convai'], ['convai', 'bearer.secret.sig'], ['bearer.secret.sig', 'convai']];
    for (const protocols of offers) expect((await server.connect(path, { protocols })).socket.protocol).toBe('convai');
    expect((await server.connect(path, { protocols: [] })).socket.protocol).toBe('');
    // This client insists on one of its offers; what matters is that ours says nothing.
    await expect(RawClient.open(`${server.origin}${path}`, { protocols: ['bearer.secret.sig'] })).rejects.toThrow('no subprotocol');
  });

  it('[WS3] negotiates no compression, also when it is offered', async () => {
    const server = await start();
    const client = await server.connect(undefined, { perMessageDeflate: true });
    expect(client.socket.extensions).toBe('');
  });

  it('[WS4] hands over what the upgrade says', async () => {
    const server = await start();
    const query =
      'agent_id=agent_a&conversation_signature=sig.one&token=sig.two&source=js_sdk&version=1.25.0&history=5&conversation_id=conv_x';
    const client = await server.connect(`/v1/convai/conversation?${query}`, {
      protocols: ['convai', 'bearer.sig.three'],
      headers: { 'xi-api-key': 'key' },
      origin: 'http://localhost:3000',
    });
    client.init();
    expect((await server.opening.asked(0)).request).toMatchObject({
      transport: 'websocket',
      agentId: 'agent_a',
      signature: 'sig.one',
      apiKey: 'key',
      origin: 'http://localhost:3000',
      source: 'js_sdk',
      version: '1.25.0',
      history: '5',
      init: { conversation_config_override: { conversation: { text_only: true } } },
      formats: { input: 'pcm_16000', output: 'pcm_16000' },
    });
  });

  it('[WS4] takes a signature from token or from the bearer subprotocol, and says nothing of what is not there', async () => {
    const server = await start();
    (await server.connect('/v1/convai/conversation?token=sig.two', { protocols: ['convai', 'bearer.sig.three'] })).init();
    (await server.connect('/v1/convai/conversation', { protocols: ['convai', 'bearer.sig.three'] })).init();
    (await server.connect('/v1/convai/conversation?agent_id=&token=')).init();
    const requests = [];
    for (const index of [0, 1, 2]) requests.push((await server.opening.asked(index)).request);
    const nothing = { agentId: undefined, apiKey: undefined, origin: undefined, source: undefined, version: undefined, history: undefined };
    expect(new Set(requests.map((request) => request.signature))).toEqual(new Set(['sig.two', 'sig.three', undefined]));
    for (const request of requests) expect(request).toMatchObject(nothing);
  });

  it('[WS5] counts a name that is long or not visible as not given, and finds it in the init', async () => {
    const server = await start();
    (await server.connect(`/v1/convai/conversation?agent_id=agent_a&source=${'x'.repeat(51)}&version=%1b[2J`)).init();
    const first = await server.opening.asked(0);
    (await server.connect('/v1/convai/conversation?agent_id=agent_a')).init({ source_info: { source: 'swift_sdk', version: '3.1' } });
    const second = await server.opening.asked(1);
    expect(first.request).toMatchObject({ source: undefined, version: undefined });
    expect(second.request).toMatchObject({ source: 'swift_sdk', version: '3.1' });
  });
});

describe('refusals', () => {
  it('[WS6] accepts, then closes with the code and a reason that begins with its name', async () => {
    const refused: object[] = [];
    const server = await start({ onRefused: (client) => refused.push(client) });
    const message = `first_message is not permitted: ${'allow it in the agent '.repeat(9)}`;
    server.opening.refusal = { ok: false, code: 'override_error', message };
    const client = await server.connect('/v1/convai/conversation?agent_id=agent_a', { origin: 'http://localhost:3000' });
    client.init();
    const { code, reason } = await client.closed;
    expect(code).toBe(1008);
    expect(reason).toMatch(/^override_error: first_message is not permitted/);
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
    expect(client.frames).toEqual([]);
    expect(refused).toMatchObject([{ code: 'override_error', agentId: 'agent_a', origin: 'http://localhost:3000', message }]);
  });

  it('[WS6] closes 3000 with ElevenLabs’ sentence for an unknown agent', async () => {
    const server = await start();
    server.opening.refusal = { ok: false, code: 'agent_not_found' };
    const client = await server.connect();
    client.init();
    expect(await client.closed).toEqual({ code: 3000, reason: 'The AI agent you are trying to reach does not exist.' });
  });

  it('[WS7] closes 1011 when the opening fails, and logs it', async () => {
    const errors: object[] = [];
    const log = { debug() {}, info() {}, warn() {}, error: (fields: object) => errors.push(fields) };
    const server = await start({ log, openConversation: () => Promise.reject(new Error('broken')) });
    const client = await server.connect();
    client.init();
    expect(await client.closed).toMatchObject({ code: 1011, reason: expect.stringMatching(/^internal: /) });
    expect(errors).toHaveLength(1);
  });

  it('[WS7] closes 1011 a client that was let in without a session', async () => {
    const server = await start({ openConversation: () => Promise.resolve({ ok: true, conversationId: 'conv_x' } as never) });
    const client = await server.connect();
    client.init();
    expect(await client.closed).toMatchObject({ code: 1011 });
  });
});

describe('life of a transport', () => {
  it('[WS8] tells who connected, and counts sockets until they are closed', async () => {
    const connected: object[] = [];
    const server = await start({ onConnected: (client) => connected.push(client) });
    const { client, conversation } = await server.join();
    expect(connected).toEqual([{ conversationId: conversation.conversationId, agentId: 'agent_a', source: undefined, version: undefined }]);
    expect(server.transport.count).toBe(1);
    await client.close(1000);
    await conversation.next();
    expect(server.transport.count).toBe(0);
  });

  it('[WS9] closes everybody with 1012 when it stops, and lets nobody in any more', async () => {
    const server = await start();
    const { client, conversation } = await server.join();
    const waiting = await server.connect();
    const stopped = server.transport.close();
    expect(await client.closed).toMatchObject({ code: 1012, reason: expect.stringMatching(/^server_stopping: /) });
    expect(await waiting.closed).toMatchObject({ code: 1012 });
    expect(await conversation.next()).toEqual({
      type: 'client.leave',
      session_id: conversation.sessionId,
      reason: 'server_stopped',
      code: 1012,
    });
    await stopped;
    expect(server.transport.count).toBe(0);
    const late = await server.connect();
    expect(await late.closed).toMatchObject({ code: 1012 });
  });

  it('[WS9] leaves for a client whose join was still being decided', async () => {
    const server = await start();
    let decide = (): void => {};
    server.opening.decided = new Promise((resolve) => {
      decide = resolve;
    });
    const client = await server.connect();
    client.init();
    const conversation = await server.opening.asked(0);
    const stopped = server.transport.close();
    expect(await client.closed).toMatchObject({ code: 1012 });
    decide();
    await stopped;
    expect(await conversation.next()).toMatchObject({ type: 'client.leave', reason: 'server_stopped', code: 1012 });
  });

  it('[WS10] closes a client that sends a message in countless parts', async () => {
    const server = await start({ limits: { ...SOCKET_LIMITS, maxFragments: 16 } });
    const { client, conversation } = await server.join();
    for (let part = 0; part < 20; part++) client.socket.send('x', { fin: false });
    expect(await client.closed).toEqual({ code: 1008, reason: expect.stringMatching(/^invalid_request: .*pieces/) });
    expect(await conversation.next()).toMatchObject({ type: 'client.leave', reason: 'lost', code: 1008 });
    await settle();
    expect(conversation.commands).toHaveLength(1);
  });
});
