import { describe, expect, it } from 'vitest';
import { OfficialClient } from '../compat/official-client.js';
import { oneServer } from '../compat/one-server.js';
import { promptText } from '../harness/scripted-model.js';
import { until } from '../harness/until.js';
import { agentOf, joined, official, raw, socketOf } from './stage.js';

const SWITCHES = 'platform_settings.overrides.conversation_config_override';
const NOT_PERMITTED = /^override_error: /;

/** What the official clients send when their app asks for nothing, or for what the agent is already. */
const OPENING_FRAMES = {
  JS: { conversation_config_override: { agent: {}, tts: {}, conversation: {} } },
  'JS in text': { conversation_config_override: { agent: {}, tts: {}, conversation: { text_only: true } } },
  'the widget': {
    conversation_config_override: { agent: { language: 'en', prompt: {} }, tts: {}, conversation: {} },
    source_info: { source: 'widget', version: '0.5.4' },
  },
  Python: { custom_llm_extra_body: {}, conversation_config_override: {}, dynamic_variables: {} },
  'Python in text': { custom_llm_extra_body: {}, conversation_config_override: { text_only: true }, dynamic_variables: {} },
  'one full of nulls': {
    conversation_config_override: { agent: { first_message: null, language: null, prompt: null }, tts: { voice_id: null } },
    user_id: null,
  },
  'the agent’s own words': {
    conversation_config_override: {
      agent: { first_message: 'Hello.', language: 'en', prompt: { prompt: 'You help with parcels.', llm: 'gpt-4o-mini' } },
    },
  },
};

const running = oneServer();

describe('an override', () => {
  it.each([
    ['firstMessage', { agent: { firstMessage: 'Yo!' } }, ['agent.first_message']],
    ['language', { agent: { language: 'de' } }, ['agent.language']],
    ['prompt', { agent: { prompt: { prompt: 'Be a pirate.' } } }, ['agent.prompt.prompt']],
    ['voiceId', { tts: { voiceId: 'voice_1' } }, ['tts.voice_id']],
    ['two at once', { agent: { firstMessage: 'Yo!', language: 'de' } }, ['agent.first_message', 'agent.language']],
  ] as const)(
    '[CA21] of %s refuses the session where it is forbidden, and names the field and its switch',
    async (_name, overrides, fields) => {
      const server = running();
      const agentId = await server.api.createAgent(agentOf({ firstMessage: 'Hello.' }));
      const refused = await OfficialClient.refused({ origin: server.origin, agentId }, { overrides });
      expect(refused).toMatchObject({ code: 1008, reason: expect.stringMatching(NOT_PERMITTED) });
      expect(refused.message).toBe(refused.reason);
      for (const name of [...fields, SWITCHES]) expect(refused.reason).toContain(name);
      // For a backend it is the same refusal, as an answer.
      const override = { agent: { first_message: 'Yo!' } };
      const opened = await server.api.post('/conversations', { agent_id: agentId, conversation_config_override: override });
      expect(opened).toMatchObject({ status: 422, body: { detail: { code: 'override_error', param: 'agent.first_message' } } });
      expect(await server.api.list({ agent_id: agentId })).toEqual([]);
    },
  );

  it('[CA22] is nothing that asks for nothing: the opening frames of the official clients are never refused', async () => {
    const server = running();
    const agentId = await server.api.createAgent(agentOf({ firstMessage: 'Hello.' }));
    for (const [name, frame] of Object.entries(OPENING_FRAMES)) {
      const client = await raw(socketOf(server, agentId));
      client.send({ type: 'conversation_initiation_client_data', ...frame });
      await until(`${name} is greeted`, () => client.frames.some(({ type }) => type === 'agent_response'));
      expect(client.frames.map(({ type }) => type)).toEqual(expect.not.arrayContaining(['client_error', 'error']));
    }
    const asIs = await official({ origin: server.origin, agentId }, { overrides: { agent: { firstMessage: 'Hello.', language: 'en' } } });
    expect(await asIs.said(1)).toMatchObject([{ message: 'Hello.' }]);
  });

  it('[CA23] that is permitted holds, an empty first message included: then the user speaks first', async () => {
    const server = running();
    const permitted = { agent: { first_message: true, language: true, prompt: { prompt: true } } };
    const agentId = await server.api.createAgent(agentOf({ firstMessage: 'Hello.', overrides: permitted }));
    const way = { origin: server.origin, agentId };
    const silent = await official(way, { overrides: { agent: { firstMessage: '', prompt: { prompt: 'Be a pirate.' } } } });
    server.model.next({ tokens: ['A parcel.'] });
    silent.session.sendUserMessage('Who are you?');
    await silent.said(1);
    expect(silent.messages).toMatchObject([{ source: 'ai', message: 'A parcel.' }]);
    expect(promptText(server.model.requests.at(-1))).toMatch(/^system: Be a pirate\.\nuser: Who are you\?$/);
    const greeted = await official(way, { overrides: { agent: { firstMessage: 'Ahoy!' } } });
    expect(await greeted.said(1)).toMatchObject([{ message: 'Ahoy!' }]);
  });

  it('[CA23] of what the demo agent permits, and of nothing else, works out of the box', async () => {
    const server = running();
    const way = { origin: server.origin, agentId: 'agent_demo' };
    const agent = await server.api.get('/agents/agent_demo');
    const stated = { agent: { first_message: true, language: true, prompt: { prompt: true } } };
    expect(agent).toMatchObject({ status: 200, body: { platform_settings: { overrides: { conversation_config_override: stated } } } });
    expect(JSON.stringify(agent.body)).not.toContain('"voice_id":true');
    const overrides = { agent: { firstMessage: 'Welcome.', language: 'de', prompt: { prompt: 'Help.' } } } as const;
    expect(await (await official(way, { overrides })).said(1)).toMatchObject([{ message: 'Welcome.' }]);
    expect(await OfficialClient.refused(way, { overrides: { tts: { voiceId: 'x' } } })).toMatchObject({
      code: 1008,
      reason: expect.stringContaining('tts.voice_id'),
    });
  });

  it('[CA23] is asked once, when the conversation begins: a client that is back changes nothing', async () => {
    const server = running();
    const agentId = await server.api.createAgent(agentOf({ firstMessage: 'Hello.' }));
    const { signedUrl, conversationId } = await server.api.mint(agentId, { include_conversation_id: 'true' });
    const { client } = await joined(signedUrl);
    await until('it is greeted', () => client.frames.some(({ type }) => type === 'ping'));
    client.cut();
    const again = await server.api.mint(agentId, { conversation_id: conversationId, join: 'resume' });
    const back = await official({ signedUrl: again.signedUrl }, { overrides: { agent: { firstMessage: 'Again!' } } });
    expect(back.id).toBe(conversationId);
    await server.api.send(conversationId, { type: 'agent_message', text: 'Still here.', wait_for: 'spoken' });
    expect(back.messages.map(({ message }) => message)).not.toContain('Again!');
  });
});
