import { postOverallFeedback } from '@elevenlabs/client';
import { describe, expect, it } from 'vitest';
import { agentOf, official } from '../cases/stage.js';
import { promptText } from '../harness/scripted-model.js';
import { until } from '../harness/until.js';
import { oneServer } from './one-server.js';

type Entry = {
  readonly role: string;
  readonly message: string;
  readonly interrupted: boolean;
  readonly feedback: { readonly score: string } | null;
  readonly contextual_update_info?: { readonly context_id: string; readonly is_superseded: boolean };
};
type Talk = { readonly transcript: readonly Entry[] };

const server = oneServer();

/** A client of a new conversation, greeted. */
async function greeted() {
  const { api, origin, model } = server();
  const agentId = await api.createAgent(agentOf({ firstMessage: 'Parcel service, hello.' }));
  const client = await official({ origin, agentId });
  await client.said(1);
  return { api, model, client };
}

const lines = async (id: string): Promise<string[]> =>
  (await server().api.conversation<Talk>(id)).transcript.map(({ role, message }) => `${role}: ${message}`);

describe('talking with the official client', () => {
  it('[OC10] answers what is typed: parts as they come, then exactly one agent_response, all with one event_id', async () => {
    const { model, client } = await greeted();
    const reply = model.nextByHand();
    client.session.sendUserMessage('Where is my parcel?');
    reply.say('In ', 'Graz, ');
    await client.until(() => client.parts.map(({ text }) => text).join('') === 'In Graz, ');
    expect(client.messages).toHaveLength(1);
    reply.say('on a van.').end();
    await client.said(2);
    await client.until(() => client.parts.at(-1)?.type === 'stop');

    const answer = client.messages[1];
    expect(answer).toMatchObject({ source: 'ai', message: 'In Graz, on a van.' });
    expect(client.parts.map(({ type }) => type)).toEqual(['start', 'delta', 'delta', 'delta', 'stop']);
    expect(client.parts.map(({ text }) => text).join('')).toBe(answer?.message);
    expect(new Set(client.parts.map(({ event_id }) => event_id))).toEqual(new Set([answer?.event_id]));
    expect(client.messages).toHaveLength(2);
    expect(await lines(client.id)).toEqual(['agent: Parcel service, hello.', 'user: Where is my parcel?', 'agent: In Graz, on a van.']);
    expect(client.errors).toEqual([]);
  });

  it('[OC11] takes everything that can be sent before a reply, also before the greeting', async () => {
    const { api, origin, model } = server();
    const agentId = await api.createAgent(agentOf({ firstMessage: 'Parcel service, hello.' }));
    const client = await official({ origin, agentId });
    client.session.sendUserActivity();
    client.session.sendContextualUpdate('Customer is Ada.', { contextId: 'customer' });
    client.session.sendContextualUpdate('The shop is closed.');
    client.session.sendUserMessage('Who am I?');
    await client.said(2);
    expect(client.messages[0]).toMatchObject({ message: 'Parcel service, hello.', event_id: 1 });
    const prompt = promptText(model.requests.at(-1));
    for (const text of ['Customer is Ada.', 'The shop is closed.']) expect(prompt).toContain(text);
    expect(prompt).toMatch(/assistant: Parcel service, hello\.\nuser: Who am I\?$/);
    expect(client.events.map(({ type }) => type)).not.toContain('client_error');
  });

  it('[OC11] takes everything that can be sent during a reply: a context and activity leave it alone, a message cuts it', async () => {
    const { model, client } = await greeted();
    const reply = model.nextByHand();
    client.session.sendUserMessage('Tell me a long story.');
    reply.say('Once there was ');
    await client.until(() => client.parts.length > 1);
    client.session.sendContextualUpdate('The user looks bored.');
    client.session.sendUserActivity();
    reply.say('a parcel. ');
    await client.until(() => client.parts.map(({ text }) => text).join('') === 'Once there was a parcel. ');
    expect(client.interruptions).toEqual([]);

    client.session.sendUserMessage('Shorter, please.');
    await client.until(() => client.interruptions.length === 1);
    reply.say('It went on.', ' And on.').end();
    await client.said(3);
    const [, cut, answer] = client.messages;
    expect(cut).toMatchObject({ source: 'ai', message: 'Once there was a parcel. ' });
    expect(client.interruptions).toEqual([cut?.event_id]);
    expect(answer?.event_id).toBeGreaterThan(cut?.event_id ?? 0);

    // Nothing of the old reply comes behind its interruption.
    const interruptedAt = client.events.findIndex(({ type }) => type === 'interruption');
    const stale = client.events.slice(interruptedAt + 1).filter(({ type, text_response_part: part }) => {
      return type === 'agent_chat_response_part' && (part as { event_id: number }).event_id === cut?.event_id;
    });
    expect(stale).toEqual([]);
    expect(client.messages.filter(({ event_id }) => event_id === cut?.event_id)).toHaveLength(1);
    const prompt = promptText(model.requests.at(-1));
    expect(prompt).toContain('The user looks bored.');
    expect(prompt).toMatch(/assistant: Once there was a parcel\. *\nuser: Shorter, please\.$/);
    const { transcript } = await server().api.conversation<Talk>(client.id);
    expect(transcript.filter(({ interrupted }) => interrupted)).toMatchObject([{ message: 'Once there was a parcel. ' }]);
  });

  it('[OC11] takes everything that can be sent after a reply, and the next reply knows it', async () => {
    const { model, client } = await greeted();
    client.session.sendUserMessage('One.');
    await client.said(2);
    client.session.sendContextualUpdate('Step: cart', { contextId: 'page' });
    client.session.sendContextualUpdate('Step: payment', { contextId: 'page' });
    client.session.sendUserActivity();
    const asked = model.requests.length;
    client.session.sendUserMessage('Two.');
    await client.said(3);
    expect(model.requests).toHaveLength(asked + 1);
    const prompt = promptText(model.requests.at(-1));
    expect(prompt).toContain('Step: payment');
    expect(prompt).not.toContain('Step: cart');
    const { transcript } = await server().api.conversation<Talk>(client.id);
    expect(
      transcript.flatMap(({ message, contextual_update_info }) => (contextual_update_info ? [{ message, ...contextual_update_info }] : [])),
    ).toEqual([
      { message: 'Step: cart', context_id: 'page', is_superseded: true },
      { message: 'Step: payment', context_id: 'page', is_superseded: false },
    ]);
  });

  it('[OC12] restarts a reply that has said nothing yet, without a frame, so that one answers both lines', async () => {
    const { model, client } = await greeted();
    const asked = model.requests.length;
    const wordless = model.nextByHand();
    client.session.sendUserMessage('Where is');
    await model.asked(asked + 1);
    client.session.sendUserMessage('my parcel?');
    await client.said(2);
    wordless.say('Too late.').end();
    expect(promptText(model.requests.at(-1))).toMatch(/user: Where is\nmy parcel\?$/);
    expect(client.interruptions).toEqual([]);
    expect(client.parts.filter(({ type }) => type === 'start')).toHaveLength(1);
    expect(await lines(client.id)).toEqual([
      'agent: Parcel service, hello.',
      'user: Where is',
      'user: my parcel?',
      `agent: ${client.messages[1]?.message}`,
    ]);
  });

  it('[OC13] never shows what the client typed itself, and takes the text of a multimodal message', async () => {
    const { client } = await greeted();
    client.session.sendUserMessage('Typed.');
    await client.said(2);
    client.session.sendMultimodalMessage({ text: 'Typed with a picture.' });
    await client.said(3);
    expect(client.messages.filter(({ source }) => source === 'user')).toEqual([]);
    expect((await lines(client.id)).filter((line) => line.startsWith('user:'))).toEqual(['user: Typed.', 'user: Typed with a picture.']);
  });

  it('[OC14] keeps feedback: on a line by the session, on the whole by the exported call, also taken back and after the end', async () => {
    const { api, client } = await greeted();
    client.session.sendUserMessage('Good?');
    await client.said(2);
    const [first, second] = client.messages;
    client.session.sendFeedback(false, first?.event_id);
    client.session.sendFeedback(true);
    type Feedback = Talk & { readonly metadata: { readonly feedback: object | null } };
    const seen = (likes: number, dislikes: number) =>
      until(`${likes} likes and ${dislikes} dislikes`, async () => {
        const conversation = await api.conversation<Feedback>(client.id);
        const scores = conversation.transcript.map(({ feedback }) => feedback?.score);
        const count = (score: string) => scores.filter((each) => each === score).length;
        return count('like') === likes && count('dislike') === dislikes && conversation;
      });
    const { transcript } = await seen(1, 1);
    expect(transcript.find(({ message }) => message === second?.message)).toMatchObject({ feedback: { score: 'like' } });
    client.session.sendFeedback(null, first?.event_id);
    await seen(1, 0);
    // For a line that never was: no error, no end.
    client.session.sendFeedback(true, 99);

    expect((await postOverallFeedback(client.id, true, server().url)).status).toBe(200);
    await client.end();
    expect((await postOverallFeedback(client.id, { rating: 4, comment: 'Fine.' }, server().url)).status).toBe(200);
    const rated = await until('the comment is there', async () => {
      const { metadata } = await api.conversation<Feedback>(client.id);
      return JSON.stringify(metadata.feedback).includes('Fine.') && metadata.feedback;
    });
    expect(rated).toMatchObject({ overall_score: 'like', rating: 4, comment: 'Fine.', likes: 1, dislikes: 0 });
    expect(client.errors).toEqual([]);
  });

  it('[OC15] tells what it cannot take as a client_error, and the session goes on', async () => {
    const { client } = await greeted();
    client.session.sendUserMessage('x'.repeat(16_385));
    const notice = await client.event('client_error');
    expect(notice).toMatchObject({ error_event: { error_name: 'text_too_long', message: expect.stringContaining('16384') } });
    expect(client.errors).toEqual([]);
    client.session.sendUserMessage('Shorter.');
    expect((await client.said(2))[1]).toMatchObject({ source: 'ai' });
  });
});
