import { isObject } from '@backchannel/protocol';
import { describe, expect, it } from 'vitest';
import { count } from '../harness/counts.js';
import { promptText } from '../harness/scripted-model.js';
import { until } from '../harness/until.js';
import { agentOf, joined, serve, socketOf } from './stage.js';

const KIB = 1_024;
const PIECE = 'A sentence of the story goes on. ';

describe('too much of it', () => {
  it('[CA72] from the model ends the reply at its cap with a reason, in frames that any client takes', async () => {
    const server = await serve();
    const agentId = await server.api.createAgent(agentOf());
    // As an old client that takes no message above 1 MiB.
    const { client, id } = await joined(socketOf(server, agentId), { maxPayload: KIB * KIB });
    let longest = 0;
    client.socket.on('message', (data) => {
      longest = Math.max(longest, String(data).length);
    });
    async function* endless(): AsyncGenerator<string> {
      for (let sent = 0; sent < 3 * KIB * KIB; sent += 64 * PIECE.length) yield PIECE.repeat(64);
    }
    server.model.next({ told: endless() });
    const sent = await server.api.send(id, { type: 'user_message', text: 'Tell me everything.', wait_for: 'replied' });
    expect(sent).toMatchObject({ reply: { complete: false } });
    const events = await server.api.events(id);
    expect(events).toContainEqual(expect.objectContaining({ type: 'turn.ended', reason: 'reply_too_long' }));
    expect(Buffer.byteLength(sent.reply?.text ?? '')).toBeLessThanOrEqual(64 * KIB);
    await until('the whole line', () => client.frames.some(({ type }) => type === 'agent_response'));
    expect(longest).toBeLessThan(72 * KIB);
    const next = await server.api.send(id, { type: 'user_message', text: 'Shorter, please.', wait_for: 'replied' });
    expect(next).toMatchObject({ status: 'replied', reply: { complete: true } });
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });

  it('[CA73] from a backend levels off: prompts stop growing, keyed contexts and the last lines stay in them, and everything can be read', {
    timeout: 300_000,
  }, async () => {
    const turns = count(60, 300);
    const server = await serve();
    server.model.otherwise((_request, index) => ({ tokens: [`Answer ${index}.`] }));
    const id = await server.api.open(await server.api.createAgent(agentOf()));
    await server.api.send(id, { type: 'contextual_update', text: 'The key is under the mat.', context_id: 'key' });
    const filler = 'y'.repeat(16 * KIB - 100);
    for (let turn = 0; turn < turns; turn++) {
      const sent = await server.api.send(id, { type: 'user_message', text: `Line ${turn}. ${filler}`, wait_for: 'replied' });
      expect(sent).toMatchObject({ status: 'replied', reply: { text: `Answer ${turn}.` } });
    }
    const sizes = server.model.requests.map((request) => Buffer.byteLength(promptText(request)));
    expect(Math.max(...sizes)).toBeLessThan(160 * KIB);
    // From where it is full on, it stays as it is.
    const [early = 0, late = 0] = [sizes[20], sizes.at(-1)];
    expect(Math.abs(late - early)).toBeLessThan(20 * KIB);
    const prompt = promptText(server.model.requests.at(-1));
    for (const kept of ['The key is under the mat.', `Line ${turns - 1}.`, `Answer ${turns - 2}.`, `Line ${turns - 2}.`])
      expect(prompt).toContain(kept);
    expect(prompt).not.toContain('Line 0.');

    const events = await server.api.events(id);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
    const { transcript } = await server.api.conversation<{ transcript: readonly unknown[] }>(id);
    const texts = transcript.map((entry) => (isObject(entry) ? String(entry.message) : ''));
    expect(texts.filter((line) => line.startsWith('Line '))).toHaveLength(turns);
  });
});
