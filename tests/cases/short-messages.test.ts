import { describe, expect, it } from 'vitest';
import type { OfficialClient } from '../compat/official-client.js';
import type { Sent } from '../harness/api.js';
import { promptText, type ScriptedModel } from '../harness/scripted-model.js';
import { until } from '../harness/until.js';
import { agentOf, FIRST_MOMENT_MS, joined, official, serveByHand, socketOf } from './stage.js';

const THOUGHT = ['Hi!', 'I ordered a lamp,', 'but a cup came.'];

async function talking() {
  const server = await serveByHand();
  const agentId = await server.api.createAgent(agentOf());
  const client = await official({ origin: server.origin, agentId });
  server.clock.advance(FIRST_MOMENT_MS);
  return { ...server, client, id: client.id };
}

/** The model thinks until the test lets it answer. */
const thinks = (model: ScriptedModel, replies: number) => Array.from({ length: replies }, () => model.nextByHand());
const answered = (client: OfficialClient, text: string): Promise<void> => client.until(() => client.messages.at(-1)?.message === text);

describe('one thought in several short messages', () => {
  it('[CA11] is answered once when it is typed, and the replies that were given up leave no trace with the client', async () => {
    const { client, model, clock, api, id } = await talking();
    const replies = thinks(model, 3);
    for (const [at, text] of THOUGHT.entries()) {
      client.session.sendUserMessage(text);
      await model.asked(at + 1);
      clock.advance(300);
    }
    for (const reply of replies) reply.say('So you have a cup.').end();
    await answered(client, 'So you have a cup.');

    expect(client.messages).toHaveLength(1);
    expect(client.parts.map(({ type }) => type)).toEqual(['start', 'delta', 'stop']);
    expect(new Set(client.parts.map(({ event_id }) => event_id))).toEqual(new Set([client.messages[0]?.event_id]));
    expect(client.events.map(({ type }) => type).filter((type) => type === 'interruption' || type === 'agent_response_correction')).toEqual(
      [],
    );
    expect(promptText(model.requests[2])).toMatch(/user: Hi!\nI ordered a lamp,\nbut a cup came\.$/);
    const { transcript } = await api.conversation<{ transcript: { role: string; message: string }[] }>(id);
    expect(transcript.map(({ role, message }) => `${role}: ${message}`)).toEqual([
      ...THOUGHT.map((text) => `user: ${text}`),
      'agent: So you have a cup.',
    ]);
  });

  it('[CA12] restarts a due reply once when it is sent as soon, and what comes later gets the next reply', async () => {
    const { client, model, api, id } = await talking();
    const replies = thinks(model, 2);
    const sent: Sent[] = [];
    for (const [at, text] of THOUGHT.entries()) {
      sent.push(await api.send(id, { type: 'user_message', text, urgency: 'soon' }));
      if (at < 2) await model.asked(at + 1);
    }
    model.next({ tokens: ['A cup, then.'] });
    for (const reply of replies) reply.say('A lamp.').end();
    await answered(client, 'A cup, then.');
    await until('all are spoken', async () => (await api.message(id, sent[2]?.message_id ?? '')).status === 'spoken');
    const replied = await Promise.all(sent.map(async ({ message_id }) => (await api.message(id, message_id)).reply));
    expect(model.requests).toHaveLength(3);
    expect(replied.map((reply) => reply?.text)).toEqual(['A lamp.', 'A lamp.', 'A cup, then.']);
    expect(replied[0]?.event_id).toBe(replied[1]?.event_id);
    expect(replied[2]?.event_id).not.toBe(replied[1]?.event_id);
  });

  it('[CA13] waits for somebody else’s words when it is sent as later', async () => {
    const { model, api, id } = await talking();
    for (const text of THOUGHT)
      expect(await api.send(id, { type: 'user_message', text, urgency: 'later' })).toMatchObject({ status: 'applied' });
    expect(model.requests).toEqual([]);
    await api.send(id, { type: 'user_message', text: 'What now?', wait_for: 'replied' });
    expect(model.requests).toHaveLength(1);
    expect(promptText(model.requests[0])).toMatch(/user: Hi!\nI ordered a lamp,\nbut a cup came\.\nWhat now\?$/);
  });

  it('[CA14] is answered when the typing has paused, whatever was sent meanwhile', async () => {
    const server = await serveByHand();
    const { api, model, clock } = server;
    const { client, id } = await joined(socketOf(server, await api.createAgent(agentOf())));
    clock.advance(FIRST_MOMENT_MS);
    const sent: Sent[] = [];
    for (let second = 0; second < 6; second++) {
      client.send({ type: 'user_activity' });
      await client.roundTrip();
      if (second % 2 === 0)
        sent.push(await api.send(id, { type: 'user_message', text: `Line ${second}.`, urgency: second === 2 ? 'immediate' : 'soon' }));
      clock.advance(1_000);
    }
    expect(sent.map(({ status, user_state }) => [status, user_state])).toEqual(Array(3).fill(['accepted', 'typing']));
    expect(model.requests).toEqual([]);
    clock.advance(999);
    expect(await api.send(id, { type: 'contextual_update', text: 'y' })).toMatchObject({ user_state: 'typing' });
    clock.advance(1);
    await until('the answer', () => client.frames.some(({ type }) => type === 'agent_response'));
    expect(promptText(model.requests[0])).toMatch(/user: Line 0\.\nLine 2\.\nLine 4\.$/);
    expect(model.requests).toHaveLength(1);
  });

  it('[CA14] is answered at once when whoever typed has sent it', async () => {
    const { client, model } = await talking();
    client.session.sendUserActivity();
    client.session.sendUserMessage('Done typing.');
    await answered(client, 'Answer 1.');
    expect(model.requests).toHaveLength(1);
  });
});
