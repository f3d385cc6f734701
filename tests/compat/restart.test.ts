import { describe, expect, it } from 'vitest';
import { agentOf, official, proxyTo, serveApart } from '../cases/stage.js';
import { promptText } from '../harness/scripted-model.js';
import { until } from '../harness/until.js';

const agent = agentOf({ firstMessage: 'Parcel service, hello.' });

/** A client of a conversation that a signed URL named, on a server of its own that can be killed. */
async function greeted() {
  const { server, model } = await serveApart();
  const api = await server.api();
  const agentId = await api.createAgent(agent);
  const { signedUrl, conversationId } = await api.mint(agentId, { include_conversation_id: 'true' });
  const proxy = await proxyTo(server.port);
  const client = await official({ signedUrl: proxy.through(signedUrl) });
  await client.said(1);
  await until('the greeting is confirmed', async () => (await api.events(conversationId)).some(({ type }) => type === 'client.confirmed'));
  const rejoin = async () => official({ signedUrl: (await api.mint(agentId, { conversation_id: conversationId })).signedUrl });
  return { server, api, model, proxy, client, conversationId, rejoin };
}

describe('the official client through a restart', () => {
  it('[OC40] killed in mid-reply: the client reads an error, rejoins by a signed URL that names the conversation, and is answered', async () => {
    const { server, api, model, client, conversationId, rejoin } = await greeted();
    const reply = model.nextByHand();
    client.session.sendUserMessage('Where is my parcel?');
    reply.say('Let me ');
    await client.until(() => client.parts.length > 1);
    await server.kill();
    expect(await client.disconnected).toMatchObject({ reason: 'error', closeCode: 1006 });
    await server.restart();
    reply.end();

    const held = await api.send(conversationId, { type: 'agent_message', text: 'We are back.' });
    expect(held).toMatchObject({ http: 202, status: 'accepted', user_state: 'away' });
    const context = await api.send(conversationId, { type: 'contextual_update', text: 'Parcel 4711 is in Graz.' });
    model.next({ tokens: ['It is ', 'in Graz.'] });
    const again = await rejoin();
    expect(again.id).toBe(conversationId);
    await again.line('It is in Graz.');
    await again.line('We are back.');
    const prompt = promptText(model.requests.at(-1));
    expect(prompt).toContain('Parcel 4711 is in Graz.');
    expect(prompt).toContain('user: Where is my parcel?');
    for (const { message_id } of [held, context]) {
      await until('it has its good end', async () =>
        ['spoken', 'applied'].includes((await api.message(conversationId, message_id)).status),
      );
    }
    // What the first client had confirmed is not shown twice.
    expect(again.messages.map(({ message }) => message)).not.toContain('Parcel service, hello.');
    const events = await api.events(conversationId);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.filter((event) => event.type === 'message.added' && event.text === 'Where is my parcel?')).toHaveLength(1);
  });

  it('[OC41] killed with lines that nobody confirmed: they are shown again, whole, with their old event_id', async () => {
    const { server, api, proxy, client, conversationId, rejoin } = await greeted();
    proxy.freeze();
    const { message_id } = await api.send(conversationId, { type: 'agent_message', text: 'Your parcel has arrived.' });
    await server.kill();
    proxy.thaw();
    await client.disconnected;
    await server.restart();
    const again = await rejoin();
    expect(await again.line('Your parcel has arrived.')).toMatchObject({ source: 'ai', event_id: 2 });
    const { timeline } = await until('it is spoken', async () => {
      const now = await api.message(conversationId, message_id);
      return now.status === 'spoken' && now;
    });
    expect(timeline.map(({ level }) => level)).toEqual(['accepted', 'applied', 'spoken']);
    expect(again.messages).toHaveLength(1);
  });

  it('[OC42] stopped by SIGTERM in mid-reply: the reply is finished, the client closed with 1012, and both go on after the start', async () => {
    const { server, api, model, client, conversationId, rejoin } = await greeted();
    const reply = model.nextByHand();
    client.session.sendUserMessage('Where is my parcel?');
    reply.say('In ');
    await client.until(() => client.parts.length > 1);
    const stopped = server.terminate();
    await until('it is stopping', () => server.output.includes('SIGTERM'));
    reply.say('Graz.').end();
    expect(await client.disconnected).toMatchObject({
      reason: 'error',
      closeCode: 1012,
      closeReason: expect.stringMatching(/^server_stopping: .*join again/),
    });
    expect(await stopped).toBe(0);
    expect(client.messages.at(-1)).toMatchObject({ source: 'ai', message: 'In Graz.' });

    await server.restart();
    expect(await api.conversation(conversationId)).toMatchObject({ status: 'in-progress' });
    const again = await rejoin();
    again.session.sendUserMessage('When does it come?');
    await again.until(() => again.messages.at(-1)?.message.startsWith('Answer') ?? false);
    expect(promptText(model.requests.at(-1))).toMatch(/user: Where is my parcel\?\nassistant: In Graz\.\nuser: When does it come\?$/);
  });
});
