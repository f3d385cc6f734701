import { isObject } from '@backchannel/protocol';
import type { RawClient } from '@backchannel/server/testing';
import { describe, expect, it } from 'vitest';
import { oneServer } from '../compat/one-server.js';
import { until } from '../harness/until.js';
import { agentOf, joined, socketOf } from './stage.js';

const running = oneServer();
const silentAgent = (): Promise<string> => running().api.createAgent(agentOf());

const complaintsOf = (client: RawClient): Record<string, unknown>[] =>
  client.frames.flatMap(({ client_error_event, ...frame }) => {
    const inner = client_error_event ?? frame.error_event;
    return frame.type === 'client_error' && isObject(inner) ? [inner] : [];
  });

/** A normal line is answered, as the model says it. */
async function expectAnswer(client: RawClient): Promise<void> {
  const before = client.frames.filter(({ type }) => type === 'agent_response').length;
  client.send({ type: 'user_message', text: 'And now?' });
  await until('its answer', () => client.frames.filter(({ type }) => type === 'agent_response').length > before);
}

const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
const text = (bytes: number): string => 'x'.repeat(bytes);
const KIB = 1_024;

/** What was sent, and the words that its complaint has; none where nothing is asked for. */
const BEARABLE: readonly (readonly [name: string, frame: object | string | Uint8Array, says: RegExp | undefined])[] = [
  ['contextual_update without text', { type: 'contextual_update' }, /contextual_update.*text/],
  ['contextual_update with content instead', { type: 'contextual_update', content: 'x' }, /contextual_update.*text/],
  ['text: 5', { type: 'user_message', text: 5 }, /text as a string/],
  ['text: null', { type: 'contextual_update', text: null }, /text/],
  ['an unknown type', { type: 'hologram' }, undefined],
  ['no type', { text: 'x' }, /type/],
  ['bytes', new Uint8Array([1, 2, 3]), /text frames/],
  ['a list', '[]', /object/],
  ['10,000 levels', `{"type":"user_message","text":${deep}}`, /nesting|text/],
  ['10,000 levels and nothing else', deep, /object|nesting/],
  ['a field twice', '{"type":"contextual_update","text":5,"text":"Twice."}', undefined],
  ['a text of 16 KiB and one byte', { type: 'user_message', text: text(16 * KIB + 1) }, /16,?384/],
  ['a frame of 100 KiB', { type: 'user_message', text: text(100 * KIB) }, /16,?384/],
  ['a frame of 255 KiB', { type: 'user_message', text: text(255 * KIB) }, /16,?384/],
];

/** What ends the line, with its code and the words of its reason. */
const FATAL: readonly (readonly [name: string, send: (client: RawClient) => void, code: number, says: RegExp])[] = [
  ['a frame of 300 KiB', (client) => client.send({ type: 'user_message', text: text(300 * KIB) }), 1009, /^frame_too_long: .*262144/],
  ['a frame of 5 MiB', (client) => client.send({ type: 'user_message', text: text(5 * KIB * KIB) }), 1009, /^frame_too_long: .*262144/],
  ['what is no UTF-8', (client) => client.socket.send(Buffer.from([0xc3, 0x28]), { binary: false }), 1007, /UTF-8/],
  ['what is no WebSocket', (client) => void client.line.write('GET / HTTP/1.1\r\n\r\n'), 1002, /RFC 6455/],
];

describe('one odd frame', () => {
  it('[CA70] is answered by what is wrong with it and by how much, and the session goes on', async () => {
    const server = running();
    const { client } = await joined(socketOf(server, await silentAgent()));
    const { client: bystander } = await joined(socketOf(server, await silentAgent()));
    for (const [name, odd, says] of BEARABLE) {
      const before = complaintsOf(client).length;
      client.send(odd);
      await expectAnswer(client);
      await expectAnswer(bystander);
      const complaints = complaintsOf(client).slice(before);
      expect([name, complaints.length]).toEqual([name, says === undefined ? 0 : 1]);
      if (says !== undefined) expect(JSON.stringify(complaints[0])).toMatch(says);
    }
    expect(complaintsOf(bystander)).toEqual([]);
  });

  it.each(FATAL)(
    '[CA71] that cannot be borne, %s, ends its line with code and reason, and the conversation waits for the client',
    async (_name, send, code, says) => {
      const server = running();
      const agentId = await silentAgent();
      const { client, id } = await joined(socketOf(server, agentId));
      const { client: bystander } = await joined(socketOf(server, agentId));
      send(client);
      expect(await client.closed).toEqual({ code, reason: expect.stringMatching(says) });
      await expectAnswer(bystander);
      expect(await server.api.conversation(id)).toMatchObject({ status: 'in-progress' });
      const { signedUrl } = await server.api.mint(agentId, { conversation_id: id });
      const { client: back, id: same } = await joined(signedUrl.replace(/^https?/, 'ws'));
      expect(same).toBe(id);
      await expectAnswer(back);
    },
  );
});
