import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { ConversationEvent } from '@backchannel/protocol';
import { ManualClock } from '@backchannel/server/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Api, Sent } from '../harness/api.js';
import { passTime } from '../harness/pass-time.js';
import { until } from '../harness/until.js';
import { agentOf, FIRST_MOMENT_MS, joined, official, proxyTo, serve, serveApart, serveByHand, socketOf } from './stage.js';

const RESUME_SECS = 3;
const of = <T extends ConversationEvent['type']>(events: readonly ConversationEvent[], type: T) =>
  events.flatMap((event) => (event.type === type ? [event as Extract<ConversationEvent, { type: T }>] : []));

/** How many are live. The list is read between two counts; where nobody begins anything it can only lie between them. */
async function live(api: Api): Promise<number> {
  const before = await api.liveCount();
  const listed = await api.list({ status: 'in-progress' });
  const after = await api.liveCount();
  expect(listed.length).toBeLessThanOrEqual(before);
  expect(listed.length).toBeGreaterThanOrEqual(after);
  return listed.length;
}

describe('calls that never end', () => {
  it('[CA24, CA25] are none after two crashes: whoever was lost has the window to come back, and then the call is over', async () => {
    const { server, model } = await serveApart({ env: { BACKCHANNEL_RESUME_SECS: String(RESUME_SECS) } });
    const api = await server.api();
    const agentId = await api.createAgent(agentOf({ firstMessage: 'Hello.' }));
    const held: { id: string; sent: Sent }[] = [];
    const hold = async (id: string) => held.push({ id, sent: await api.send(id, { type: 'agent_message', text: 'For later.' }) });

    const created = await Promise.all(Array.from({ length: 10 }, () => api.mint(agentId, { include_conversation_id: 'true' })));
    const backends = await Promise.all(Array.from({ length: 10 }, () => api.open(agentId)));
    const open = await Promise.all(Array.from({ length: 20 }, () => joined(socketOf(server, agentId))));
    const dropped = await Promise.all(Array.from({ length: 10 }, () => joined(socketOf(server, agentId))));
    expect(await live(api)).toBe(40);
    for (const { client } of dropped) client.cut();
    await Promise.all(
      dropped.map(async ({ id }) => {
        await until('it is dropped', async () => of(await api.events(id), 'conversation.dropped').length === 1);
        await hold(id);
      }),
    );
    await Promise.all(
      created.map(({ conversationId }) => api.send(conversationId, { type: 'agent_message', text: 'For the first moment.' })),
    );

    await server.kill();
    await server.restart();
    expect(await live(api)).toBe(40);
    await wait((RESUME_SECS * 1_000) / 2);
    expect(await live(api)).toBe(40);
    // In the middle of that, again: the window counts from the newest start.
    await server.kill();
    await server.restart();
    const restarted = Date.now();
    expect(await live(api)).toBe(40);
    await until('only the calls without a client are live', async () => (await live(api)) === backends.length, {
      withinMs: 20_000,
      everyMs: 50,
    });
    expect(Date.now() - restarted).toBeGreaterThan(RESUME_SECS * 1_000 - 500);

    for (const { id } of [...open, ...dropped]) {
      const events = await api.events(id);
      expect(events.at(-1)).toMatchObject({ type: 'conversation.ended', reason: 'client_lost', status: 'done' });
      expect(await api.conversation(id)).toMatchObject({ status: 'done', metadata: { termination_reason: 'client_lost' } });
    }
    for (const { id, sent } of held) {
      expect(await api.message(id, sent.message_id)).toMatchObject({ status: 'undeliverable', reason: 'conversation_ended' });
    }
    expect((await api.list({ status: 'initiated' })).length).toBe(10);
    const late = await official({ signedUrl: created[0]?.signedUrl ?? '' });
    expect(await late.said(2)).toMatchObject([{ message: 'Hello.' }, { message: 'For the first moment.' }]);
    for (const id of backends)
      expect(await api.send(id, { type: 'user_message', text: 'Still there?', wait_for: 'replied' })).toMatchObject({ status: 'replied' });
    expect(model.requests).toHaveLength(backends.length);
  }, 60_000);

  it('[CA24] leave a created conversation what was left of its time when the server comes back', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'backchannel-restart-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const clock = new ManualClock();
    const before = await serve({ folder, clock });
    const agentId = await before.api.createAgent(agentOf());
    const { conversationId } = await before.api.mint(agentId, { include_conversation_id: 'true' });
    clock.advance(5 * 60_000);
    await before.stop();

    // Nine minutes nobody served; a monotonic clock of a new process knows nothing of them.
    const later = new ManualClock(clock.wall() + 9 * 60_000);
    const after = await serve({ folder, clock: later });
    const status = async () => (await after.api.conversation<{ status: string }>(conversationId)).status;
    await until('it is loaded', () => after.running.count() > 0);
    later.advance(60_000 - 1);
    expect(await status()).toBe('initiated');
    later.advance(1);
    await until('it has failed', async () => (await status()) === 'failed');
  });

  it('[CA26] leave the list within the time for silence and the window, when a client’s line dies without a word', async () => {
    const server = await serveByHand();
    const { api, clock } = server;
    const proxy = await proxyTo(server.running.port);
    const agentId = await api.createAgent(agentOf({ firstMessage: 'Hello.' }));
    const { id } = await joined(socketOf(proxy, agentId));
    const { client: healthy, id: healthyId } = await joined(socketOf(server, agentId));
    clock.advance(FIRST_MOMENT_MS);
    expect(await live(api)).toBe(2);
    proxy.freeze();
    const frozen = clock.wall();
    const find = async <T extends ConversationEvent['type']>(type: T) => of(await api.events(id), type)[0];
    const left = await passTime(
      clock,
      until('it is lost', () => find('client.left')),
    );
    clock.advance(30_000);
    const ended = await until('it has ended', () => find('conversation.ended'));
    expect(left).toMatchObject({ reason: 'lost' });
    expect(ended).toMatchObject({ reason: 'client_lost', status: 'done' });
    expect(Date.parse(left.time) - frozen).toBeLessThanOrEqual(10_500); // two looks of the sweep, each a quarter of a second late at most
    expect((await api.list({ status: 'in-progress' })).map(({ conversation_id }) => conversation_id)).toEqual([healthyId]);
    expect(healthy.socket.readyState).toBe(healthy.socket.OPEN);
  });
});
