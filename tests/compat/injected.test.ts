import { describe, expect, it } from 'vitest';
import { agentOf, official, serveByHand } from '../cases/stage.js';
import { promptText } from '../harness/scripted-model.js';
import { until } from '../harness/until.js';
import { oneServer } from './one-server.js';

const server = oneServer();

/** A client of a new conversation, greeted. */
async function greeted() {
  const { api, origin, model } = server();
  const agentId = await api.createAgent(agentOf({ firstMessage: 'Parcel service, hello.' }));
  const client = await official({ origin, agentId });
  await client.said(1);
  const send = (type: string, text: string, more: object = {}) => api.send(client.id, { type, text, ...more });
  /** The receipt of a message that has come to this. */
  const receipt = (messageId: string, status: string) =>
    until(`it is ${status}`, async () => {
      const now = await api.message(client.id, messageId);
      return now.status === status && now;
    });
  return { api, model, client, send, receipt };
}

const levels = (timeline: readonly { readonly level: string }[]): string[] => timeline.map(({ level }) => level);

describe('what a backend sends while the official client is there', () => {
  it('[OC20] user_message: the client sees the line and the streamed reply; accepted, applied, replied, spoken', async () => {
    const { client, send, receipt } = await greeted();
    const sent = await send('user_message', 'Where is my parcel?', { wait_for: 'replied' });
    expect(sent).toMatchObject({ http: 200, agent_state: 'listening', user_state: 'quiet', reply: { complete: true } });
    await client.said(3);
    const [, line, answer] = client.messages;
    expect(line).toMatchObject({ source: 'user', message: 'Where is my parcel?' });
    expect(answer).toMatchObject({ source: 'ai', message: sent.reply?.text, event_id: sent.reply?.event_id });
    expect(client.parts.map(({ event_id }) => event_id).every((id) => id === answer?.event_id)).toBe(true);
    const { timeline } = await receipt(sent.message_id, 'spoken');
    expect(levels(timeline)).toEqual(['accepted', 'applied', 'replied', 'spoken']);
    expect(timeline.at(-1)).toMatchObject({ basis: 'confirmed', event_id: answer?.event_id });
  });

  it('[OC21] contextual_update: the client sees nothing, the agent knows it from now on; accepted, applied', async () => {
    const { client, model, send, receipt } = await greeted();
    const sent = await send('contextual_update', 'Parcel 4711 is in Graz.', { context_id: 'parcel' });
    expect(sent).toMatchObject({ http: 202, status: 'applied' });
    client.session.sendUserMessage('Where is it?');
    await client.said(2);
    expect(promptText(model.requests.at(-1))).toContain('Parcel 4711 is in Graz.');
    expect(client.messages.map(({ source }) => source)).toEqual(['ai', 'ai']);
    expect(levels((await receipt(sent.message_id, 'applied')).timeline)).toEqual(['accepted', 'applied']);
  });

  it('[OC22] agent_message: one agent_response with its own event_id, without a model; accepted, applied, spoken', async () => {
    const { client, model, send } = await greeted();
    const asked = model.requests.length;
    const sent = await send('agent_message', 'I have your file open.', { wait_for: 'spoken' });
    expect(sent).toMatchObject({ http: 200, status: 'spoken' });
    expect(client.messages).toMatchObject([{ event_id: 1 }, { source: 'ai', message: 'I have your file open.', event_id: 2 }]);
    expect(client.parts).toEqual([]);
    expect(model.requests).toHaveLength(asked);
    const { timeline } = await server().api.message(client.id, sent.message_id);
    expect(levels(timeline)).toEqual(['accepted', 'applied', 'spoken']);
    expect(timeline.at(-1)).toMatchObject({ basis: 'confirmed' });
  });

  it('[OC22] agent_message while a reply streams: after it, never inside of the stream', async () => {
    const { client, model, send, receipt } = await greeted();
    const reply = model.nextByHand();
    client.session.sendUserMessage('Where is my parcel?');
    reply.say('In Graz, ');
    await client.until(() => client.parts.length > 1);
    const sent = await send('agent_message', 'By the way: we close at six.');
    expect(sent).toMatchObject({ http: 202, status: 'accepted', agent_state: 'speaking' });
    reply.say('on a van.').end();
    await client.said(3);
    expect(client.messages.slice(1)).toMatchObject([{ message: 'In Graz, on a van.' }, { message: 'By the way: we close at six.' }]);
    const shown = client.events.map(({ type }) => type).filter((type) => /^agent_/.test(type));
    expect(shown.slice(1)).toEqual([
      ...['agent_chat_response_part', 'agent_chat_response_part', 'agent_chat_response_part', 'agent_response', 'agent_chat_response_part'],
      'agent_response',
    ]);
    await receipt(sent.message_id, 'spoken');
  });

  it('[OC22] agent_message, immediate: cuts a streaming reply, which closes as one agent_response of what was said', async () => {
    const { client, model, send, receipt } = await greeted();
    const reply = model.nextByHand();
    client.session.sendUserMessage('Where is my parcel?');
    reply.say('Let me see, ');
    await client.until(() => client.parts.length > 1);
    const sent = await send('agent_message', 'Stop: fire drill!', { urgency: 'immediate', wait_for: 'spoken' });
    reply.say('it is').end();
    expect(sent).toMatchObject({ http: 200, status: 'spoken' });
    const [, cut, drill] = client.messages;
    expect([cut?.message, drill?.message]).toEqual(['Let me see, ', 'Stop: fire drill!']);
    expect(client.interruptions).toEqual([cut?.event_id]);
    const typed = (await server().api.events(client.id)).find((event) => event.type === 'message.accepted' && event.source === 'client');
    if (typed?.type !== 'message.accepted') throw new Error('What the client typed is not in the log.');
    const { timeline } = await receipt(typed.message_id, 'spoken');
    expect(timeline.slice(-2)).toMatchObject([
      { level: 'replied', complete: false },
      { level: 'spoken', complete: false },
    ]);
  });

  it('[OC22] agent_message while the agent thinks: said at once as its own line, and the reply comes after it', async () => {
    const { client, model, send } = await greeted();
    const asked = model.requests.length;
    const reply = model.nextByHand();
    client.session.sendUserMessage('Where is my parcel?');
    await model.asked(asked + 1);
    expect(await send('agent_message', 'Still looking…', { wait_for: 'spoken' })).toMatchObject({
      status: 'spoken',
      agent_state: 'thinking',
    });
    reply.say('In Graz.').end();
    await client.said(3);
    const [, still, answer] = client.messages;
    expect([still?.message, answer?.message]).toEqual(['Still looking…', 'In Graz.']);
    // The reply had its number first.
    expect(answer?.event_id).toBeLessThan(still?.event_id ?? 0);
    expect(model.requests).toHaveLength(asked + 1);
  });

  it('[OC23] instruction: one reply that follows it, then forgotten; accepted, applied, replied, spoken', async () => {
    const { client, model, send, receipt } = await greeted();
    const sent = await send('instruction', 'Ask for the postcode.', { wait_for: 'replied' });
    expect(sent).toMatchObject({ http: 200, reply: { complete: true } });
    expect(promptText(model.requests.at(-1))).toContain('Ask for the postcode.');
    await client.said(2);
    expect(client.messages[1]).toMatchObject({ source: 'ai', message: sent.reply?.text, event_id: sent.reply?.event_id });
    client.session.sendUserMessage('8010');
    await client.said(3);
    expect(promptText(model.requests.at(-1))).not.toContain('Ask for the postcode.');
    expect(levels((await receipt(sent.message_id, 'spoken')).timeline)).toEqual(['accepted', 'applied', 'replied', 'spoken']);
  });

  it('[OC24] wait_for answers at each level, and the next one that exists where a type has it not', async () => {
    const { client, model, send } = await greeted();
    const reply = model.nextByHand();
    const accepted = await send('user_message', 'One.', { wait_for: 'accepted' });
    expect(accepted).toMatchObject({ http: 202 });
    reply.say('First.').end();
    await client.line('First.');
    expect(await send('user_message', 'Two.', { wait_for: 'delivered' })).toMatchObject({ http: 200 });
    await client.said(5);
    expect(await send('user_message', 'Three.', { wait_for: 'applied' })).toMatchObject({ http: 200 });
    await client.said(7);
    expect(await send('user_message', 'Four.', { wait_for: 'replied' })).toMatchObject({ http: 200, reply: { complete: true } });
    const spoken = await send('user_message', 'Five.', { wait_for: 'spoken' });
    expect(spoken).toMatchObject({ http: 200, status: 'spoken', reply: { complete: true } });
    expect(client.messages.map(({ message }) => message)).toContain(spoken.reply?.text);
    const never = await server().api.post(`/conversations/${client.id}/messages`, {
      type: 'contextual_update',
      text: 'x',
      wait_for: 'spoken',
    });
    expect(never.status).toBe(422);
  });

  it('[OC24] a wait whose time is over answers 202 with the level that was reached, and the message goes on', async () => {
    const { client, model, send, receipt } = await greeted();
    const reply = model.nextByHand();
    const sent = await send('user_message', 'Take your time.', { wait_for: 'replied', timeout_ms: 50 });
    expect(sent).toMatchObject({ http: 202, status: 'applied' });
    reply.say('Done.').end();
    await client.line('Done.');
    await receipt(sent.message_id, 'spoken');
  });

  it('[OC25] a retry with the same key is the same message, shown once, and waits again if asked to', async () => {
    const { api, client, receipt } = await greeted();
    const path = `/conversations/${client.id}/messages`;
    const key = { headers: { 'idempotency-key': 'order-7' } };
    const body = { type: 'agent_message', text: 'Your parcel has arrived.' };
    const [first, second] = await Promise.all([api.post(path, body, key), api.post(path, body, key)]);
    const third = await api.post(path, { ...body, wait_for: 'spoken' }, key);
    expect([first.status, second.status, third.status]).toEqual([202, 202, 200]);
    expect([first, second].filter(({ headers }) => headers.get('idempotent-replayed') === 'true')).toHaveLength(1);
    expect(third.headers.get('idempotent-replayed')).toBe('true');
    const ids = [first, second, third].map(({ body: answer }) => (answer as { message_id: string }).message_id);
    expect(new Set(ids).size).toBe(1);
    expect(third.body).toMatchObject({ status: 'spoken' });
    expect(await api.post(path, { ...body, text: 'Another.' }, key)).toMatchObject({
      status: 422,
      body: { detail: { code: 'idempotency_key_reused' } },
    });
    await receipt(ids[0] ?? '', 'spoken');
    expect(client.messages.filter(({ message }) => message === 'Your parcel has arrived.')).toHaveLength(1);
  });

  it('[OC26] what waits can expire and be cancelled, and is never shown then', async () => {
    const { api, clock, origin, model } = await serveByHand();
    const agentId = await api.createAgent(agentOf({ firstMessage: 'Hello.' }));
    const client = await official({ origin, agentId });
    clock.advance(100);
    await client.said(1);
    const reply = model.nextByHand();
    client.session.sendUserMessage('Tell me a story.');
    reply.say('Once ');
    await client.until(() => client.parts.length > 1);
    const expiring = await api.send(client.id, { type: 'agent_message', text: 'Too late.', expires_in_secs: 1 });
    const cancelled = await api.send(client.id, { type: 'agent_message', text: 'Never mind.' });
    const kept = await api.send(client.id, { type: 'agent_message', text: 'And now this.' });
    const path = (id: string) => `/conversations/${client.id}/messages/${id}`;
    expect(await api.call('DELETE', path(cancelled.message_id))).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect(await api.call('DELETE', path(cancelled.message_id))).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    clock.advance(1_000);
    await until('it has expired', async () => (await api.message(client.id, expiring.message_id)).status === 'expired');
    reply.say('upon a time.').end();
    await client.line('And now this.');
    await until('it is spoken', async () => (await api.message(client.id, kept.message_id)).status === 'spoken');
    expect(await api.call('DELETE', path(kept.message_id))).toMatchObject({ status: 409, body: { detail: { code: 'already_applied' } } });
    expect(client.messages.map(({ message }) => message)).toEqual(['Hello.', 'Once upon a time.', 'And now this.']);
  });
});
