import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { startTestApi } from '../testing/start-test-api.js';
import { requirePolicies } from './policy.js';

const OPEN = ['GET //healthz', 'GET //readyz', 'GET conversation/token', 'POST conversations/conv_a/feedback'];

describe('policies', () => {
  it('[RE10] a route that declares no policy does not register', () => {
    const app = fastify();
    requirePolicies(app, () => (_request, _reply, done) => done());
    expect(() => app.get('/declared', { config: { policy: { open: true } } }, async () => 'ok')).not.toThrow();
    expect(() => app.get('/forgotten', async () => 'ok')).toThrow(/declares no policy/);
    expect(() => app.get('/half', { config: {} }, async () => 'ok')).toThrow(/declares no policy/);
  });

  it('[RE10] every route of the API asks for a key, but those declared open', async () => {
    await using api = await startTestApi();
    const tree = api.app.printRoutes({ commonPrefix: false, includeHooks: false });
    expect(tree).toContain('messages');
    for (const [method, path] of ROUTES) {
      const { status } = await api.call(method, path, { key: null });
      const open = OPEN.includes(`${method} ${path}`);
      expect([method, path, status === 401]).toEqual([method, path, !open]);
    }
  });
});

const ROUTES: readonly (readonly [string, string])[] = [
  ['POST', 'agents/create'],
  ['GET', 'agents'],
  ['GET', 'agents/agent_a'],
  ['PATCH', 'agents/agent_a'],
  ['DELETE', 'agents/agent_a'],
  ['POST', 'conversations'],
  ['GET', 'conversations'],
  ['GET', 'analytics/live-count'],
  ['GET', 'conversations/conv_a'],
  ['PATCH', 'conversations/conv_a'],
  ['DELETE', 'conversations/conv_a'],
  ['POST', 'conversations/conv_a/end'],
  ['GET', 'conversation/get-signed-url'],
  ['GET', 'conversation/get_signed_url'],
  ['POST', 'conversations/conv_a/messages'],
  ['GET', 'conversations/conv_a/messages'],
  ['GET', 'conversations/conv_a/messages/msg_a'],
  ['DELETE', 'conversations/conv_a/messages/msg_a'],
  ['GET', 'conversations/conv_a/events'],
  ['POST', 'api-keys'],
  ['GET', 'api-keys'],
  ['GET', 'api-keys/key_a'],
  ['DELETE', 'api-keys/key_a'],
  ['GET', 'conversation/token'],
  ['POST', 'conversations/conv_a/feedback'],
  ['GET', '//healthz'],
  ['GET', '//readyz'],
];
