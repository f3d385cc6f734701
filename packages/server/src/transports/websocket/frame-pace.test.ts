import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../../testing/settle.js';
import { SOCKET_LIMITS, SocketServer } from '../../testing/socket-server.js';
import { FramePace, looksLikeAudio } from './frame-pace.js';

const RATES = { framesPerSec: 30, bytesPerSec: 65_536 };

describe('the pace of a client', () => {
  it('[HC5] lets 60 frames and 1 MiB come at once, then 30 frames and 64 KiB a second', () => {
    const pace = new FramePace();
    for (let i = 0; i < 60; i++) pace.took(RATES, 1_000, 10, false);
    expect(pace.behindMs(1_000)).toBe(0);
    pace.took(RATES, 1_000, 10, false);
    expect(pace.behindMs(1_000)).toBeCloseTo(1_000 / 30);
    expect(pace.behindMs(1_034)).toBe(0);
    const large = new FramePace();
    for (let i = 0; i < 4; i++) large.took(RATES, 0, 262_144, false);
    expect(large.behindMs(0)).toBe(0);
    large.took(RATES, 0, 65_536, false);
    expect(large.behindMs(0)).toBe(1_000);
  });

  it('[HC5] counts audio by its bytes alone, at least 512', () => {
    const pace = new FramePace();
    const audio = Buffer.from(JSON.stringify({ user_audio_chunk: 'AAAA' }));
    expect([looksLikeAudio(audio), looksLikeAudio(Buffer.from('{"type":"ping"}'))]).toEqual([true, false]);
    // 20 ms of 16 kHz at a time, for ten minutes.
    for (let now = 0; now < 600_000; now += 20) {
      pace.took(RATES, now, 880, true);
      expect(pace.behindMs(now)).toBe(0);
    }
    for (let i = 0; i < 4_000; i++) pace.took(RATES, 600_000, 22, true);
    expect(pace.behindMs(600_000)).toBeGreaterThan(1_000);
  });
});

describe('a client that is faster', () => {
  let server: SocketServer;
  beforeEach(async () => {
    server = await new SocketServer({ pace: RATES }).start();
  });
  afterEach(() => server.stop());

  it('[HC5] is read later, and nothing of it is lost', async () => {
    const { client, conversation } = await server.join();
    const texts = Array.from({ length: 200 }, (_, index) => `${index} ${'x'.repeat(16_000)}`);
    for (const text of texts) client.send({ type: 'contextual_update', text });
    const [line] = server.lines;
    for (let before = -1; before !== line?.bytesRead; await settle(100)) before = line?.bytesRead ?? 0;
    // What one packet has beyond the pace is handed over with it.
    expect(conversation.commands.length).toBeLessThan(80);
    const ticking = setInterval(() => server.clock.advance(1_000), 1);
    for (const text of texts) expect(await conversation.next()).toMatchObject({ message: { text } });
    clearInterval(ticking);
  });

  it('[HC5] and half a minute ahead is closed 1008, whatever its frames are', async () => {
    const { client, conversation } = await server.join();
    client.line.write(Buffer.concat(Array.from({ length: 2_000 }, () => Buffer.from([0x89, 0x80, 0, 0, 0, 0]))));
    expect(await client.closed).toEqual({ code: 1008, reason: expect.stringMatching(/^rate_limited: .*30 frames.*65536 bytes/) });
    expect(await conversation.next()).toMatchObject({ type: 'client.leave', reason: 'lost', code: 1008 });
  });

  it('[HC5] is not taken for dead while it is not read', async () => {
    const { client } = await server.join();
    for (let i = 0; i < 600; i++) client.send({ type: 'user_activity' });
    await settle(50);
    const ticking = setInterval(() => server.clock.advance(SOCKET_LIMITS.sweepMs), 1);
    // Its ping is read when all that it sent before has been, 18 s later.
    await client.roundTrip();
    clearInterval(ticking);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });
});
