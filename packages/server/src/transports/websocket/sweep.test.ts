import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RawClient } from '../../testing/raw-client.js';
import { settle } from '../../testing/settle.js';
import { SOCKET_LIMITS, SocketServer } from '../../testing/socket-server.js';

let server: SocketServer;
beforeEach(async () => {
  server = await new SocketServer().start();
});
afterEach(() => server.stop());

/** Lets time pass sweep by sweep, and each sweep be done. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += SOCKET_LIMITS.sweepMs) {
    server.clock.advance(SOCKET_LIMITS.sweepMs);
    await settle(2);
  }
}

const DEAF = { autoPong: false } as const;

/** A client that was let in; with DEAF it answers no WebSocket ping. The ping behind its metadata is over and not counted. */
async function join(options: { readonly autoPong?: boolean } = {}) {
  const client = await server.connect(undefined, options);
  let pings = -1;
  client.socket.on('ping', () => pings++);
  const index = server.opening.conversations.length;
  client.init();
  const conversation = await server.opening.asked(index);
  const line = server.lines.at(-1);
  const before = line?.bytesRead;
  await client.next();
  while (pings < 0 || (options.autoPong !== false && line?.bytesRead === before)) await settle(1);
  return { client, conversation, pings: () => pings };
}

/** Behind the timers, as an alarm rings in production. */
const behindTimers = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe('liveness', () => {
  it('[WS29] pings after 5 s of silence and loses the client 5 s later', async () => {
    const { client, conversation, pings } = await join(DEAF);
    await pass(4_750);
    expect(pings()).toBe(0);
    await pass(250);
    await client.roundTrip(); // a sign of life, so it begins anew
    expect(pings()).toBe(1);
    await pass(9_750);
    expect(server.transport.count).toBe(1);
    await pass(500);
    expect(await client.closed).toMatchObject({ code: 1006 });
    expect(await conversation.next()).toEqual({ type: 'client.leave', session_id: conversation.sessionId, reason: 'lost', code: 1006 });
    expect(server.transport.count).toBe(0);
  });

  it('[WS29] keeps a silent client that answers the pings', async () => {
    const { conversation, pings } = await join();
    const [line] = server.lines;
    for (let round = 1; round <= 12; round++) {
      const before = line?.bytesRead;
      await pass(5_000);
      while (line?.bytesRead === before) await settle(1); // its pong
      expect(pings()).toBe(round);
    }
    expect(server.transport.count).toBe(1);
    expect(conversation.commands).toEqual([]);
  });

  it('[WS29] takes every byte for a sign of life, also of a frame that is not whole yet', async () => {
    const { client, conversation, pings } = await join(DEAF);
    const text = Buffer.from('{"type":"user_activity"}');
    const bytes = Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]);
    const [line] = server.lines;
    for (const byte of bytes) {
      const before = line?.bytesRead;
      client.line.write(Buffer.from([byte]));
      while (line?.bytesRead === before) await settle(1);
      await pass(4_000);
    }
    expect(await conversation.next()).toMatchObject({ type: 'client.activity' });
    expect(pings()).toBeLessThanOrEqual(bytes.length);
    expect(server.transport.count).toBe(1);
  });

  it('[WS29] judges a client by nothing that it could not know: one we do not read is not silent', async () => {
    const { client, conversation } = await join(DEAF);
    let answer = (): void => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    conversation.answer = () => answered.then(() => ({ ok: true }));
    for (let index = 0; index < SOCKET_LIMITS.maxUnanswered; index++) client.send({ type: 'user_activity' });
    await conversation.until(() => conversation.commands.length === SOCKET_LIMITS.maxUnanswered);
    await pass(30_000);
    expect(server.transport.count).toBe(1);
    answer();
    await settle();
    client.send({ type: 'user_activity' });
    await conversation.until(() => conversation.commands.length > SOCKET_LIMITS.maxUnanswered);
  });

  it('[WS30] reads what lies in the buffers before it judges', async () => {
    const { client, pings } = await join(DEAF);
    await pass(5_000);
    await new Promise<void>((resolve) => (pings() > 0 ? resolve() : client.socket.once('ping', () => resolve())));
    for (let late = 0; late < 20; late++) {
      // The client answers in time, and the server comes to read it only when time is up.
      await behindTimers();
      client.send({ type: 'user_activity' });
      server.clock.advance(5_000);
      await settle();
      expect(server.transport.count).toBe(1);
    }
  });

  it('[WS31] sets one alarm for all sockets, and none when there are none', async () => {
    const idle = server.clock.pending;
    const clients: RawClient[] = [];
    for (let index = 0; index < 10; index++) clients.push((await join()).client);
    server.clock.advance(SOCKET_LIMITS.metadataAloneMs);
    await settle();
    expect(server.clock.pending).toBe(idle + 1);
    for (const client of clients) await client.close(1000);
    await settle();
    await pass(SOCKET_LIMITS.sweepMs);
    expect(server.clock.pending).toBe(idle);
  });
});

describe('asking one client', () => {
  it('[WS32] says true at its next sign of life', async () => {
    const { conversation } = await join();
    expect(await conversation.session.answers(2_000)).toBe(true);
    const deaf = await join(DEAF);
    const answers = deaf.conversation.session.answers(2_000);
    deaf.client.send({ type: 'user_activity' });
    expect(await answers).toBe(true);
  });

  it('[WS32] says true for one that it does not read at present', async () => {
    const { client, conversation } = await join(DEAF);
    conversation.answer = () => new Promise(() => {});
    for (let index = 0; index < SOCKET_LIMITS.maxUnanswered; index++) client.send({ type: 'user_activity' });
    await conversation.until(() => conversation.commands.length === SOCKET_LIMITS.maxUnanswered);
    const answers = conversation.session.answers(2_000);
    server.clock.advance(2_000);
    expect(await answers).toBe(true);
  });

  it('[WS32] says false after the time given, and at once for one that is gone', async () => {
    const { client, conversation } = await join(DEAF);
    const answers = conversation.session.answers(2_000);
    server.clock.advance(2_000);
    expect(await answers).toBe(false);
    const cut = conversation.session.answers(2_000);
    client.cut();
    expect(await cut).toBe(false);
    expect(await conversation.session.answers(2_000)).toBe(false);
  });
});
