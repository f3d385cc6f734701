import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../../testing/settle.js';
import { SOCKET_LIMITS, SocketServer } from '../../testing/socket-server.js';

let server: SocketServer;
beforeEach(async () => {
  server = await new SocketServer().start();
});
afterEach(() => server.stop());

const audio = { user_audio_chunk: Buffer.alloc(1024).toString('base64') };

/** Resolves when the server has read what the client sent so far. */
const read = async (client: { roundTrip(): Promise<void> }): Promise<void> => {
  await client.roundTrip();
  await settle();
};

/** The head of a text frame of so many bytes, with a mask that changes nothing. */
function head(length: number, { first = true, last = true } = {}): Buffer {
  const bytes = Buffer.alloc(14);
  bytes[0] = (last ? 0x80 : 0) | (first ? 0x01 : 0);
  bytes[1] = 0xff;
  bytes.writeBigUInt64BE(BigInt(length), 2);
  return bytes;
}

/** A whole part of a message that goes on. */
const part = (first: boolean, length: number): Buffer => Buffer.concat([head(length, { first, last: false }), Buffer.alloc(length)]);

/** Lets the join of the next client wait until the returned function is called. */
function holdJoins(): () => void {
  let decide = (): void => {};
  server.opening.decided = new Promise((resolve) => {
    decide = resolve;
  });
  return () => decide();
}

describe('waiting for the init', () => {
  it('[WS11] takes the agent’s defaults after 5 s without an init', async () => {
    await server.connect();
    server.clock.advance(SOCKET_LIMITS.initWaitMs - 1);
    await settle();
    expect(server.opening.conversations).toHaveLength(0);
    server.clock.advance(1);
    expect((await server.opening.asked(0)).request.init).toBeUndefined();
  });

  it('[WS11] takes the defaults when another frame comes first, and handles that frame after the join', async () => {
    const client = await server.connect();
    client.send({ type: 'user_message', text: 'Hello' });
    const conversation = await server.opening.asked(0);
    expect(conversation.request.init).toBeUndefined();
    expect(await conversation.next()).toMatchObject({ type: 'client.warn', code: 'voice_not_available' });
    expect(await conversation.next()).toMatchObject({ type: 'message.send', message: { text: 'Hello' } });
  });

  it('[WS12] drops early audio and a setup frame without an error and goes on waiting for the init', async () => {
    const client = await server.connect();
    client.send(audio);
    client.send({ type: 'enclave_setup_config', agent_config_dict: null });
    client.send(audio);
    await read(client);
    expect(server.opening.conversations).toHaveLength(0);
    client.init({ user_id: 'u1' });
    client.send(audio);
    const conversation = await server.opening.asked(0);
    expect(conversation.request.init).toMatchObject({ user_id: 'u1' });
    expect((await client.next()).type).toBe('conversation_initiation_metadata');
    server.clock.advance(SOCKET_LIMITS.metadataAloneMs);
    await read(client);
    expect(client.frames).toHaveLength(1);
  });

  it('[WS13] closes 1009 a frame over 64 KiB that comes before the init', async () => {
    const client = await server.connect();
    client.init({ dynamic_variables: { a: 'x'.repeat(SOCKET_LIMITS.maxInitFrameBytes) } });
    expect(await client.closed).toMatchObject({ code: 1009, reason: expect.stringMatching(/^frame_too_long: /) });
    expect(server.opening.conversations).toHaveLength(0);
  });

  it.each([
    ['an unfinished frame over 64 KiB', [Buffer.concat([head(200_000), Buffer.alloc(1_000)])], 1009, /^frame_too_long: .*65536/],
    ['an unfinished message over 64 KiB', [part(true, 40_000), part(false, 40_000)], 1009, /^frame_too_long: /],
    [
      'its first frame in countless pieces',
      [head(20_000), ...Array.from({ length: 300 }, () => Buffer.alloc(1))],
      1008,
      /^invalid_request: .*pieces/,
    ],
  ])('[HC6] closes whoever sends %s before the init, and reads no more of it', async (_name, pieces, code, reason) => {
    const client = await server.connect();
    const [line] = server.lines;
    for (const piece of pieces) {
      const before = line?.bytesRead ?? 0;
      client.line.write(piece);
      while ((line?.bytesRead ?? 0) < before + piece.length && !line?.isPaused()) await settle(1);
    }
    expect(await client.closed).toEqual({ code, reason: expect.stringMatching(reason) });
    expect(server.opening.conversations).toEqual([]);
  });

  it('[HC6] takes an init of 64 KiB behind audio', async () => {
    const client = await server.connect();
    for (let i = 0; i < 8; i++) client.send({ user_audio_chunk: 'A'.repeat(20_000) });
    const overhead = JSON.stringify({ type: 'conversation_initiation_client_data', a: '' }).length;
    client.send({ type: 'conversation_initiation_client_data', a: 'x'.repeat(SOCKET_LIMITS.maxInitFrameBytes - overhead) });
    await server.opening.asked(0);
  });

  it('[WS11] forgets a client that goes before it asked', async () => {
    const client = await server.connect();
    await client.close(1000);
    await settle();
    server.clock.advance(SOCKET_LIMITS.initWaitMs);
    await settle();
    expect(server.opening.conversations).toHaveLength(0);
  });
});

describe('while the join is being decided', () => {
  it('[WS14] keeps what comes and handles it in order', async () => {
    const decide = holdJoins();
    const client = await server.connect();
    client.init();
    for (const text of ['one', 'two', 'three']) client.send({ type: 'user_message', text });
    const conversation = await server.opening.asked(0);
    await read(client);
    expect(conversation.commands).toEqual([]);
    decide();
    for (const text of ['one', 'two', 'three']) expect(await conversation.next()).toMatchObject({ message: { text } });
  });

  it('[WS14] stops reading a client that sends more than may wait, and loses nothing of it', async () => {
    const decide = holdJoins();
    const client = await server.connect();
    client.init();
    const conversation = await server.opening.asked(0);
    const texts = Array.from({ length: 2_000 }, (_, index) => `${index} ${'x'.repeat(8_000)}`);
    for (const text of texts) client.send({ type: 'contextual_update', text });
    // Far more than the buffers of the kernel and of the join hold: what is not read stays with the client.
    const [line] = server.lines;
    for (let before = -1; before !== line?.bytesRead; await settle(100)) before = line?.bytesRead ?? 0;
    expect(client.socket.bufferedAmount).toBeGreaterThan(0);
    decide();
    for (const text of texts) expect(await conversation.next()).toMatchObject({ message: { text } });
  });

  it('[WS15] leaves at once for a client that went meanwhile', async () => {
    const decide = holdJoins();
    const client = await server.connect();
    client.init();
    const conversation = await server.opening.asked(0);
    client.send({ type: 'user_message', text: 'Bye' });
    await client.close(1000);
    decide();
    expect(await conversation.next()).toMatchObject({ type: 'message.send' });
    expect(await conversation.next()).toEqual({ type: 'client.leave', session_id: conversation.sessionId, reason: 'left', code: 1000 });
    server.clock.advance(SOCKET_LIMITS.metadataAloneMs);
    expect(conversation.readies).toBe(0);
  });
});

describe('an init that is not taken', () => {
  const told = async (frame: object | string): Promise<string> => {
    const { client, conversation } = await server.join();
    client.send(frame);
    const error = (await client.next()) as { type: string; error_event?: { error_name: string; code: number; message: string } };
    expect(error).toMatchObject({ type: 'client_error', error_event: { error_name: 'init_ignored', code: 1008 } });
    const warning = await conversation.next();
    expect(warning).toEqual({ type: 'client.warn', code: 'init_ignored', message: error.error_event?.message });
    client.send({ type: 'user_message', text: 'still there' });
    expect(await conversation.next()).toMatchObject({ type: 'message.send' });
    return error.error_event?.message ?? '';
  };

  it('[WS16] tells the client and the warnings when it comes again or late', async () => {
    expect(await told({ type: 'conversation_initiation_client_data' })).toMatch(/counts once, as the first frame/);
  });

  it('[WS16] tells which field cannot be read, and that the whole of it stands one level too deep', async () => {
    expect(await told({ type: 'conversation_initiation_client_data', user_id: 5 })).toMatch(/user_id/);
    expect(await told({ conversation_initiation_client_data: { user_id: 'u1' } })).toMatch(/type/);
  });

  it('[WS16] tells which fields of a first init stand one level wrong, after the 100 ms', async () => {
    const client = await server.connect();
    client.init({ first_message: 'Hi', conversation_config_override: { conversation: { text_only: true }, agent: {}, language: 'de' } });
    const conversation = await server.opening.asked(0);
    expect(await conversation.next()).toMatchObject({ type: 'client.warn', code: 'init_ignored' });
    expect((await client.next()).type).toBe('conversation_initiation_metadata');
    server.clock.advance(SOCKET_LIMITS.metadataAloneMs);
    const error = (await client.next()) as { error_event?: { message: string } };
    expect(error.error_event?.message).toMatch(/first_message, conversation_config_override\.language/);
  });
});

describe('a voice client', () => {
  it('[WS17] gets valid formats and no error, and one warning is kept', async () => {
    const client = await server.connect();
    client.send({ type: 'conversation_initiation_client_data', conversation_config_override: { agent: {}, tts: {}, conversation: {} } });
    const conversation = await server.opening.asked(0);
    expect(await client.next()).toEqual({
      type: 'conversation_initiation_metadata',
      conversation_initiation_metadata_event: {
        conversation_id: conversation.conversationId,
        agent_output_audio_format: 'pcm_16000',
        user_input_audio_format: 'pcm_16000',
      },
    });
    server.clock.advance(SOCKET_LIMITS.metadataAloneMs);
    for (let chunk = 0; chunk < 5; chunk++) client.send(audio);
    await read(client);
    expect(conversation.commands).toMatchObject([{ type: 'client.warn', code: 'voice_not_available' }]);
    expect(client.frames).toHaveLength(1);
  });

  it('[WS17] is not one that asked for text, wherever its SDK puts that', async () => {
    for (const override of [{ text_only: true }, { conversation: { text_only: true } }]) {
      const client = await server.connect();
      const index = server.opening.conversations.length;
      client.send({ type: 'conversation_initiation_client_data', conversation_config_override: override });
      const conversation = await server.opening.asked(index);
      await client.next();
      client.send({ type: 'user_activity' });
      expect(await conversation.next()).toMatchObject({ type: 'client.activity' });
    }
  });
});
