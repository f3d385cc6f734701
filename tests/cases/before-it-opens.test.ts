import { describe, expect, it } from 'vitest';
import { promptText } from '../harness/scripted-model.js';
import { until } from '../harness/until.js';
import { agentOf, FIRST_MOMENT_MS, official, serveByHand } from './stage.js';

const MESSAGES = [
  { type: 'contextual_update', text: 'Customer is Ada, parcel 4711 is late' },
  { type: 'agent_message', text: 'I have your file open.' },
  { type: 'user_message', text: 'Where is my parcel?' },
] as const;

async function mintAndSend() {
  const server = await serveByHand();
  const { api } = server;
  const agent = await api.createAgent(agentOf({ firstMessage: 'Parcel service, hello.' }));
  const { signedUrl, conversationId } = await api.mint(agent, { include_conversation_id: 'true', user_id: 'u1' });
  const sent = [];
  for (const message of MESSAGES) sent.push(await api.send(conversationId, message));
  return { server, signedUrl, conversationId, sent };
}

describe('a conversation that has only just been created', () => {
  it('[CA1] holds what is sent to it, and lets it act in order when its client comes', async () => {
    const { server, signedUrl, conversationId, sent } = await mintAndSend();
    const { api, model, clock } = server;
    for (const answer of sent)
      expect(answer).toMatchObject({ http: 202, status: 'accepted', agent_state: 'listening', user_state: 'away' });
    model.next({ tokens: ['Ada, parcel 4711', ' comes tomorrow.'] });

    const client = await official({ signedUrl });
    expect(client.id).toBe(conversationId);
    clock.advance(FIRST_MOMENT_MS);
    await client.said(4);
    expect(client.messages).toMatchObject([
      { source: 'ai', message: 'Parcel service, hello.', event_id: 1 },
      { source: 'ai', message: 'I have your file open.', event_id: 2 },
      { source: 'user', message: 'Where is my parcel?', event_id: 3 },
      { source: 'ai', message: 'Ada, parcel 4711 comes tomorrow.', event_id: 4 },
    ]);
    expect(model.requests).toHaveLength(1);
    expect(promptText(model.requests[0])).toMatch(/^system: [\s\S]*parcel 4711 is late[\s\S]*user: Where is my parcel\?$/);

    const [context, line, question] = sent.map(({ message_id }) => message_id);
    const receipt = await until('the question is spoken', async () => {
      const now = await api.message(conversationId, question ?? '');
      return now.status === 'spoken' && now;
    });
    expect(receipt.timeline.map(({ level }) => level)).toEqual(['accepted', 'applied', 'replied', 'spoken']);
    expect(receipt.timeline.at(-1)).toMatchObject({ event_id: 4, basis: 'confirmed' });
    expect(receipt.reply).toMatchObject({ text: 'Ada, parcel 4711 comes tomorrow.', event_id: 4, complete: true });
    expect(await api.message(conversationId, line ?? '')).toMatchObject({ status: 'spoken' });

    const greeted = (await api.events(conversationId)).find((event) => event.type === 'message.added' && event.source === 'greeting');
    const applied = (await api.message(conversationId, context ?? '')).timeline.find(({ level }) => level === 'applied');
    expect(applied?.seq).toBeLessThan(greeted?.seq ?? 0);
    expect(await api.conversation(conversationId)).toMatchObject({ status: 'in-progress', user_id: 'u1', user_id_verified: true });
  });

  it('[CA2] ends what was held as undeliverable, and itself as failed, when nobody comes in time', async () => {
    const { server, conversationId, sent } = await mintAndSend();
    const { api, clock } = server;
    clock.advance(15 * 60_000 - 1);
    expect(await api.conversation(conversationId)).toMatchObject({ status: 'initiated' });
    clock.advance(1);
    await until('it has failed', async () => (await api.conversation<{ status: string }>(conversationId)).status === 'failed');
    expect((await api.events(conversationId)).at(-1)).toMatchObject({
      type: 'conversation.ended',
      reason: 'never_opened',
      status: 'failed',
    });
    for (const { message_id } of sent) {
      expect(await api.message(conversationId, message_id)).toMatchObject({ status: 'undeliverable', reason: 'conversation_ended' });
    }
    const late = await api.post(`/conversations/${conversationId}/messages`, MESSAGES[2]);
    expect(late).toMatchObject({ status: 410, body: { detail: { code: 'conversation_ended', reason: 'never_opened' } } });
  });
});
