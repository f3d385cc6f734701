import { describe, expect, it } from 'vitest';
import { agentOf, official, raw } from '../cases/stage.js';
import { oneServer } from './one-server.js';

type Conversation = {
  readonly conversation_id: string;
  readonly agent_id: string;
  readonly status: string;
  readonly user_id: string | null;
  readonly metadata: { readonly authorization_method: string; readonly warnings: readonly string[] };
};

const PRIVATE = { ...agentOf({ firstMessage: 'Private line, hello.' }), platform_settings: { auth: { enable_auth: true } } };

const server = oneServer();

describe('how the official client comes in', () => {
  it('[OC1] reaches a public agent by its id alone, and getId() is the id in REST', async () => {
    const { api, origin } = server();
    const agentId = await api.createAgent(agentOf({ firstMessage: 'Parcel service, hello.' }));
    const client = await official({ origin, agentId });
    expect(client.connectedAs).toEqual([client.id]);
    expect(await api.conversation<Conversation>(client.id)).toMatchObject({
      conversation_id: client.id,
      agent_id: agentId,
      status: 'in-progress',
      metadata: {
        authorization_method: 'public',
        conversation_initiation_source: 'js_sdk',
        conversation_initiation_source_version: '1.25.0',
      },
    });
    expect(await api.list({ status: 'in-progress', agent_id: agentId })).toMatchObject([{ conversation_id: client.id }]);
    expect(await client.line('Parcel service, hello.')).toMatchObject({ source: 'ai', event_id: 1 });
    expect(client.errors).toEqual([]);
  });

  it('[OC2] reaches a private agent by signed URL, which starts a conversation each time', async () => {
    const { api } = server();
    const agentId = await api.createAgent(PRIVATE);
    const { signedUrl } = await api.mint(agentId, { user_id: 'ada' });
    const [first, second] = [await official({ signedUrl }), await official({ signedUrl })];
    expect(second.id).not.toBe(first.id);
    for (const { id } of [first, second]) {
      expect(await api.conversation<Conversation>(id)).toMatchObject({
        status: 'in-progress',
        user_id: 'ada',
        user_id_verified: true,
        metadata: { authorization_method: 'signed_url' },
      });
    }
  });

  it('[OC2] reaches a private agent by authorization: the signature as a bearer subprotocol, which is never echoed', async () => {
    const { api, origin } = server();
    const agentId = await api.createAgent(PRIVATE);
    const signature = async () => new URL((await api.mint(agentId)).signedUrl).searchParams.get('conversation_signature') ?? '';
    const client = await official({ origin, agentId, authorization: await signature() });
    expect((await client.said(1))[0]).toMatchObject({ message: 'Private line, hello.' });
    expect(await api.conversation<Conversation>(client.id)).toMatchObject({ metadata: { authorization_method: 'signed_url' } });

    const byHand = await raw(`${origin}/v1/convai/conversation?agent_id=${agentId}`, {
      protocols: ['convai', `bearer.${await signature()}`],
    });
    expect(byHand.socket.protocol).toBe('convai');
  });

  it('[OC2] reaches a private agent by an API key in the header, as server-side clients send it', async () => {
    const { api, origin, key } = server();
    const agentId = await api.createAgent(PRIVATE);
    const client = await raw(`${origin}/v1/convai/conversation?agent_id=${agentId}`, { protocols: [], headers: { 'xi-api-key': key } });
    client.init();
    const metadata = await client.next();
    expect(metadata.type).toBe('conversation_initiation_metadata');
    expect(client.socket.protocol).toBe('');
    const [listed] = await api.list({ agent_id: agentId });
    expect(metadata).toMatchObject({ conversation_initiation_metadata_event: { conversation_id: listed?.conversation_id } });
    expect(await api.conversation<Conversation>(listed?.conversation_id ?? '')).toMatchObject({
      metadata: { authorization_method: 'authorization_header' },
    });
  });

  it('[OC3] opens the very conversation that a signed URL names, also when the backend began it', async () => {
    const { api } = server();
    const agentId = await api.createAgent(agentOf({ firstMessage: 'Parcel service, hello.' }));
    const minted = await api.mint(agentId, { include_conversation_id: 'true', user_id: 'ada', app_metadata: '{"reference":"order-7"}' });
    expect(await api.conversation<Conversation>(minted.conversationId)).toMatchObject({ status: 'initiated' });
    const client = await official({ signedUrl: minted.signedUrl });
    expect(client.id).toBe(minted.conversationId);
    expect(await api.conversation<Conversation>(client.id)).toMatchObject({
      status: 'in-progress',
      app_metadata: { reference: 'order-7' },
    });

    const opened = await api.open(agentId);
    const joiner = await official({ signedUrl: (await api.mint(agentId, { conversation_id: opened })).signedUrl });
    expect(joiner.id).toBe(opened);
    await api.send(opened, { type: 'agent_message', text: 'You are where I am.', wait_for: 'spoken' });
    // The greeting was said before it came, when nobody was there to hear it.
    expect(joiner.messages).toMatchObject([{ source: 'ai', message: 'You are where I am.' }]);
  });

  it('[OC4] takes the overrides that the agent permits, and the variables that its texts need', async () => {
    const { api, origin, model } = server();
    const agent = agentOf({ firstMessage: 'Hello {{name}}, {{visits}} visits.', overrides: { agent: { prompt: { prompt: true } } } });
    const agentId = await api.createAgent(agent);
    const options = {
      dynamicVariables: { name: 'Ada', visits: 3, vip: true },
      overrides: { agent: { prompt: { prompt: 'You speak with {{name}}, vip {{vip}}.' } } },
      userId: 'ada',
    };
    const client = await official({ origin, agentId }, options);
    expect((await client.said(1))[0]).toMatchObject({ message: 'Hello Ada, 3 visits.' });
    client.session.sendUserMessage('Hi');
    await client.said(2);
    expect(model.requests.at(-1)?.messages[0]).toMatchObject({
      role: 'system',
      content: expect.stringContaining('You speak with Ada, vip true.'),
    });
    expect(await api.conversation(client.id)).toMatchObject({
      user_id: 'ada',
      user_id_verified: false,
      conversation_initiation_client_data: {
        conversation_config_override: { agent: { prompt: { prompt: 'You speak with {{name}}, vip {{vip}}.' } } },
        dynamic_variables: { name: 'Ada', visits: 3, vip: true },
      },
    });
  });

  it('[OC4] takes overrides that ask for nothing, or for what the agent is already, where nothing is permitted', async () => {
    const { api, origin } = server();
    const agentId = await api.createAgent(agentOf({ firstMessage: 'Hello.' }));
    const overrides = { agent: { prompt: {}, firstMessage: 'Hello.', language: 'en' as const }, tts: {}, conversation: {} };
    const client = await official({ origin, agentId }, { overrides });
    expect((await client.said(1))[0]).toMatchObject({ message: 'Hello.' });
    const { warnings } = (await api.conversation<Conversation>(client.id)).metadata;
    expect(warnings.filter((warning) => !warning.startsWith('llm_not_served'))).toEqual([]);

    // What the widget, Python and others send.
    for (const override of [null, {}, { agent: { prompt: null, language: 'en' }, tts: { voice_id: null } }, { text_only: true }]) {
      const other = await raw(`${origin}/v1/convai/conversation?agent_id=${agentId}`);
      other.init({ conversation_config_override: override });
      expect((await other.next()).type).toBe('conversation_initiation_metadata');
    }
  });
});
