import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { startTestApi } from '../testing/start-test-api.js';
import { type Operation, requireDescriptions } from './operation.js';
import type { Policy } from './policy.js';

const POLICY: Policy = { open: true };
const OPERATION: Operation = { id: 'getThing', tag: 'server', summary: 'A thing', answers: {} };

describe('a route’s description', () => {
  it('[OA1] a route without one does not register', () => {
    const app = fastify();
    requireDescriptions(app);
    expect(() => app.get('/described', { config: { policy: POLICY, operation: OPERATION } }, async () => 'ok')).not.toThrow();
    expect(() => app.get('/forgotten', { config: { policy: POLICY } }, async () => 'ok')).toThrow('GET /forgotten has no description.');
    expect(() => app.options('/described', { config: { policy: POLICY, noOperation: 'a preflight' } }, async () => 'ok')).not.toThrow();
  });

  it('[OA1] two routes cannot have one name', () => {
    const app = fastify();
    requireDescriptions(app);
    app.get('/one', { config: { policy: POLICY, operation: OPERATION } }, async () => 'ok');
    expect(() => app.post('/two', { config: { policy: POLICY, operation: OPERATION } }, async () => 'ok')).toThrow(
      'POST /two has the same operation id as get /one.',
    );
  });

  it('[OA2] the document has every route that is there, and no other', async () => {
    await using api = await startTestApi();
    const { status, body } = await api.call('GET', '//openapi.json', { key: null });
    expect(status).toBe(200);
    const { paths } = body as { paths: Record<string, Record<string, unknown>> };
    const documented = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
    // Two other views of what is there: the router's tree of URLs, and the methods that each of them says it has.
    const registered: string[] = [];
    for (const path of urlsOf(api.app.printRoutes({ commonPrefix: false }))) {
      const { headers } = await api.call('OPTIONS', `/${path.replace(/:\w+/g, 'x')}`, { key: null });
      const methods = (headers.get('allow') ?? '').split(', ').filter((method) => method !== 'HEAD');
      registered.push(...methods.map((method) => `${method.toLowerCase()} ${path.replace(/:(\w+)/g, '{$1}')}`));
    }
    expect(documented.sort()).toEqual(registered.sort());
    expect(documented.length).toBeGreaterThan(20);
  });
});

/** Every URL of the printed tree, whose lines are indented by four characters a level. */
function urlsOf(tree: string): string[] {
  const above: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const match = /^((?:[│ ] {3})*)[├└]── (\S+) \(/.exec(line);
    if (match === null) return [];
    const [, indent = '', name = ''] = match;
    above.length = indent.length / 4;
    above.push(name);
    return [above.join('')];
  });
}
