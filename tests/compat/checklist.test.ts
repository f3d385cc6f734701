import type { Frame, RawClient } from '@backchannel/server/testing';
import { describe, expect, it } from 'vitest';
import { agentOf, FIRST_MOMENT_MS, official, raw, serve, serveByHand } from '../cases/stage.js';
import { passTime } from '../harness/pass-time.js';
import { until } from '../harness/until.js';
import { OfficialClient } from './official-client.js';
import { oneServer } from './one-server.js';
import { wireProblems } from './wire-rules.js';

// Ways in which a server easily breaks the official JS client, by the numbers of the list that this project keeps of them.
// Points 13 (CORS) and 15 to 17 (WebRTC) are beyond text over WebSocket in Node.

const server = oneServer();

const socketUrl = (agentId: string): string => `${server().origin}/v1/convai/conversation?agent_id=${agentId}`;
const agent = (more: Parameters<typeof agentOf>[0] = {}): Promise<string> =>
  server().api.createAgent(agentOf({ firstMessage: 'Hello.', ...more }));

const shown = (client: RawClient, find: (frame: Frame) => boolean): Promise<Frame> =>
  until('the frame came', () => client.frames.find(find));

describe('what easily breaks the official JS client', () => {
  it('[OC50] point 1: selects convai and never the bearer, and nothing when nothing is offered', async () => {
    const url = socketUrl(await agent());
    expect((await raw(url, { protocols: ['convai'] })).socket.protocol).toBe('convai');
    expect((await raw(url, { protocols: ['convai', 'bearer.x'] })).socket.protocol).toBe('convai');
    expect((await raw(url, { protocols: [] })).socket.protocol).toBe('');
  });

  it('[OC50] points 2 and 4: the metadata is first, and alone until 100 ms have passed', async () => {
    const { api, clock, origin } = await serveByHand();
    const agentId = await api.createAgent(agentOf({ firstMessage: 'Hello.' }));
    const client = await raw(`${origin}/v1/convai/conversation?agent_id=${agentId}`);
    client.init();
    client.send({ type: 'user_message', text: 'At once.' });
    client.send({ type: 'user_message', text: '' });
    expect((await client.next()).type).toBe('conversation_initiation_metadata');
    const [{ conversation_id: id } = { conversation_id: '' }] = await api.list();
    expect((await api.send(id, { type: 'agent_message', text: 'Injected.' })).status).toBe('accepted');
    clock.advance(FIRST_MOMENT_MS - 1);
    await client.roundTrip();
    expect(client.frames).toHaveLength(1);
    await passTime(
      clock,
      shown(client, ({ type }) => type === 'agent_chat_response_part'),
    );
    await passTime(
      clock,
      until('its reply is whole', () => wireProblems(client.frames).length === 0),
    );
  });

  it('[OC50] point 4: no greeting is lost in Node, however many clients come at once', async () => {
    const [agentId, { origin }] = [await agent(), server()];
    const clients = await Promise.all(Array.from({ length: 25 }, () => official({ origin, agentId })));
    for (const client of clients) expect((await client.said(1))[0]).toMatchObject({ message: 'Hello.', event_id: 1 });
  });

  it('[OC50] points 3 and 14: the metadata has formats that can be read, also for text, and an id that every client recognises', async () => {
    const { origin } = server();
    const client = await raw(socketUrl(await agent()));
    client.init();
    const { conversation_initiation_metadata_event: metadata } = await client.next();
    expect(metadata).toMatchObject({
      conversation_id: expect.stringMatching(/^conv_[A-Za-z0-9]+$/),
      agent_output_audio_format: expect.stringMatching(/^(pcm|ulaw)_\d+$/),
      user_input_audio_format: expect.stringMatching(/^(pcm|ulaw)_\d+$/),
    });
    // A client that asks for voice is not turned away either.
    const voice = await raw(`${origin}/v1/convai/conversation?agent_id=${await agent()}`);
    voice.send({ type: 'conversation_initiation_client_data', conversation_config_override: { agent: {}, tts: {}, conversation: {} } });
    expect(wireProblems([await voice.next()])).toEqual([]);
  });

  it('[OC50] point 6: a refusal lets the client in and closes with code and reason before any frame', async () => {
    const client = await raw(socketUrl('agent_nobody'));
    client.init();
    expect(await client.closed).toMatchObject({ code: 3000, reason: expect.stringMatching(/does not exist/) });
    expect(client.frames).toEqual([]);
    const { code, reason } = await OfficialClient.refused({ origin: server().origin, agentId: 'agent_nobody' });
    expect({ code, reason }).toMatchObject({ code: 3000, reason: expect.any(String) });
  });

  it('[OC51] points 5, 7, 8, 9, 18, 23 and 24: every frame of an eventful conversation is as the client needs it', async () => {
    const { api, model } = server();
    const client = await raw(socketUrl(await agent({ endCall: true })));
    client.init();
    await shown(client, ({ type }) => type === 'agent_response');
    const { conversation_id: id } = (await client.next()).conversation_initiation_metadata_event as { conversation_id: string };
    const answers = () => client.frames.filter(({ type }) => type === 'agent_response').length;
    const answered = (count: number) => until(`${count} agent_responses`, () => answers() >= count);

    const story = model.nextByHand();
    client.send({ type: 'user_message', text: 'Typed by the user.' });
    story.say('Once ', 'upon ');
    await shown(client, ({ type }) => type === 'agent_chat_response_part');
    await api.send(id, { type: 'agent_message', text: 'After the stream.' });
    await api.send(id, { type: 'agent_message', text: 'Into the stream.', urgency: 'immediate' });
    story.say('a time.').end();
    await answered(4);
    const wordless = model.nextByHand();
    const asked = model.requests.length;
    await api.send(id, { type: 'user_message', text: 'From the backend.' });
    await model.asked(asked + 1);
    await api.send(id, { type: 'agent_message', text: 'Still looking…' });
    await api.send(id, { type: 'instruction', text: 'Be brief.', urgency: 'immediate' });
    wordless.say('Never shown.').end();
    await answered(6);
    model.next({ cutAfter: 1, tokens: ['Cut ', 'off.'] });
    await api.send(id, { type: 'user_message', text: 'And a model that fails.', wait_for: 'replied' });
    await answered(7);
    model.next({ tokens: ['Good', 'bye.'], toolCalls: [{ id: 'call_1', name: 'end_call', pieces: ['{"reason":"done"}'] }] });
    client.send({ type: 'user_message', text: 'Hang up.' });
    expect(await client.closed).toMatchObject({ code: 1000 });

    expect(wireProblems(client.frames)).toEqual([]);
    const texts = client.frames.flatMap(({ user_transcription_event: said }) =>
      said ? [(said as { user_transcript: string }).user_transcript] : [],
    );
    expect(texts).toEqual(['From the backend.', 'And a model that fails.']);
    expect(client.frames.map(({ type }) => type)).not.toContain('error');
    expect(client.frames.filter(({ type }) => type === 'interruption')).toHaveLength(1);
    // Point 11: nothing is said behind the end of the call.
    expect(client.frames.at(-1)).toMatchObject({ type: 'agent_tool_response', agent_tool_response: { tool_name: 'end_call' } });
  });

  it('[OC52] points 10, 19 and 20: notices are client_errors, audio is tolerated before and after the metadata, and unknown frames too', async () => {
    const client = await raw(socketUrl(await agent()));
    client.send({ user_audio_chunk: 'AAAA' });
    client.send({ type: 'enclave_setup_config', agent_config_dict: null });
    client.init();
    client.send({ user_audio_chunk: 'AAAA' });
    await shown(client, ({ type }) => type === 'agent_response');
    for (const frame of [
      'not JSON',
      '[]',
      '{}',
      '{"type":"user_message"}',
      '{"type":"pong","event_id":"x"}',
      '{"type":"contextual_update","text":3}',
    ])
      client.send(frame);
    for (const type of ['client_tool_result', 'mcp_tool_approval_result', 'tomorrow'])
      client.send({ type, tool_call_id: 'nobody', result: '', is_error: false });
    client.init();
    client.send({ user_audio_chunk: 'AAAA' });
    client.send({ type: 'user_message', text: 'Still there?' });
    await until('it is answered', () => client.frames.filter(({ type }) => type === 'agent_response').length === 2);
    const types = client.frames.map(({ type }) => type);
    expect(types).not.toContain('error');
    expect(types.filter((type) => type === 'client_error').length).toBeGreaterThanOrEqual(5);
    expect(wireProblems(client.frames)).toEqual([]);
  });

  it('[OC53] point 21: what the official REST client requires is there, while live and after the end', async () => {
    const { api, origin } = server();
    const agentId = await agent();
    const client = await official({ origin, agentId });
    client.session.sendUserMessage('Hi.');
    await client.said(2);
    const [live, list] = [await api.conversation<object>(client.id), await api.ask<object>('GET', `/conversations?agent_id=${agentId}`)];
    await client.end();
    await until('it has ended', async () => (await api.conversation<{ status: string }>(client.id)).status === 'done');
    for (const conversation of [live, await api.conversation<object>(client.id)]) {
      expect(conversation).toMatchObject({
        agent_id: agentId,
        conversation_id: client.id,
        status: expect.stringMatching(/^(in-progress|done)$/),
        has_audio: false,
        has_user_audio: false,
        has_response_audio: false,
        has_auxiliary_audio: false,
        metadata: { start_time_unix_secs: expect.any(Number), call_duration_secs: expect.any(Number) },
        transcript: [{ role: 'agent' }, { role: 'user' }, { role: 'agent' }],
      });
    }
    expect(live).toMatchObject({ transcript: Array.from({ length: 3 }, () => ({ time_in_call_secs: expect.any(Number) })) });
    expect(list).toMatchObject({
      has_more: false,
      conversations: [
        {
          agent_id: agentId,
          conversation_id: client.id,
          start_time_unix_secs: expect.any(Number),
          call_duration_secs: expect.any(Number),
          message_count: expect.any(Number),
          status: 'in-progress',
          call_successful: 'unknown',
        },
      ],
    });
    const access_info = {
      is_creator: expect.any(Boolean),
      creator_name: expect.any(String),
      creator_email: expect.any(String),
      role: 'admin',
    };
    const times = { created_at_unix_secs: expect.any(Number), updated_at_unix_secs: expect.any(Number) };
    expect(await api.ask('GET', `/agents/${agentId}`)).toMatchObject({
      agent_id: agentId,
      name: expect.any(String),
      conversation_config: {},
      metadata: times,
    });
    const agents = await api.ask<{ agents: object[]; has_more: boolean }>('GET', '/agents?page_size=1');
    const listed = {
      agent_id: expect.any(String),
      name: expect.any(String),
      tags: expect.any(Array),
      created_at_unix_secs: expect.any(Number),
    };
    expect(agents).toMatchObject({ has_more: true, agents: [{ ...listed, voice_id: expect.any(String), access_info }] });
    expect(await api.ask('GET', '/analytics/live-count')).toMatchObject({ count: expect.any(Number) });
  });

  it('[OC54] point 22: a signed URL begins with the public address, its path included, and works behind a proxy that keeps it', async () => {
    const { api, running } = await serve({ env: { BACKCHANNEL_PUBLIC_URL: 'https://talk.example.com/voice/' } });
    const { signedUrl, conversationId } = await api.mint('agent_private', { include_conversation_id: 'true' });
    expect(signedUrl).toMatch(/^wss:\/\/talk\.example\.com\/voice\/v1\/convai\/conversation\?agent_id=agent_private&/);
    const behindProxy = signedUrl.replace('wss://talk.example.com', running.url.replace('http', 'ws'));
    expect((await official({ signedUrl: behindProxy })).id).toBe(conversationId);
  });
});
