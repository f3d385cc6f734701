import { once } from 'node:events';
import { connect } from 'node:net';
import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { type Log, silentLog } from '../lib/log.js';
import { ArrayStore } from '../testing/array-store.js';
import { ManualClock } from '../testing/manual-clock.js';
import { startTestApi } from '../testing/start-test-api.js';
import { KeyRing } from './auth.js';
import { ConversationTokens } from './conversation-tokens.js';
import { guardOf } from './guard.js';
import { KeyEnds } from './key-ends.js';
import { requirePolicies } from './policy.js';
import { RateLimit } from './rates.js';

const SAY = { type: 'user_message', text: 'Hi' };

/** Sends bytes as they are and returns what comes back until the server closes. */
function raw(url: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += String(chunk);
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

describe('the REST door', () => {
  it('[RE4] a URL that does not exist is 404 route_not_found, with or without a key', async () => {
    await using api = await startTestApi();
    for (const path of ['nothing', '//v1', 'conversations/conv_a/nothing', '//v1/convai/%zz']) {
      const { status, body } = await api.call('GET', path, { key: null });
      expect([path, status, body]).toMatchObject([path, 404, { detail: { type: 'not_found', code: 'route_not_found' } }]);
      expect(JSON.stringify(body)).not.toContain('/docs');
    }
  });

  it('[RE5] another method of a URL that exists is 405 and names those that do', async () => {
    await using api = await startTestApi();
    const { status, body, headers } = await api.call('PUT', 'conversations/conv_a/messages', { raw: '{', key: null });
    expect([status, body]).toMatchObject([405, { detail: { code: 'method_not_allowed', message: expect.stringContaining('POST') } }]);
    expect(headers.get('allow')).toContain('POST');
    expect((await api.call('POST', 'agents/agent_a')).status).toBe(405);
  });

  it('[RE6] a body over the limit is 413', async () => {
    await using api = await startTestApi({ limits: { maxBodyBytes: 2_000 } });
    await api.conversation('conv_a');
    const { status, body } = await api.call('POST', 'conversations/conv_a/messages', { body: { ...SAY, text: 'x'.repeat(2_000) } });
    expect([status, body]).toMatchObject([413, { detail: { type: 'validation_error', code: 'payload_too_large' } }]);
  });

  it('[RE7] a body that is not application/json is 415', async () => {
    await using api = await startTestApi();
    await api.conversation('conv_a');
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'nonsense', '']) {
      const { status, body } = await api.call('POST', 'conversations/conv_a/messages', { raw: '{}', headers: { 'content-type': type } });
      expect([type, status, body]).toMatchObject([type, 415, { detail: { code: 'unsupported_media_type' } }]);
    }
    const { status } = await api.call('POST', 'conversations/conv_a/messages', {
      body: {},
      headers: { 'content-type': 'application/json; charset=UTF-8' },
    });
    expect(status).toBe(422);
  });

  it('[RE8] what is no JSON, or no UTF-8, is 422 malformed_json', async () => {
    await using api = await startTestApi();
    await api.conversation('conv_a');
    for (const content of ['{"type":', 'nope', '{"a":1}}', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])]) {
      const { status, body } = await api.call('POST', 'conversations/conv_a/messages', { raw: content });
      expect([status, body]).toMatchObject([422, { detail: { type: 'validation_error', code: 'malformed_json' } }]);
    }
  });

  it('[RE9] half a surrogate pair, nesting without end and a missing body are 422 at their field', async () => {
    await using api = await startTestApi();
    await api.conversation('conv_a');
    const post = (content: string) => api.call('POST', 'conversations/conv_a/messages', { raw: content });
    expect(await post('{"type":"user_message","text":"\\ud800"}')).toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['body', 'text'] }] },
    });
    expect(await post(`{"type":"user_message","text":"a","metadata":${'['.repeat(50_000)}${']'.repeat(50_000)}}`)).toMatchObject({
      status: 422,
    });
    expect(await post('')).toMatchObject({ status: 422, body: { detail: [{ loc: ['body'], type: 'missing' }] } });
    expect(await post('null')).toMatchObject({ status: 422, body: { detail: [{ loc: ['body'] }] } });
  });

  it('[RE1] a fault of ours is 500 with an id that the log has, and shows nothing of its inside', async () => {
    const logged: object[] = [];
    const log: Log = { debug() {}, info() {}, warn() {}, error: (fields) => void logged.push(fields) };
    await using api = await startTestApi({ log });
    await api.conversation('conv_a');
    api.router.script = () => {
      throw new Error('secret inside');
    };
    const { status, text, body } = await api.call('POST', 'conversations/conv_a/messages', { body: SAY });
    const { request_id } = (body as { detail: { request_id: string } }).detail;
    expect([status, body]).toMatchObject([500, { detail: { code: 'internal' } }]);
    expect(text).not.toMatch(/secret|\.js|at /);
    expect(logged).toMatchObject([{ request_id, err: { message: 'secret inside' } }]);
  });

  it('[RE1] every request has an id of its own', async () => {
    await using api = await startTestApi();
    const ids = await Promise.all(
      Array.from({ length: 20 }, async () => (await api.call('GET', 'nothing')).body as { detail: { request_id: string } }),
    );
    expect(new Set(ids.map(({ detail }) => detail.request_id)).size).toBe(20);
    expect(ids[0]?.detail.request_id).toMatch(/^req_[a-z0-9]+$/);
  });

  it('[RE17] what cannot be read as HTTP is answered in the same words and closed', async () => {
    await using api = await startTestApi();
    expect(await raw(api.url, 'what is this\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 .*"code":"invalid_request"/s);
    expect(await raw(api.url, `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('[RE23] a key, and a conversation, over its rate is 429 with Retry-After', async () => {
    await using api = await startTestApi({ config: { rates: { perConversation: 2, perKey: 5 } } });
    await api.conversation('conv_a');
    await api.conversation('conv_c');
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++) statuses.push((await api.call('POST', 'conversations/conv_a/messages', { body: SAY })).status);
    expect(statuses).toEqual([404, 404, 429]);
    expect((await api.call('POST', 'conversations/conv_c/messages', { body: SAY })).status).toBe(404);
    expect((await api.call('GET', 'conversations/conv_c')).status).toBe(200);
    const over = await api.call('GET', 'conversations/conv_c');
    expect([over.status, over.body, over.headers.get('retry-after')]).toMatchObject([
      429,
      { detail: { type: 'rate_limit_error', code: 'rate_limited' } },
      '1',
    ]);
    expect((await api.call('GET', 'agents', { key: 'key-of-b' })).status).toBe(200);
    api.clock.advance(1_000);
    expect((await api.call('GET', 'conversations/conv_c')).status).toBe(200);
  });

  it('[RE21] rates that are off refuse nobody', async () => {
    await using api = await startTestApi({ config: { rates: { perConversation: 'off', perKey: 'off' } } });
    await api.conversation('conv_a');
    const answers = await Promise.all(Array.from({ length: 150 }, () => api.call('POST', 'conversations/conv_a/messages', { body: SAY })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
  });

  it('[RE18] while the server stops, running requests are answered and new ones refused', async () => {
    await using api = await startTestApi();
    await api.conversation('conv_a');
    let release = (_answer: object): void => {};
    const asked = new Promise<void>((heard) => {
      api.router.script = () => {
        heard();
        return new Promise((resolve) => {
          release = resolve;
        });
      };
    });
    const running = api.call('POST', 'conversations/conv_a/messages', { body: SAY });
    await asked;
    const closing = api.app.close();
    release({ ok: false, code: 'conversation_ended' });
    expect((await running).status).toBe(410);
    await closing;
  });

  it('[RE19] a stop waits neither for idle connections nor for silent ones', async () => {
    await using api = await startTestApi();
    const { port } = new URL(api.url);
    const silent = connect(Number(port), '127.0.0.1');
    const idle = connect(Number(port), '127.0.0.1', () => idle.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n'));
    await once(idle, 'data');
    if (silent.connecting) await once(silent, 'connect');
    await Promise.all([once(silent.resume(), 'close'), once(idle.resume(), 'close'), api.app.close()]);
  });

  it('[RE18] a request that slips in while the server stops is told to come back', async () => {
    const app = fastify();
    const [store, clock] = [new ArrayStore(), new ManualClock()];
    const tokens = new ConversationTokens(clock, { tokenMs: 1, mostHeld: 1 });
    const [keys, keyRate] = [
      new KeyRing({ keys: store.keys, ends: new KeyEnds(clock), clock, log: silentLog }),
      new RateLimit('off', clock),
    ];
    const parts = { keys, tokens, keyRate, stopping: AbortSignal.abort() };
    requirePolicies(app, guardOf(parts));
    app.get('/x', { config: { policy: { open: true } } }, async () => 'ok');
    const { statusCode, headers, body } = await app.inject('/x');
    expect([statusCode, headers['retry-after'], headers.connection, body]).toEqual([
      503,
      '1',
      'close',
      expect.stringContaining('"code":"server_stopping"'),
    ]);
  });
});
