import { setTimeout as wait } from 'node:timers/promises';
import type { ConversationEvent } from '@backchannel/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { OfficialClient } from '../compat/official-client.js';
import type { Api } from '../harness/api.js';
import { count } from '../harness/counts.js';
import type { ScriptedModel } from '../harness/scripted-model.js';
import type { ServerProcess } from '../harness/server-process.js';
import type { ToldReply } from '../harness/told-reply.js';
import { until } from '../harness/until.js';
import { agentOf, official, proxyTo, raw, serveApart, socketOf } from './stage.js';

const CLIENTS = count(20, 200);
const STREAMING = count(4, 10);
/** Longer than a model's pause (set to 3 s here); in a proof, than anything that is judged by time. */
const FROZEN_MS = count(5_000, 12_000);

type Crowd = { server: ServerProcess; api: Api; agentId: string; model: ScriptedModel; clients: OfficialClient[]; replies: ToldReply[] };

/** Clients of one server, some of them in the middle of a reply. */
async function crowd(): Promise<Crowd> {
  const env = { BACKCHANNEL_LLM_BETWEEN_TOKENS_SECS: '3', BACKCHANNEL_LLM_FIRST_TOKEN_SECS: '10', BACKCHANNEL_RESUME_SECS: '60' };
  const { server, model } = await serveApart({ env });
  const api = await server.api();
  const agentId = await api.createAgent(agentOf());
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => official({ origin: server.origin, agentId })));
  const replies: ToldReply[] = [];
  // The model goes on sending, whatever happens to the server.
  const going = setInterval(() => replies.forEach((reply) => void reply.say('and ')), 300);
  onTestFinished(() => clearInterval(going));
  for (const client of clients.slice(0, STREAMING)) {
    const reply = model.nextByHand().say('One, ');
    client.session.sendUserMessage('Count!');
    await client.until(() => client.parts.some(({ type }) => type === 'delta'));
    replies.push(reply);
  }
  return { server, api, agentId, model, clients, replies };
}

/** What happens to a crowd when its server stands still, and that nobody is worse off for it. */
async function standstill({ api, clients, replies }: Crowd, still: () => Promise<void>): Promise<void> {
  // Their pongs lie in the buffers, as far as they do not make it.
  const before = await Promise.all(clients.map(({ id }) => api.send(id, { type: 'agent_message', text: 'Before.', urgency: 'soon' })));
  const standing = still();
  const meanwhile = clients.map(async ({ id }, at) => (at % 2 ? api.send(id, { type: 'agent_message', text: 'Meanwhile.' }) : undefined));
  await standing;
  for (const reply of replies) reply.say('done.').end();
  const sent = [...before, ...(await Promise.all(meanwhile))];

  await Promise.all(clients.map((client) => client.until(() => client.messages.some(({ message }) => message === 'Before.'))));
  for (const client of clients.slice(0, replies.length)) {
    await client.until(() => client.messages.some(({ message }) => /^One, (and )*done\.$/.test(message)));
  }
  for (const [at, message] of sent.entries()) {
    if (message === undefined) continue;
    const { id } = clients[at % clients.length] ?? { id: '' };
    const receipt = await until('it is spoken', async () => {
      const now = await api.message(id, message.message_id);
      return now.status === 'spoken' && now;
    });
    expect(receipt.timeline.at(-1)).toMatchObject({ level: 'spoken', basis: 'confirmed' });
  }
  for (const client of clients) {
    expect([client.session.isOpen(), client.errors]).toEqual([true, []]);
    const events = await api.events(client.id);
    expect(events.filter(isTrouble)).toEqual([]);
  }
}

const isTrouble = (event: ConversationEvent): boolean =>
  event.type === 'client.left' ||
  event.type === 'conversation.dropped' ||
  event.type === 'turn.interrupted' ||
  (event.type === 'turn.ended' && event.outcome === 'failed');

const stalls = (server: ServerProcess): number[] => [...server.output.matchAll(/"stalled_ms":(\d+)/g)].map(([, ms]) => Number(ms));

describe('a server that stood still', () => {
  it('[CA27, CA28] takes nobody for dead who lived on, and finds within 10 s who really died meanwhile', async () => {
    const group = await crowd();
    const { server, api, agentId } = group;
    const proxy = await proxyTo(server.port);
    const doomed = await Promise.all(
      [1, 2, 3].map(async () => {
        const client = await raw(socketOf(proxy, agentId));
        client.init();
        return client;
      }),
    );
    const ids = await Promise.all(doomed.map(async (client) => JSON.stringify(await client.next()).match(/conv_\w+/)?.[0] ?? ''));

    let thawed = 0;
    await standstill(group, async () => {
      server.freeze();
      proxy.freeze();
      await wait(FROZEN_MS);
      server.thaw();
      thawed = Date.now();
    });
    expect(Math.max(...stalls(server))).toBeGreaterThan(FROZEN_MS - 1_000);
    for (const id of ids) {
      const left = await until('it is found dead', async () => (await api.events(id)).find(({ type }) => type === 'client.left'), {
        withinMs: 20_000,
      });
      expect(left).toMatchObject({ reason: 'lost' });
      expect(Date.parse(left.time) - thawed).toBeLessThan(11_000);
    }
    for (const client of group.clients) expect(client.session.isOpen()).toBe(true);
  }, 90_000);

  it('[CA27] takes nobody for dead when its own loop was busy', async () => {
    const group = await crowd();
    const ms = count(4_000, 6_000);
    await standstill(group, () => group.server.standStill(ms));
    expect(Math.max(...stalls(group.server))).toBeGreaterThan(ms - 1_000);
  }, 60_000);
});
