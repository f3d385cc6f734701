import { describe, expect, it } from 'vitest';
import { agentOf, official, raw, serveByHand } from '../cases/stage.js';
import { passTime } from '../harness/pass-time.js';
import { until } from '../harness/until.js';
import { oneServer } from './one-server.js';

type Ended = { readonly status: string; readonly metadata: { readonly termination_reason: string | null } };

const server = oneServer();

/** A client of a new conversation, greeted. */
async function greeted(more: { readonly endCall?: boolean } = {}) {
  const { api, origin, model } = server();
  const agentId = await api.createAgent(agentOf({ firstMessage: 'Hello.', ...more }));
  const client = await official({ origin, agentId });
  await client.said(1);
  return { api, model, client };
}

const ended = (id: string): Promise<Ended> =>
  until('it has ended', async () => {
    const conversation = await server().api.conversation<Ended>(id);
    return conversation.status !== 'in-progress' && conversation;
  });

describe('how a conversation with the official client ends', () => {
  it('[OC30] by endSession: done, client_left; then a message is refused with 410 and when it ended', async () => {
    const { api, client } = await greeted();
    expect(await client.end()).toEqual({ reason: 'user' });
    expect(await ended(client.id)).toMatchObject({ status: 'done', metadata: { termination_reason: 'client_left' } });
    const { status, body } = await api.post(`/conversations/${client.id}/messages`, { type: 'agent_message', text: 'Too late.' });
    const seq = (await api.events(client.id)).at(-1)?.seq;
    expect({ status, body }).toMatchObject({
      status: 410,
      body: { detail: { code: 'conversation_ended', ended_at: expect.stringMatching(/^\d{4}-/), reason: 'client_left', last_seq: seq } },
    });
  });

  it('[OC30] by endSession in mid-reply: what was said stays, what waited ends undeliverable', async () => {
    const { api, model, client } = await greeted();
    const reply = model.nextByHand();
    client.session.sendUserMessage('Tell me a story.');
    reply.say('Once upon ');
    await client.until(() => client.parts.length > 1);
    const waiting = await api.send(client.id, { type: 'agent_message', text: 'By the way.' });
    await client.end();
    await ended(client.id);
    expect(await api.message(client.id, waiting.message_id)).toMatchObject({ status: 'undeliverable', reason: 'conversation_ended' });
    const lines = (await api.events(client.id)).flatMap((event) => (event.type === 'message.added' ? [event] : []));
    expect(lines.at(-1)).toMatchObject({ role: 'agent', text: 'Once upon ', interrupted: true });
    reply.end();
  });

  it('[OC31] by the backend: its message is shown, then onDisconnect says agent, 1000 and why', async () => {
    const { api, client } = await greeted();
    const answer = await api.end(client.id, { message: 'We close now. Goodbye!' });
    expect(await client.disconnected).toMatchObject({ reason: 'agent', closeCode: 1000, closeReason: 'ended by the backend' });
    expect(client.messages.at(-1)).toMatchObject({ source: 'ai', message: 'We close now. Goodbye!' });
    expect(answer).toMatchObject({ status: 200, body: { conversation_id: client.id, status: 'done', reason: 'ended_by_api' } });
    expect(await api.end(client.id, { message: 'Again.' })).toMatchObject({ status: 200, body: answer.body as object });
    expect(await ended(client.id)).toMatchObject({ status: 'done', metadata: { termination_reason: 'ended_by_api' } });
  });

  it('[OC31] by the backend in mid-reply: the stream closes whole, with its interruption, before the goodbye', async () => {
    const { api, model, client } = await greeted();
    const reply = model.nextByHand();
    client.session.sendUserMessage('Tell me a story.');
    reply.say('Once upon ');
    await client.until(() => client.parts.length > 1);
    await api.end(client.id, { message: 'Goodbye!' });
    await client.disconnected;
    const shown = client.events.map(({ type }) => type).filter((type) => type !== 'ping');
    expect(shown.slice(-4)).toEqual(['agent_response', 'agent_chat_response_part', 'interruption', 'agent_response']);
    expect(client.messages.map(({ message }) => message)).toEqual(['Hello.', 'Once upon ', 'Goodbye!']);
    reply.end();
  });

  it('[OC32] by the agent: the farewell comes first, then the end_call response, at which the client closes by itself', async () => {
    const { model, client } = await greeted({ endCall: true });
    const call = { id: 'call_1', name: 'end_call', pieces: ['{"reason":"asked to",', '"message":"Unused."}'] };
    model.next({ tokens: ['Goodbye', ', Ada!'], toolCalls: [call] });
    client.session.sendUserMessage('Please hang up.');
    expect(await client.disconnected).toMatchObject({ reason: 'agent', context: { type: 'end_call' } });
    expect(client.messages.at(-1)).toMatchObject({ source: 'ai', message: 'Goodbye, Ada!' });
    const types = client.events.map(({ type }) => type);
    expect(types.indexOf('agent_tool_response')).toBeGreaterThan(types.lastIndexOf('agent_response'));
    expect(await ended(client.id)).toMatchObject({ status: 'done', metadata: { termination_reason: 'end_call' } });
    expect(client.errors).toEqual([]);
  });

  it('[OC32] by the agent without a word: the message that its call carries is the farewell', async () => {
    const { model, client } = await greeted({ endCall: true });
    model.next({ toolCalls: [{ id: 'call_1', name: 'end_call', pieces: ['{"reason":"done","message":"Take care!"}'] }] });
    client.session.sendUserMessage('Bye.');
    expect(await client.disconnected).toMatchObject({ reason: 'agent', context: { type: 'end_call' } });
    expect(client.messages.at(-1)).toMatchObject({ message: 'Take care!' });
  });

  it('[OC32] by the agent, with a client that does not close by itself: we do, a second later', async () => {
    const { api, clock, origin, model } = await serveByHand();
    const agentId = await api.createAgent(agentOf({ endCall: true }));
    const client = await raw(`${origin}/v1/convai/conversation?agent_id=${agentId}`);
    client.init();
    expect((await client.next()).type).toBe('conversation_initiation_metadata');
    clock.advance(100);
    model.next({ tokens: ['Goodbye!'], toolCalls: [{ id: 'call_1', name: 'end_call', pieces: ['{"reason":"done"}'] }] });
    client.send({ type: 'user_message', text: 'Bye.' });
    const told = until('the call is told', () => client.frames.find(({ type }) => type === 'agent_tool_response'));
    expect(await passTime(clock, told)).toMatchObject({
      agent_tool_response: { tool_name: 'end_call', tool_type: 'system', is_error: false, is_called: true, event_id: expect.any(Number) },
    });
    expect(client.frames.findLast(({ type }) => type === 'agent_response')).toMatchObject({
      agent_response_event: { agent_response: 'Goodbye!' },
    });
    expect(await passTime(clock, client.closed)).toEqual({ code: 1000, reason: 'ended by the agent' });
  });

  it('[OC33] by its maximum duration: the agent’s words for it, then max_duration_exceeded', async () => {
    const { api, clock, origin } = await serveByHand();
    const agent = agentOf({});
    const { agent: speaker } = agent.conversation_config;
    const agentId = await api.createAgent({
      ...agent,
      conversation_config: {
        agent: { ...speaker, max_conversation_duration_message: 'Our time is over.' },
        conversation: { text_only: true, max_duration_seconds: 60 },
      },
    });
    const client = await official({ origin, agentId });
    clock.advance(100);
    await until('it is ready', async () => (await api.send(client.id, { type: 'contextual_update', text: 'x' })).status === 'applied');
    clock.advance(60_000);
    expect(await passTime(clock, client.disconnected)).toMatchObject({ reason: 'error', context: { type: 'max_duration_exceeded' } });
    expect(client.messages.at(-1)).toMatchObject({ source: 'ai', message: 'Our time is over.' });
    const conversation = await passTime(
      clock,
      until('it has ended', async () => {
        const now = await api.conversation<Ended>(client.id);
        return now.status === 'done' && now;
      }),
    );
    expect(conversation).toMatchObject({ metadata: { termination_reason: 'max_duration' } });
  });

  it('[OC34] by DELETE: the client is closed, and the conversation never was', async () => {
    const { api, client } = await greeted();
    expect(await api.call('DELETE', `/conversations/${client.id}`)).toMatchObject({ status: 200, body: {} });
    expect(await client.disconnected).toMatchObject({ reason: 'agent', closeCode: 1000, closeReason: 'deleted' });
    expect(await api.get(`/conversations/${client.id}`)).toMatchObject({
      status: 404,
      body: { detail: { code: 'conversation_not_found' } },
    });
    const late = await api.post(`/conversations/${client.id}/messages`, { type: 'agent_message', text: 'x' });
    expect(late).toMatchObject({ status: 404, body: { detail: { code: 'conversation_not_found' } } });
    expect((await api.list()).map(({ conversation_id }) => conversation_id)).not.toContain(client.id);
  });

  it('[OC35] a backend’s conversation outlives its client, and is ended by the backend', async () => {
    const { api } = server();
    const agentId = await api.createAgent(agentOf({}));
    const id = await api.open(agentId);
    const client = await official({ signedUrl: (await api.mint(agentId, { conversation_id: id })).signedUrl });
    await client.end();
    await until('the client is away', async () => (await api.send(id, { type: 'contextual_update', text: 'x' })).user_state === 'away');
    expect(await api.send(id, { type: 'user_message', text: 'Still there?', wait_for: 'replied' })).toMatchObject({ http: 200 });
    expect(await api.end(id)).toMatchObject({ status: 200, body: { reason: 'ended_by_api' } });
  });
});
