import { describe, expect, it } from 'vitest';
import { SCOPES } from '../../packages/server/dist/api/scopes.js';
import { agentOf, serve } from '../cases/stage.js';
import type { TestServer } from '../harness/start-server.js';
import { contradictions, type Place, runMatrix, SCOPE_OF_MESSAGE } from './access-matrix.js';
import { type CallerOfMatrix, everyCaller, type Fixtures } from './callers.js';
import { type DeclaredRoute, declaredRoutes } from './declared-routes.js';
import { knock, socketExpected } from './knocking.js';

async function stage() {
  const server = await serve();
  const { api } = server;
  const [agentId, otherAgentId] = [await api.createAgent(agentOf()), await api.createAgent(agentOf())];
  const fixtures = { agentId, otherAgentId, conversationId: await api.open(agentId), otherConversationId: await api.open(agentId) };
  return { server, fixtures, callers: await everyCaller(server, fixtures) };
}

/** Puts back what a request took away. */
function putBack({ api, store, running }: TestServer, { agentId, conversationId }: Fixtures): () => Promise<Place> {
  const place = { agent_id: agentId, conversation_id: conversationId, key_id: 'key_doomed', message_id: 'msg_x' };
  const agent = store.agents.get(agentId);
  return async () => {
    const kept = await agent;
    if (kept !== undefined && (await store.agents.get(agentId)) === undefined) await store.agents.put(kept);
    if ((await store.head(place.conversation_id)) === undefined) place.conversation_id = await api.open(agentId);
    const { workspaceId } = running.installation;
    await store.keys.put({ keyId: 'key_doomed', workspaceId, name: 'doomed', hash: 'none', scopes: [], source: 'api', createdAt: 0 });
    return place;
  };
}

/** What erases the conversation that tokens are for comes last. */
const inOrder = (routes: readonly DeclaredRoute[]): DeclaredRoute[] => {
  const erases = ({ method, path }: DeclaredRoute): number => Number(method === 'DELETE' && path.endsWith('{conversation_id}'));
  return [...routes].sort((a, b) => erases(a) - erases(b));
};

describe('the access matrix', () => {
  it('[AC30] every route answers everybody as it declares, and what is another’s exactly like what nobody has; a weaker route is noticed', async () => {
    const { server, fixtures, callers } = await stage();
    const routes = inOrder(await declaredRoutes(server.url));
    const cells = await runMatrix(routes, callers, { url: server.url, fixtures: putBack(server, fixtures), others: fixtures });
    console.log(`access matrix: ${cells.length} cells, ${routes.length} routes for ${callers.length} callers`);
    expect(contradictions(cells)).toEqual([]);
    expect(cells.length).toBeGreaterThan(600);
    // The lists that name nobody else's had something to name.
    for (const [id, wanted] of [
      ['listConversations', fixtures.otherConversationId],
      ['listAgents', fixtures.otherAgentId],
      ['listApiKeys', 'key_doomed'],
    ] as const) {
      const names = cells.filter(({ route, named }) => route.id === id && named.includes(wanted)).length;
      expect([id, names > 0 && names < callers.length]).toEqual([id, true]);
    }

    // The same answers, had the route declared more than it asks for: the server's would be the weaker one.
    for (const { id, reach, scopes } of routes.filter((route) => route.scopes !== undefined)) {
      const stricter = (more: Partial<DeclaredRoute>) => (route: DeclaredRoute) => (route.id === id ? { ...route, ...more } : route);
      const noticed = [contradictions(cells, stricter({ scopes: ['a scope that nobody has'] }))];
      if (reach !== 'workspace') noticed.push(contradictions(cells, stricter({ reach: 'workspace' })));
      for (const lines of noticed) expect([id, scopes, lines.length > 0]).toEqual([id, scopes, true]);
    }
  }, 60_000);

  it('[AC31] every type of message needs its scope, whoever sends it', async () => {
    const { server, fixtures, callers } = await stage();
    for (const [type, scope] of Object.entries(SCOPE_OF_MESSAGE)) {
      for (const caller of callers.filter((each) => reaches(each))) {
        const response = await fetch(`${server.url}/v1/convai/conversations/${fixtures.conversationId}/messages`, {
          method: 'POST',
          headers: { ...caller.headers, 'content-type': 'application/json' },
          body: JSON.stringify({ type, text: 'x' }),
        });
        await response.body?.cancel();
        const may = 'scopes' in caller.is && caller.is.scopes.includes(scope);
        expect([type, caller.name, response.status === 403]).toEqual([type, caller.name, !may]);
      }
    }
  });

  it('[AC32] the socket lets in whoever the agent and the key declare', async () => {
    const { server, fixtures, callers } = await stage();
    const hidden = await server.api.createAgent({ ...agentOf(), platform_settings: { auth: { enable_auth: true } } });
    let cells = 0;
    for (const [agentId, isPrivate] of [
      [fixtures.agentId, false],
      [hidden, true],
    ] as const) {
      for (const caller of callers) {
        const got = await knock(server, agentId, caller);
        expect([caller.name, isPrivate, got]).toEqual([caller.name, isPrivate, socketExpected(caller, isPrivate)]);
        cells += 1;
      }
    }
    expect(cells).toBe(2 * callers.length);
  });
});

/** Who has a key or token that reaches the conversation. */
const reaches = ({ is }: CallerOfMatrix): boolean => 'scopes' in is && !is.of.startsWith('another');

it('[AC31] the scopes of the matrix are those that there are', async () => {
  const server = await serve();
  const answer = await server.api.post('/api-keys', { name: 'x', scopes: ['nonsense'] });
  for (const scope of SCOPES) expect(JSON.stringify(answer.body)).toContain(scope);
});
