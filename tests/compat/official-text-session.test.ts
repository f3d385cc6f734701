import type { ConversationEvent, EventBody } from '@backchannel/protocol';
import { type FakeConversation, SocketServer } from '@backchannel/server/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OfficialClient } from './official-client.js';

/** The official client has its own idea of time, so the server's runs by itself. */
const clock = {
  wall: () => Date.now(),
  mono: () => performance.now(),
  alarm(at: number, ring: () => void) {
    const timer = setTimeout(ring, Math.max(0, at - performance.now()));
    return () => clearTimeout(timer);
  },
};

let server: SocketServer;
beforeEach(async () => {
  server = await new SocketServer({ clock }).start();
});
afterEach(() => server.stop());

let seq = 10;
// Joining a union's member with three fields gives a member again; the compiler cannot see that through a spread.
const event = (body: EventBody): ConversationEvent =>
  ({ ...body, seq: ++seq, epoch: 1, time: '2030-01-01T00:00:00.000Z' }) as ConversationEvent;
const added = (role: 'user' | 'agent', text: string, eventId: number, more: object = {}): ConversationEvent =>
  event({ type: 'message.added', role, text, source: 'api', event_id: eventId, messages: [], ...more });

const way = () => ({ origin: server.origin, agentId: 'agent_a' });

async function start(): Promise<{ client: OfficialClient; conversation: FakeConversation }> {
  const index = server.opening.conversations.length;
  const client = await OfficialClient.start(way());
  return { client, conversation: await server.opening.asked(index) };
}

describe('the official client in text', () => {
  it('[WS40] connects, and its id is the conversation’s', async () => {
    const { client, conversation } = await start();
    expect(client.id).toBe(conversation.conversationId);
    expect(client.connectedAs).toEqual([conversation.conversationId]);
    expect(conversation.request).toMatchObject({ agentId: 'agent_a', source: 'js_sdk', version: '1.25.0', signature: undefined });
    expect(await client.end()).toMatchObject({ reason: 'user' });
    expect(await conversation.next()).toMatchObject({ type: 'client.leave', reason: 'left', code: 1000 });
  });

  it('[WS40] sends all that it can send', async () => {
    const { client, conversation } = await start();
    client.session.sendUserMessage('Hello');
    client.session.sendContextualUpdate('The cart has 3 items', { contextId: 'cart' });
    client.session.sendUserActivity();
    client.session.sendFeedback(true, 3);
    expect(await conversation.next()).toMatchObject({ type: 'message.send', message: { type: 'user_message', text: 'Hello' } });
    expect(await conversation.next()).toMatchObject({
      message: { type: 'contextual_update', text: 'The cart has 3 items', context_id: 'cart' },
    });
    expect(await conversation.next()).toMatchObject({ type: 'client.activity' });
    expect(await conversation.next()).toEqual({ type: 'feedback.give', event_id: 3, score: 'like' });
    expect(client.errors).toEqual([]);
  });

  it('[WS40] shows a streamed reply in parts and once as a whole, and a user line from elsewhere, and answers the ping', async () => {
    const { client, conversation } = await start();
    await conversation.until(() => conversation.readies === 1);
    const { session } = conversation;
    session.send(added('user', 'from the backend', 1));
    for (const [index, text] of ['Let ', 'me ', 'see.'].entries())
      session.send({ type: 'reply.delta', turn_id: 'turn_1', event_id: 2, index, text });
    session.cork();
    session.send(added('agent', 'Let me see.', 2, { turn_id: 'turn_1', source: 'engine' }));
    session.ping(14);
    session.uncork();
    expect(await conversation.next()).toEqual({ type: 'client.pong', session_id: conversation.sessionId, through: 14 });
    expect(client.messages).toMatchObject([
      { source: 'user', message: 'from the backend', event_id: 1 },
      { source: 'ai', message: 'Let me see.', event_id: 2 },
    ]);
    expect(client.parts.map((part) => part.type)).toEqual(['start', 'delta', 'delta', 'delta', 'stop']);
    expect(client.parts.map((part) => part.text).join('')).toBe('Let me see.');
    expect(client.errors).toEqual([]);
  });

  it('[WS40] takes a client_error as a notice and goes on', async () => {
    const { client, conversation } = await start();
    conversation.answer = () => ({ ok: false, code: 'too_many_waiting' });
    client.session.sendUserMessage('one too many');
    await client.until(() => client.events.some(({ type }) => type === 'client_error'));
    expect(client.errors).toEqual([]);
    expect(client.session.isOpen()).toBe(true);
  });

  it('[WS40] learns why the server ended it', async () => {
    const byBackend = await start();
    byBackend.conversation.session.close({ kind: 'ended', reason: 'ended_by_api' });
    expect(await byBackend.client.disconnected).toMatchObject({ reason: 'agent', closeCode: 1000, closeReason: 'ended by the backend' });

    const superseded = await start();
    superseded.conversation.session.close({ kind: 'error', code: 'superseded' });
    const details = { reason: 'error', closeCode: 4409, message: expect.stringMatching(/^superseded: /) };
    expect(await superseded.client.disconnected).toMatchObject(details);
  });

  it('[WS40] ends by itself at the agent’s end_call and at the maximum duration', async () => {
    const called = await start();
    await called.conversation.until(() => called.conversation.readies === 1);
    const call = { turn_id: 'turn_1', tool_call_id: 'tool_1', tool_name: 'end_call', tool_type: 'system', event_id: 1 };
    called.conversation.session.send(added('agent', 'Goodbye.', 1));
    called.conversation.session.send(event({ type: 'tool.returned', ...call, result: '', is_error: false }));
    called.conversation.session.close({ kind: 'ended', reason: 'end_call', graceMs: 60_000 });
    expect(await called.client.disconnected).toMatchObject({ reason: 'agent', context: { type: 'end_call' } });
    expect(called.client.messages).toMatchObject([{ message: 'Goodbye.' }]);

    const long = await start();
    await long.conversation.until(() => long.conversation.readies === 1);
    long.conversation.session.send(event({ type: 'conversation.ended', reason: 'max_duration', status: 'done' }));
    long.conversation.session.close({ kind: 'ended', reason: 'max_duration' });
    expect(await long.client.disconnected).toMatchObject({ reason: 'error', context: { type: 'max_duration_exceeded' } });
  });

  it('[WS41] reads every refusal as a code and a reason', async () => {
    server.opening.refusal = {
      ok: false,
      code: 'override_error',
      message: 'agent.first_message is not permitted; allow it in the agent’s overrides.',
    };
    expect(await OfficialClient.refused(way())).toEqual({
      code: 1008,
      reason: 'override_error: agent.first_message is not permitted; allow it in the agent’s overrides.',
      message: 'override_error: agent.first_message is not permitted; allow it in the agent’s overrides.',
    });
    server.opening.refusal = { ok: false, code: 'agent_not_found' };
    const sentence = 'The AI agent you are trying to reach does not exist.';
    expect(await OfficialClient.refused(way())).toEqual({ code: 3000, reason: sentence, message: sentence });
  });

  it('[WS41] brings its authorization as a bearer, and a signed URL as it is', async () => {
    const authorized = await OfficialClient.start({ ...way(), authorization: 'sig.one' });
    expect((await server.opening.asked(0)).request).toMatchObject({ agentId: 'agent_a', signature: 'sig.one' });
    await authorized.end();
    const signed = await OfficialClient.start({
      signedUrl: `${server.origin}/v1/convai/conversation?agent_id=agent_b&conversation_signature=sig.two`,
    });
    expect((await server.opening.asked(1)).request).toMatchObject({ agentId: 'agent_b', signature: 'sig.two', source: 'js_sdk' });
    await signed.end();
  });

  it('[WS42] loses nothing either when everything stands still for longer than the metadata is alone', async () => {
    const stalled = await new SocketServer({
      clock,
      onConnected: () => {
        for (const until = performance.now() + 250; performance.now() < until; );
      },
    }).start();
    const starting = OfficialClient.start({ origin: stalled.origin, agentId: 'agent_a' });
    const conversation = await stalled.opening.asked(0);
    await conversation.until(() => conversation.readies === 1);
    conversation.session.send(added('agent', 'Hello', 1));
    const client = await starting;
    await client.said(1);
    expect(client.messages).toMatchObject([{ message: 'Hello' }]);
    await client.end();
    await stalled.stop();
  });

  it('[WS42] loses nothing that is shown as soon as its session is ready', async () => {
    const sessions = Array.from({ length: 40 }, async () => {
      const client = await OfficialClient.start(way());
      await client.said(1);
      expect(client.messages).toMatchObject([{ message: `Hello ${client.id}` }]);
      await client.end();
    });
    for (let index = 0; index < sessions.length; index++) {
      const conversation = await server.opening.asked(index);
      void conversation
        .until(() => conversation.readies === 1)
        .then(() => conversation.session.send(added('agent', `Hello ${conversation.conversationId}`, 1)));
    }
    await Promise.all(sessions);
  });
});
