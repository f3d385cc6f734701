import { describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../testing/start-test-api.js';

const APP = 'https://app.example.com';
const OTHER = 'https://other.example.com';
const LISTED = { config: { corsOrigins: [APP] } } as const;
const SAY = { type: 'user_message', text: 'Hi' };
const FEEDBACK = 'conversations/conv_a/feedback';
const MESSAGES = 'conversations/conv_a/messages';

const preflight = async (api: TestApi, path: string, method: string, origin: string) => {
  const asked = { origin, 'access-control-request-method': method, 'access-control-request-headers': 'content-type' };
  const { status, headers } = await api.call('OPTIONS', path, { key: null, headers: asked });
  return { status, cors: corsOf(headers), vary: headers.get('vary') };
};

const corsOf = (headers: Headers): Record<string, string> =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')));

describe('pages of other origins', () => {
  it('[RE100] what official clients call from a browser may be called from any page, JSON too', async () => {
    await using api = await startTestApi();
    for (const origin of [OTHER, 'null', 'http://localhost:3000']) {
      expect(await preflight(api, FEEDBACK, 'POST', origin)).toEqual({
        status: 204,
        vary: 'origin',
        cors: {
          'access-control-allow-origin': origin,
          'access-control-allow-methods': 'POST',
          'access-control-allow-headers':
            'content-type, xi-api-key, authorization, idempotency-key, ' +
            'x-fern-language, x-fern-sdk-name, x-fern-sdk-version, x-fern-runtime, x-fern-runtime-version',
          'access-control-max-age': '7200',
        },
      });
      const given = await api.call('POST', FEEDBACK, { key: null, body: { feedback: 'like' }, headers: { origin } });
      expect([given.status, given.headers.get('access-control-allow-origin')]).toEqual([200, origin]);
      const token = await api.call('GET', 'conversation/token', { key: null, headers: { origin } });
      expect([token.status, token.headers.get('access-control-allow-origin')]).toEqual([400, origin]);
    }
  });

  it.each([APP, 'http://localhost:3000', 'http://localhost', 'http://127.0.0.1:5173', 'http://[::1]:8080'])(
    '[RE101] routes that want a key may be used from %s',
    async (origin) => {
      await using api = await startTestApi(LISTED);
      await api.conversation('conv_a');
      const { status, cors } = await preflight(api, MESSAGES, 'POST', origin);
      expect([status, cors]).toMatchObject([204, { 'access-control-allow-origin': origin }]);
      expect(cors['access-control-allow-methods']?.split(', ').sort()).toEqual(['GET', 'HEAD', 'POST']);
      const { headers } = await api.call('GET', 'conversations/conv_a', { headers: { origin } });
      expect(corsOf(headers)).toEqual({
        'access-control-allow-origin': origin,
        'access-control-expose-headers': 'retry-after, idempotent-replayed',
      });
      expect(headers.get('vary')).toBe('origin');
    },
  );

  it.each([
    OTHER,
    'null',
    'http://app.example.com',
    'https://app.example.com:8443',
    'https://app.example.com.',
    'https://app.example.com.evil.test',
    'http://localhost.evil.test',
    'http://localhost:3000.evil.test',
    'http://evil.test/http://localhost',
    'http://127.0.0.1.evil.test',
    'https://xapp.example.com',
  ])('[RE102] and from %s they may not: no header says so', async (origin) => {
    await using api = await startTestApi(LISTED);
    await api.conversation('conv_a');
    expect(await preflight(api, MESSAGES, 'POST', origin)).toEqual({ status: 204, vary: 'origin', cors: {} });
    const { headers } = await api.call('POST', MESSAGES, { body: SAY, headers: { origin } });
    expect([corsOf(headers), headers.get('vary')]).toEqual([{}, 'origin']);
  });

  it('[RE102] without an Origin there is nothing to say, and cookies are never asked for', async () => {
    await using api = await startTestApi(LISTED);
    expect(corsOf((await api.call('GET', 'conversations')).headers)).toEqual({});
    const { status, headers } = await api.call('OPTIONS', FEEDBACK, { key: null });
    expect([status, headers.get('allow'), corsOf(headers)]).toEqual([204, 'POST', {}]);
  });

  it('[RE103] a page can read why it was refused', async () => {
    await using api = await startTestApi({ config: { corsOrigins: [APP], rates: { perConversation: 1, perKey: 2 } } });
    const ask = async (method: string, path: string, key: string | null) => {
      const answer = await api.call(method, path, { key, headers: { origin: APP } });
      return [answer.status, answer.headers.get('access-control-allow-origin'), answer.headers.get('access-control-expose-headers')];
    };
    const readable = [APP, 'retry-after, idempotent-replayed'];
    expect(await ask('GET', 'conversations', null)).toEqual([401, ...readable]);
    expect(await ask('GET', 'nothing', null)).toEqual([404, ...readable]);
    expect(await ask('PUT', 'conversations', null)).toEqual([405, ...readable]);
    for (let i = 0; i < 2; i++) await ask('GET', 'conversations', 'key-of-a');
    expect(await ask('GET', 'conversations', 'key-of-a')).toEqual([429, ...readable]);
  });
});
