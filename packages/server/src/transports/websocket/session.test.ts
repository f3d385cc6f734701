import type { Socket } from 'node:net';
import type { ConversationEvent, EventBody } from '@backchannel/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FakeConversation } from '../../testing/fake-opening.js';
import type { RawClient } from '../../testing/raw-client.js';
import { settle } from '../../testing/settle.js';
import { SOCKET_LIMITS, SocketServer } from '../../testing/socket-server.js';

let server: SocketServer;
beforeEach(async () => {
  server = await new SocketServer().start();
});
afterEach(() => server.stop());

let seq = 10;
// Joining a union's member with three fields gives a member again; the compiler cannot see that through a spread.
const event = (body: EventBody): ConversationEvent =>
  ({ ...body, seq: ++seq, epoch: 1, time: '2030-01-01T00:00:00.000Z' }) as ConversationEvent;
const line = (text: string, eventId = 1): ConversationEvent =>
  event({ type: 'message.added', role: 'agent', text, source: 'api', event_id: eventId, messages: [] });

/** Resolves when the server has read what the client sent so far, and what it wrote in turn has arrived. */
const read = async (client: RawClient): Promise<void> => {
  await client.roundTrip();
  await settle();
  await client.roundTrip();
};

/** A client that is back after the test has broken something: a typed line still gets through. */
async function stillThere(client: RawClient, conversation: FakeConversation): Promise<void> {
  client.send({ type: 'user_message', text: 'still there' });
  let command = await conversation.next();
  while (command.type !== 'message.send') command = await conversation.next();
  expect(command.message.text).toBe('still there');
}

describe('the first 100 ms', () => {
  it('[WS18] shows the metadata first and nothing behind it until they are over, then what waited, in order', async () => {
    const { client, conversation } = await server.join({ fresh: true });
    client.send('not JSON');
    await read(client);
    conversation.session.send(line('Hello'));
    conversation.session.ping(4);
    server.clock.advance(SOCKET_LIMITS.metadataAloneMs - 1);
    await read(client);
    expect(client.frames.map((frame) => frame.type)).toEqual(['conversation_initiation_metadata']);
    expect(conversation.readies).toBe(0);
    server.clock.advance(1);
    await read(client);
    expect(client.frames.map((frame) => frame.type)).toEqual([
      'conversation_initiation_metadata',
      'client_error',
      'agent_response',
      'ping',
    ]);
    expect(conversation.readies).toBe(1);
  });

  it('[WS18] closes no client within them, and is not ready for one that is closed', async () => {
    const { client, conversation } = await server.join({ fresh: true });
    conversation.session.send(line('Bye'));
    conversation.session.close({ kind: 'ended', reason: 'ended_by_api' });
    await read(client);
    server.clock.advance(SOCKET_LIMITS.metadataAloneMs);
    expect(await client.closed).toEqual({ code: 1000, reason: 'ended by the backend' });
    expect(client.frames.map((frame) => frame.type)).toEqual(['conversation_initiation_metadata', 'agent_response']);
    expect(conversation.readies).toBe(0);
  });
});

describe('what a client is shown', () => {
  /** How often the server's end of a connection is written to. */
  function countWrites(socket: Socket): () => number {
    const spied = socket as unknown as Record<'_write' | '_writev', (...args: unknown[]) => void>; // what a stream is implemented by
    let writes = 0;
    for (const name of ['_write', '_writev'] as const) {
      const original = spied[name].bind(socket);
      spied[name] = (...args) => {
        writes++;
        original(...args);
      };
    }
    return () => writes;
  }

  it('[WS19] writes what stands between cork and uncork at once', async () => {
    const { client, conversation } = await server.join();
    const writes = countWrites(server.lines[0] as Socket);
    const { session } = conversation;
    session.cork();
    session.send(line('One', 1));
    session.send(line('Two', 2));
    session.ping(12);
    session.uncork();
    expect(writes()).toBe(1);
    const frames = [await client.next(), await client.next(), await client.next()];
    expect(frames.map((frame) => frame.type)).toEqual(['agent_response', 'agent_response', 'ping']);
  });

  it('[WS20] pings with the seq it covers and the last round trip, and reports the pong', async () => {
    const { client, conversation } = await server.join();
    conversation.session.ping(7);
    expect(await client.next()).toEqual({ type: 'ping', ping_event: { event_id: 7, ping_ms: null } });
    server.clock.advance(42);
    client.send({ type: 'pong', event_id: 7 });
    expect(await conversation.next()).toEqual({ type: 'client.pong', session_id: conversation.sessionId, through: 7 });
    client.send({ type: 'pong', event_id: 99 });
    expect(await conversation.next()).toMatchObject({ through: 99 });
    conversation.session.ping(9);
    expect(await client.next()).toEqual({ type: 'ping', ping_event: { event_id: 9, ping_ms: 42 } });
  });

  it('[WS21] closes 4008 a client that leaves more unread than the limit, and drops nothing in between', async () => {
    const { client, conversation } = await server.join();
    client.socket.pause();
    let sent = 0;
    while (conversation.commands.length === 0) {
      conversation.session.send(line(`${sent++} ${'x'.repeat(60_000)}`));
      await settle(1);
    }
    const { sessionId } = conversation;
    expect(await conversation.next()).toEqual({ type: 'client.leave', session_id: sessionId, reason: 'too_slow', code: 4008 });
    conversation.session.send(line('too late'));
    client.socket.resume();
    expect(await client.closed).toMatchObject({ code: 4008, reason: expect.stringMatching(/^too_slow: /) });
    const texts = client.frames
      .slice(1)
      .map((frame) => (frame as unknown as { agent_response_event: { agent_response: string } }).agent_response_event);
    expect(texts.map((text) => Number.parseInt(text.agent_response, 10))).toEqual(Array.from({ length: sent - 1 }, (_, index) => index));
    await settle();
    expect(conversation.commands).toHaveLength(1);
  });

  it('[WS21] lets one append be longer than the limit for a client that keeps up', async () => {
    const { client, conversation } = await server.join();
    const { session } = conversation;
    session.cork();
    for (let index = 0; index < 40; index++) session.send(line('x'.repeat(60_000)));
    session.uncork();
    for (let index = 0; index < 40; index++) expect((await client.next()).type).toBe('agent_response');
    expect(conversation.commands).toEqual([]);
  });

  it('[WS21] closes a client for which more waits than the limit when a new append comes', async () => {
    const { client, conversation } = await server.join();
    client.socket.pause();
    const { session } = conversation;
    while (conversation.commands.length === 0) {
      session.cork();
      for (let index = 0; index < 40; index++) session.send(line('x'.repeat(60_000)));
      session.uncork();
      await settle(1);
    }
    client.socket.resume();
    expect(await client.closed).toMatchObject({ code: 4008 });
  });
});

describe('what a client sends', () => {
  it('[WS22] becomes the command it asks for', async () => {
    const { client, conversation } = await server.join();
    const session_id = conversation.sessionId;
    client.send({ type: 'user_message', text: 'Hi' });
    client.send({ type: 'contextual_update', text: 'cart: 3', context_id: 'cart' });
    client.send({ type: 'user_activity' });
    client.send({ type: 'feedback', event_id: 3, score: 'like' });
    client.send({ type: 'something_new' });
    client.send({ type: 'client_tool_result', tool_call_id: 'unknown', result: 'x', is_error: false });
    client.send({ type: 'multimodal_message', text: { type: 'user_message', text: 'Look' } });
    await read(client);
    const message = (type: string, text: string, more: object) => ({ type, text, ...more });
    const typed = { urgency: 'immediate', reply: 'auto' };
    expect(conversation.commands).toEqual([
      { type: 'message.send', source: 'client', session_id, message: message('user_message', 'Hi', typed) },
      {
        type: 'message.send',
        source: 'client',
        session_id,
        message: message('contextual_update', 'cart: 3', { urgency: 'later', reply: 'none', context_id: 'cart' }),
      },
      { type: 'client.activity', session_id },
      { type: 'feedback.give', event_id: 3, score: 'like' },
      { type: 'message.send', source: 'client', session_id, message: message('user_message', 'Look', typed) },
    ]);
    expect(client.frames).toHaveLength(1);
  });

  const deep = `{"type":"user_activity","a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
  const bad: [string, object | string | Uint8Array, string, RegExp][] = [
    ['text that is not JSON', 'hello', 'malformed_json', /JSON/],
    ['a list', '[]', 'invalid_request', /list/],
    ['a frame without type', { text: 'Hi' }, 'invalid_request', /type/],
    ['binary', Buffer.from('{"type":"user_activity"}'), 'invalid_request', /text frames/],
    ['an update without text', { type: 'contextual_update', content: 'x' }, 'invalid_request', /text/],
    ['a number for text', { type: 'contextual_update', text: 5 }, 'invalid_request', /text/],
    ['null for text', { type: 'contextual_update', text: null }, 'invalid_request', /text/],
    ['too long a text', { type: 'user_message', text: 'x'.repeat(16_385) }, 'text_too_long', /16384/],
    ['a 255 KiB frame', { type: 'user_message', text: 'x'.repeat(261_000) }, 'text_too_long', /16384/],
    ['half a surrogate pair', '{"type":"user_message","text":"\\ud800"}', 'invalid_request', /surrogate/],
    ['10,000 levels', deep, 'invalid_request', /levels/],
    ['files', { type: 'multimodal_message', file: { file_id: 'f1' } }, 'not_supported', /Files/],
    ['a button’s answer', { type: 'user_message', rich_content_id: 'r1' }, 'not_supported', /rich content/],
  ];
  it.each(bad)('[WS23] answers %s with a client_error and goes on', async (_, frame, name, message) => {
    const { client, conversation } = await server.join();
    client.send(frame);
    const answer = await client.next();
    expect(answer).toEqual({
      type: 'client_error',
      error_event: { code: 1008, error_name: name, message: expect.stringMatching(message) },
    });
    await stillThere(client, conversation);
    expect(conversation.commands).toHaveLength(1);
  });

  it('[WS24] tells a client that its message was refused, and why', async () => {
    const { client, conversation } = await server.join();
    conversation.answer = ({ type }) =>
      type === 'message.send' ? { ok: false, code: 'too_many_waiting' } : { ok: false, code: 'conversation_ended' };
    client.send({ type: 'user_message', text: 'one more' });
    client.send({ type: 'user_activity' });
    client.send({ type: 'feedback', event_id: 1, score: null });
    const error = (name: string, message: RegExp) => ({
      type: 'client_error',
      error_event: { code: 1008, error_name: name, message: expect.stringMatching(message) },
    });
    expect(await client.next()).toEqual(error('too_many_waiting', /^user_message: Too many messages/));
    expect(await client.next()).toEqual(error('conversation_ended', /^feedback: /));
    await read(client);
    expect(client.frames).toHaveLength(3);
  });

  it('[WS24] tells a client when a command broke, and goes on', async () => {
    const { client, conversation } = await server.join();
    conversation.answer = () => Promise.reject(new Error('broken'));
    client.send({ type: 'user_message', text: 'Hi' });
    expect(await client.next()).toMatchObject({ type: 'client_error', error_event: { error_name: 'internal', code: 1011 } });
    conversation.answer = () => ({ ok: true });
    await conversation.next();
    await stillThere(client, conversation);
  });

  it('[WS25] reads no further while too many commands of one client are unanswered', async () => {
    const { client, conversation } = await server.join();
    let answer = (): void => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    conversation.answer = () => answered.then(() => ({ ok: true }));
    const count = 2_000;
    for (let index = 0; index < count; index++) client.send({ type: 'user_message', text: `${index} ${'x'.repeat(10_000)}` });
    const [line] = server.lines;
    for (let before = -1; before !== line?.bytesRead; await settle(100)) before = line?.bytesRead ?? 0;
    expect(conversation.commands.length).toBeLessThan(200);
    answer();
    for (let index = 0; index < count; index++) await conversation.next();
    const texts = conversation.commands.map((command) => command.type === 'message.send' && Number.parseInt(command.message.text, 10));
    expect(texts).toEqual(Array.from({ length: count }, (_, index) => index));
  });
});

describe('the end', () => {
  it('[WS26] closes an ended conversation 1000 with its reason, and sends no command any more', async () => {
    const { client, conversation } = await server.join();
    conversation.session.close({ kind: 'ended', reason: 'idle' });
    client.send({ type: 'user_message', text: 'too late' });
    expect(await client.closed).toEqual({ code: 1000, reason: 'no activity' });
    await settle();
    expect(conversation.commands).toEqual([]);
  });

  it('[WS26] leaves the agent’s end_call to the client for the time of grace', async () => {
    const patient = await server.join();
    patient.conversation.session.close({ kind: 'ended', reason: 'end_call', graceMs: 1_000 });
    server.clock.advance(999);
    await read(patient.client);
    expect(patient.client.socket.readyState).toBe(1);
    server.clock.advance(1);
    expect(await patient.client.closed).toEqual({ code: 1000, reason: 'ended by the agent' });

    const prompt = await server.join();
    prompt.conversation.session.close({ kind: 'ended', reason: 'end_call', graceMs: 1_000 });
    await prompt.client.close(1000);
    server.clock.advance(1_000);
    await settle();
    expect(prompt.conversation.commands).toEqual([]);
  });

  it('[WS26] closes with the code of the error, and the conversation hears nothing of what it knows', async () => {
    for (const [code, close] of [
      ['superseded', 4409],
      ['unavailable', 1011],
    ] as const) {
      const { client, conversation } = await server.join();
      conversation.session.close({ kind: 'error', code });
      conversation.session.close({ kind: 'ended', reason: 'idle' });
      expect(await client.closed).toMatchObject({ code: close, reason: expect.stringMatching(new RegExp(`^${code}: `)) });
      await settle();
      expect(conversation.commands).toEqual([]);
    }
  });

  it('[WS27] tells a deliberate close from a lost client', async () => {
    const leave = async (go: (client: RawClient) => void): Promise<object> => {
      const { client, conversation } = await server.join();
      go(client);
      const { session_id, ...command } = { session_id: '', ...(await conversation.next()) };
      expect(session_id).toBe(conversation.sessionId);
      return command;
    };
    const left = { type: 'client.leave', reason: 'left' };
    const lost = { type: 'client.leave', reason: 'lost' };
    expect(await leave((client) => client.socket.close(1000))).toEqual({ ...left, code: 1000 });
    expect(await leave((client) => client.socket.close())).toEqual({ ...left, code: 1005 });
    expect(await leave((client) => client.socket.close(1001))).toEqual({ ...lost, code: 1001 });
    expect(await leave((client) => client.cut())).toEqual({ ...lost, code: 1006 });
    expect(await leave((client) => client.line.end())).toEqual({ ...lost, code: 1006 });
    expect(await leave((client) => client.line.write(Buffer.from([0xf1, 0x80, 0, 0, 0, 0])))).toEqual({ ...lost, code: 1002 });
    const invalid = Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff]);
    expect(await leave((client) => client.line.write(invalid))).toEqual({ ...lost, code: 1007 });
  });

  it('[WS13] closes 1009 a frame over 256 KiB, at once, whether or not the client answers', async () => {
    const { client, conversation } = await server.join();
    client.send({ type: 'user_message', text: 'x'.repeat(SOCKET_LIMITS.maxFrameBytes) });
    const { sessionId } = conversation;
    expect(await conversation.next()).toEqual({ type: 'client.leave', session_id: sessionId, reason: 'frame_too_long', code: 1009 });
    expect(await client.closed).toEqual({ code: 1009, reason: expect.stringMatching(/^frame_too_long: .*262144 bytes/) });
  });

  it('[WS28] drops answers that come after the end', async () => {
    const { client, conversation } = await server.join();
    let answer = (): void => {};
    conversation.answer = () =>
      new Promise((resolve) => {
        answer = () => resolve({ ok: false, code: 'unavailable' });
      });
    client.send({ type: 'user_message', text: 'Hi' });
    await conversation.next();
    conversation.session.close({ kind: 'ended', reason: 'deleted' });
    answer();
    await settle();
    conversation.session.send(line('too late'));
    conversation.session.ping(9);
    expect(await client.closed).toEqual({ code: 1000, reason: 'deleted' });
    expect(client.frames).toHaveLength(1);
  });
});
