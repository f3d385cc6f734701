import { describe, expect, it } from 'vitest';
import type { OfficialClient } from '../compat/official-client.js';
import type { Api, Sent, Timeline } from '../harness/api.js';
import { count } from '../harness/counts.js';
import { promptText } from '../harness/scripted-model.js';
import type { TestServer } from '../harness/start-server.js';
import { ToldReply } from '../harness/told-reply.js';
import { until } from '../harness/until.js';
import { agentOf, FIRST_MOMENT_MS, official, serve, serveByHand } from './stage.js';

/** Every type at each urgency it has. */
const KINDS = [
  { type: 'user_message', urgency: 'immediate' },
  { type: 'user_message', urgency: 'soon' },
  { type: 'user_message', urgency: 'later' },
  { type: 'contextual_update', urgency: 'later' },
  { type: 'agent_message', urgency: 'immediate' },
  { type: 'agent_message', urgency: 'soon' },
  { type: 'instruction', urgency: 'immediate' },
  { type: 'instruction', urgency: 'soon' },
  { type: 'instruction', urgency: 'later' },
] as const;

async function talking(server: TestServer): Promise<{ client: OfficialClient; id: string }> {
  const agentId = await server.api.createAgent(agentOf());
  const client = await official({ origin: server.origin, agentId });
  return { client, id: client.id };
}

type Line = { readonly role: string; readonly message: string | null };

/** The receipts, once nothing can follow in any of them: a message's last event says so. */
async function ended(api: Api, id: string, sent: readonly Sent[]): Promise<Timeline[]> {
  await until('every message has its end', async () => {
    const over = new Set(
      (await api.events(id)).flatMap((event) => (event.type === 'message.level' && event.final ? event.message_id : [])),
    );
    return sent.every(({ message_id }) => over.has(message_id));
  });
  return Promise.all(sent.map(({ message_id }) => api.message(id, message_id)));
}

describe('an agent that is busy', () => {
  it.each(Array.from({ length: count(2, 40) }, (_, seed) => seed))(
    '[CA3] loses nothing of what is sent while it thinks and while it speaks (order %i)',
    async (seed) => {
      const server = await serve();
      const { api, model } = server;
      const { client, id } = await talking(server);
      const thinking = model.nextByHand();
      client.session.sendUserMessage('What is going on?');
      await model.asked(1);

      const sent: Sent[] = [];
      const texts: { text: string; type: string }[] = [];
      const send = async (phase: string): Promise<void> => {
        for (const [at, kind] of shuffled([...KINDS, ...KINDS], seed).entries()) {
          const text = `${phase} ${at} ${kind.type} ${kind.urgency};`;
          const answer = await api.send(id, { ...kind, text });
          expect(answer).toMatchObject({ http: 202, seq: expect.any(Number) });
          sent.push(answer);
          texts.push({ text, type: kind.type });
        }
      };
      // Whoever cuts a reply gets one that stands still as well, until all has been sent.
      let speaks = false;
      const told = [thinking];
      model.otherwise(() => {
        const reply = new ToldReply();
        told.push(reply);
        return { told: speaks ? reply.say('Let me see. ') : reply };
      });
      await send('thinking');
      speaks = true;
      for (const reply of told) reply.say('Let me see. ');
      await client.until(() => client.parts.some(({ type }) => type === 'delta'));
      await send('speaking');
      model.otherwise((_request, index) => ({ tokens: [`Answer ${index}.`] }));
      for (const reply of told) reply.say('Done.').end();

      // An instruction for the next prompt waits for one, however long that takes.
      await api.send(id, { type: 'user_message', text: 'And now?', wait_for: 'replied' });
      const receipts = await ended(api, id, sent);
      for (const receipt of receipts) expect(['applied', 'spoken']).toContain(receipt.status);
      const { transcript } = await api.conversation<{ transcript: Line[] }>(id);
      const prompt = promptText(model.requests.at(-1));
      for (const { text, type } of texts) {
        const lines = transcript.filter(({ message }) => message === text);
        const shown = client.messages.filter(({ message }) => message === text);
        if (type === 'user_message') expect([lines.length, shown.length, prompt.split(text).length - 1], text).toEqual([1, 1, 1]);
        if (type === 'agent_message') expect([lines.length, shown.length, prompt.split(text).length - 1], text).toEqual([1, 1, 1]);
        if (type === 'contextual_update') expect(prompt.split(text).length - 1, text).toBe(1);
        if (type === 'instruction')
          expect(
            model.requests.some((request) => promptText(request).includes(text)),
            text,
          ).toBe(true);
      }
    },
  );

  it('[CA4] takes a hundred that wait, refuses the next with the time to retry, and brings the hundred to a good end', async () => {
    const server = await serve();
    const { api, model } = server;
    const { client, id } = await talking(server);
    const reply = model.nextByHand();
    client.session.sendUserMessage('Tell me everything.');
    await model.asked(1);
    reply.say('Well, ');
    await client.until(() => client.parts.length > 1);
    const sent: Sent[] = [];
    for (let at = 0; at < 100; at++)
      sent.push(await api.send(id, { type: 'user_message', text: `Line ${at}.`, urgency: at % 2 ? 'soon' : 'later' }));
    const refused = await api.post(`/conversations/${id}/messages`, { type: 'user_message', text: 'One too many.' });
    expect(refused).toMatchObject({ status: 429, body: { detail: { code: 'too_many_waiting', type: 'rate_limit_error' } } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    reply.end();

    const receipts = await ended(api, id, sent);
    expect(receipts.map(({ status }, at) => (at % 2 ? status === 'spoken' : status === 'applied'))).not.toContain(false);
    expect(await api.send(id, { type: 'user_message', text: 'One more.', wait_for: 'replied' })).toMatchObject({ status: 'replied' });
    const prompt = promptText(model.requests.at(-1));
    for (let at = 0; at < 100; at++) expect(prompt.split(`Line ${at}.`)).toHaveLength(2);
    expect(prompt).not.toContain('One too many.');
  });

  it('[CA5] says a line at once while it thinks, before the answer and at no cost to it', async () => {
    const server = await serve();
    const { api, model } = server;
    const { client, id } = await talking(server);
    const reply = model.nextByHand();
    const question = await api.send(id, { type: 'user_message', text: 'Where is my parcel?' });
    await model.asked(1);
    for (const [at, urgency] of (['soon', 'immediate'] as const).entries()) {
      const line = await api.send(id, { type: 'agent_message', text: `Still looking, ${at}…`, urgency, wait_for: 'spoken' });
      expect(line).toMatchObject({ http: 200, status: 'spoken' });
      expect(client.messages.at(-1)).toMatchObject({ source: 'ai', message: `Still looking, ${at}…` });
    }
    expect(client.parts).toEqual([]);
    reply.say('It is ', 'in Bremen.');
    reply.end();
    await client.until(() => client.messages.some(({ message }) => message === 'It is in Bremen.'));

    expect(client.messages.map(({ source, message, event_id }) => [source, message, event_id])).toEqual([
      ['user', 'Where is my parcel?', 1],
      ['ai', 'Still looking, 0…', 3],
      ['ai', 'Still looking, 1…', 4],
      ['ai', 'It is in Bremen.', 2],
    ]);
    expect(client.parts.map(({ type, event_id }) => [type, event_id])).toEqual([
      ['start', 2],
      ['delta', 2],
      ['delta', 2],
      ['stop', 2],
    ]);
    expect([model.requests.length, model.hungUp]).toEqual([1, 0]);
    expect(await api.message(id, question.message_id)).toMatchObject({ reply: { text: 'It is in Bremen.', complete: true } });
  });

  it('[CA6] runs a protected reply to its end, and answers what came in meanwhile with one reply afterwards', async () => {
    const server = await serveByHand();
    const { api, model, clock } = server;
    const { client, id } = await talking(server);
    clock.advance(FIRST_MOMENT_MS);
    const story = model.nextByHand();
    await api.send(id, { type: 'user_message', text: 'Tell me a long story.', interruptible: false });
    await model.asked(1);
    story.say('Once upon a time ');
    await client.until(() => client.parts.some(({ type }) => type === 'delta'));

    client.session.sendUserMessage('And then?');
    await until('the typed line has come in', async () =>
      (await api.events(id)).some((event) => event.type === 'message.accepted' && event.text === 'And then?'),
    );
    const immediate = await api.send(id, { type: 'user_message', text: 'Stop it now.', urgency: 'immediate' });
    const soon = await api.send(id, { type: 'user_message', text: 'What about my parcel?', urgency: 'soon' });
    const line = await api.send(id, { type: 'agent_message', text: 'A word from us.', urgency: 'immediate' });
    await api.send(id, { type: 'contextual_update', text: 'The user is eight years old.' });
    expect([immediate.downgraded, soon.downgraded, line.downgraded]).toEqual([true, undefined, true]);
    story.say('there was a parcel.');
    story.end();
    await client.until(() => client.messages.at(-1)?.message === 'Answer 2.');

    // Its own typed line is not shown to it again.
    expect(client.messages.map(({ source, message }) => `${source}: ${message}`)).toEqual([
      'user: Tell me a long story.',
      'ai: Once upon a time there was a parcel.',
      'user: Stop it now.',
      'user: What about my parcel?',
      'ai: A word from us.',
      'ai: Answer 2.',
    ]);
    expect([model.requests.length, model.hungUp]).toEqual([2, 0]);
    expect(client.events.filter(({ type }) => type === 'interruption')).toEqual([]);
    const prompt = promptText(model.requests[1]);
    expect(prompt).toContain('The user is eight years old.');
    expect(prompt).toMatch(/user: And then\?\nStop it now\.\nWhat about my parcel\?$/);
    const receipts = await ended(api, id, [immediate, soon, line]);
    expect(receipts.map(({ status }) => status)).toEqual(['spoken', 'spoken', 'spoken']);
    expect(receipts[0]?.reply?.event_id).toBe(receipts[1]?.reply?.event_id);
  });
});

/** The same order for the same seed (a linear congruential generator, which is random enough here). */
function shuffled<T>(list: readonly T[], seed: number): T[] {
  let state = seed + 1;
  const random = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
  return list
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
