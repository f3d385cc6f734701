import { createHash } from 'node:crypto';
import { isObject } from '@backchannel/protocol';
import type { RawClient } from '@backchannel/server/testing';
import { describe, expect, it } from 'vitest';
import { oneServer } from '../compat/one-server.js';
import { type Answer, Api } from '../harness/api.js';
import { count, PROVE } from '../harness/counts.js';
import { promptText } from '../harness/scripted-model.js';
import type { TestServer } from '../harness/start-server.js';
import { until } from '../harness/until.js';
import { agentOf, joined, socketOf } from './stage.js';

const MESSAGES = [
  { type: 'user_message', text: 'Are you there?' },
  { type: 'contextual_update', text: 'It rains.' },
  { type: 'agent_message', text: 'Mind the rain.', wait_for: 'spoken', timeout_ms: 5_000 },
  { type: 'instruction', text: 'Be brief.', wait_for: 'replied', timeout_ms: 5_000 },
] as const;

const ENDS = {
  'the client leaves': (_api: Api, _id: string, client: RawClient) => client.close(1000),
  'the backend ends it': async (api: Api, id: string) => expect(await api.end(id, { message: 'Bye.' })).toMatchObject({ status: 200 }),
  'the agent ends it': (_api: Api, _id: string, client: RawClient) => client.send({ type: 'user_message', text: 'Hang up please.' }),
  'it is deleted': async (api: Api, id: string) => expect(await api.call('DELETE', `/conversations/${id}`)).toMatchObject({ status: 200 }),
};

const code = ({ body }: Answer): unknown => (isObject(body) && isObject(body.detail) ? body.detail.code : undefined);

const running = oneServer();

async function withAgent(): Promise<{ server: TestServer; agentId: string }> {
  const server = running();
  server.model.otherwise((request) =>
    promptText(request).includes('Hang up please.')
      ? { toolCalls: [{ id: 'call_1', name: 'end_call', pieces: ['{"reason":"wanted",', '"message":"Bye."}'] }] }
      : { tokens: ['Yes', '.'] },
  );
  return { server, agentId: await server.api.createAgent(agentOf({ endCall: true })) };
}

describe('a conversation that ends while messages come in', () => {
  it.each(Object.entries(ENDS))(
    '[CA15] takes a message and brings it to an end, or says that it is over, when %s in the same moment',
    async (_how, end) => {
      const { server, agentId } = await withAgent();
      const { api } = server;
      const deletes = end === ENDS['it is deleted'];
      for (let round = 0; round < count(12, 500); round++) {
        const { client, id } = await joined(socketOf(server, agentId));
        const posts = MESSAGES.map((message) => () => api.post(`/conversations/${id}/messages`, message));
        // The end comes as the first, the second … the last of them.
        const before = posts.splice(0, round % (MESSAGES.length + 1)).map((post) => post());
        const ending = end(api, id, client);
        const answers = await Promise.all([...before, ...posts.map((post) => post())]);
        await ending;

        for (const answer of answers) {
          if (answer.status === 410) expect(code(answer)).toBe('conversation_ended');
          else if (answer.status === 404) expect([deletes, code(answer)]).toEqual([true, 'conversation_not_found']);
          else expect([200, 202]).toContain(answer.status);
        }
        if (deletes) {
          expect((await api.get(`/conversations/${id}`)).status).toBe(404);
          continue;
        }
        await until('it has ended', async () => (await api.conversation<{ status: string }>(id)).status === 'done');
        const events = await api.events(id);
        const accepted = events.flatMap((event) => (event.type === 'message.accepted' ? event.message_id : []));
        const ended = events.flatMap((event) => (event.type === 'message.level' && event.final ? event.message_id : []));
        expect(ended.sort()).toEqual(accepted.sort());
        expect(events.at(-1)).toMatchObject({ type: 'conversation.ended' });
        const late = await api.post(`/conversations/${id}/messages`, MESSAGES[0]);
        const gone = { code: 'conversation_ended', ended_at: expect.any(String), reason: expect.any(String), last_seq: events.length };
        expect(late).toMatchObject({ status: 410, body: { detail: gone } });
      }
    },
    180_000,
  );

  it('[CA16] is answered as unknown under every id that is not its own, all in the same words', async () => {
    const { server, agentId } = await withAgent();
    const { api } = server;
    const id = await api.open(agentId);
    const strangers = await strangersApi(server);
    const swapped = [...id.slice(5)]
      .map((letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()))
      .join('');
    const wrong: [Api, string][] = [
      [api, `conv_${swapped}`],
      [api, `${id}%20`],
      [api, 'conv_'],
      [api, `conv_${'a'.repeat(id.length - 5)}`],
      [api, `${id}${'a'.repeat(5_000)}`],
      [api, '__proto__'],
      [strangers, id],
    ];
    const asks = [
      (from: Api, wrongId: string) => from.post(`/conversations/${wrongId}/messages`, MESSAGES[0]),
      (from: Api, wrongId: string) => from.get(`/conversations/${wrongId}`),
      (from: Api, wrongId: string) => from.get(`/conversations/${wrongId}/events`),
      (from: Api, wrongId: string) => from.end(wrongId),
      (from: Api, wrongId: string) => from.call('DELETE', `/conversations/${wrongId}`),
    ];
    const bodies = new Set<string>();
    for (const ask of asks) {
      for (const [from, wrongId] of wrong) {
        const answer = await ask(from, wrongId);
        expect(answer).toMatchObject({ status: 404, body: { detail: { code: 'conversation_not_found' } } });
        bodies.add(JSON.stringify(answer.body).replace(/req_\w+/, ''));
      }
    }
    expect(bodies.size).toBe(1);
    expect(await api.send(id, MESSAGES[0])).toMatchObject({ http: 202 });
    if (PROVE) expect(await slower(api, `conv_${'a'.repeat(id.length - 5)}`, strangers, id)).toBeLessThan(1.5);
  });
});

/** Another workspace's backend. */
async function strangersApi({ store, url }: TestServer): Promise<Api> {
  const key = 'a-key-of-another-workspace';
  await store.keys.createWorkspace('ws_other', 'other');
  const hash = createHash('sha256').update(key).digest('hex');
  await store.keys.put({
    keyId: 'key_other',
    workspaceId: 'ws_other',
    name: 'other',
    hash,
    scopes: ['convai_write'],
    source: 'api',
    createdAt: Date.now(),
  });
  return new Api(url, key);
}

/** By which factor the medians of two questions differ, asked in turn. */
async function slower(oneApi: Api, oneId: string, otherApi: Api, otherId: string): Promise<number> {
  const times: [number[], number[]] = [[], []];
  for (let at = 0; at < 1_000; at++) {
    const began = performance.now();
    await (at % 2 ? otherApi : oneApi).get(`/conversations/${at % 2 ? otherId : oneId}`);
    times[at % 2 ? 1 : 0].push(performance.now() - began);
  }
  const [one, other] = times.map((list) => list.sort((a, b) => a - b)[250] ?? 0);
  return Math.max(one ?? 0, other ?? 0) / Math.min(one ?? 1, other ?? 1);
}
