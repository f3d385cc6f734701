import type { ConversationEvent } from '@backchannel/protocol';
import { promptProblem } from '@backchannel/server/testing';
import { describe, expect, it } from 'vitest';
import { promptText, type ScriptedModel } from '../harness/scripted-model.js';
import { until } from '../harness/until.js';
import { agentOf, joined, serve, serveApart, socketOf } from './stage.js';

/** No reply failed, and no prompt was one that a strict server refuses. */
function expectNoRefusal(model: ScriptedModel, events: readonly ConversationEvent[]): void {
  expect(model.requests.map(({ messages }) => promptProblem(messages))).toEqual(model.requests.map(() => undefined));
  expect(events.filter((event) => event.type === 'turn.ended' && event.outcome === 'failed')).toEqual([]);
}

/** Each stands there once, and in this order. */
function expectInOrder(prompt: string, texts: readonly string[]): void {
  const places = texts.map((text) => [prompt.indexOf(text), prompt.lastIndexOf(text)]);
  for (const [at, [first, last]] of places.entries()) expect([first, texts[at]]).toEqual([last, texts[at]]);
  const firsts = places.map(([first]) => first ?? -1);
  expect(firsts[0]).toBeGreaterThanOrEqual(0);
  expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
}

describe('a model that takes only one leading system message, and then user and assistant in turn', () => {
  it('[CA20] is never refused its prompt, which has every text once and each group in the order it was applied', async () => {
    const server = await serve({ strict: true });
    const { api, model } = server;
    const agentId = await api.createAgent(agentOf({ firstMessage: 'Greeting G.' }));
    const { client, id } = await joined(socketOf(server, agentId));
    const send = (type: string, text: string, more: object = {}) => api.send(id, { type, text, ...more });
    const typed = (text: string): void => client.send({ type: 'user_message', text });
    await until('the greeting', () => client.frames.some(({ type }) => type === 'agent_response'));

    await send('contextual_update', 'Context 1.');
    // An instruction with nothing before it but the greeting, and one behind an agent's line.
    await send('instruction', 'Instruction 1.', { wait_for: 'replied' });
    await send('agent_message', 'Agent line 1.');
    await send('instruction', 'Instruction 2.', { wait_for: 'replied' });
    await send('user_message', 'User line 1.', { reply: 'none' });
    await send('user_message', 'User line 2.', { reply: 'none' });
    // A wordless turn that is interrupted, with a context between.
    model.nextByHand();
    typed('User line 3.');
    await model.asked(3);
    await send('contextual_update', 'Context 2.', { context_id: 'key' });
    typed('User line 4.');
    await model.asked(4);
    await until('the whole answer', () =>
      client.frames.some((frame) => frame.type === 'agent_response' && JSON.stringify(frame).includes('Answer 4.')),
    );
    await send('agent_message', 'Agent line 2.');
    await send('contextual_update', 'Context 3.');
    // One that is cut after words, by a line that wants no reply behind an agent's line.
    const cut = model.nextByHand();
    typed('User line 5.');
    await model.asked(5);
    cut.say('Half a reply');
    await until('its first words', () => client.frames.some((frame) => JSON.stringify(frame).includes('Half a reply')));
    await send('user_message', 'User line 6.', { urgency: 'immediate', reply: 'none' });
    await send('agent_message', 'Agent line 3.');
    const last = await send('user_message', 'User line 7.', { wait_for: 'replied' });
    expect(last).toMatchObject({ status: 'replied', reply: { text: 'Answer 6.' } });

    expectNoRefusal(model, await api.events(id));
    const prompt = promptText(model.requests.at(-1));
    const lines = [
      'Greeting G.',
      'Answer 1.',
      'Agent line 1.',
      'Answer 2.',
      'User line 1.',
      'User line 2.',
      'User line 3.',
      'User line 4.',
      'Answer 4.',
    ];
    expectInOrder(prompt, [...lines, 'Agent line 2.', 'User line 5.', 'Half a reply', 'User line 6.', 'Agent line 3.', 'User line 7.']);
    expectInOrder(prompt, ['Context 1.', 'Context 3.', 'Context 2.']);
    expect(prompt).not.toContain('Instruction');
  });

  it('[CA20] is asked again after a restart in the middle of a reply, with every text once', async () => {
    const { server, model } = await serveApart({ strict: true });
    const api = await server.api();
    const agentId = await api.createAgent(agentOf({ firstMessage: 'Greeting G.' }));
    const id = await api.open(agentId);
    await api.send(id, { type: 'contextual_update', text: 'Context 1.' });
    await api.send(id, { type: 'user_message', text: 'User line 1.', wait_for: 'replied' });
    const half = model.nextByHand();
    const asked = await api.send(id, { type: 'user_message', text: 'User line 2.' });
    await model.asked(2);
    half.say('Half a ', 'reply');
    await server.kill();
    await server.restart();
    const answered = await until('it has ended', async () => {
      const now = await api.message(id, asked.message_id);
      return now.status !== 'applied' && now;
    });
    expect(answered).toMatchObject({ status: 'replied', reply: { text: 'Answer 3.', complete: true } });
    expectNoRefusal(model, await api.events(id));
    expectInOrder(promptText(model.requests[2]), ['Context 1.', 'Greeting G.', 'User line 1.', 'Answer 1.', 'User line 2.']);
  });
});
