import { once } from 'node:events';
import { ElevenLabsClient } from '@elevenlabs/elevenlabs-js';
import {
  AudioInterface,
  Conversation,
  createConversationInitiationData,
} from '@elevenlabs/elevenlabs-js/api/resources/conversationalAi/conversation/index.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { agentOf } from '../cases/stage.js';
import { promptText } from '../harness/scripted-model.js';
import { until } from '../harness/until.js';
import { oneServer } from './one-server.js';

const server = oneServer();

/** A microphone in a silent room, as long as it is on, and a speaker that must stay silent. */
class Silence extends AudioInterface {
  readonly heard: Buffer[] = [];
  /** Where the microphone's chunks go: 250 ms each. */
  record = (): void => {};

  start(take: (audio: Buffer) => void): void {
    this.record = () => take(Buffer.alloc(8_000));
    this.record();
  }
  stop(): void {
    this.record = () => {};
  }
  output(audio: Buffer): void {
    this.heard.push(audio);
  }
  interrupted = 0;
  interrupt(): void {
    this.interrupted += 1;
  }
}

const GREETING = 'Parcel service, hello.';
const agent = (overrides: object = {}) =>
  server().api.createAgent({
    ...agentOf({ firstMessage: GREETING }),
    platform_settings: { auth: { enable_auth: true }, overrides: { conversation_config_override: overrides } },
  });

/**
 * The server SDK's own session with a private agent, which it enters by a signed URL that it asks for itself, or by `signedUrl` of an app's backend.
 */
async function session({ agentId = '', signedUrl = '', config = {} } = {}) {
  const { api, key, url } = server();
  const backend = { conversationalAi: { conversations: { getSignedUrl: () => Promise.resolve({ signedUrl }) } } };
  const audio = new Silence();
  const [said, transcripts, received]: [string[], string[], string[]] = [[], [], []];
  const talk = new Conversation({
    conversationClient: signedUrl === '' ? new ElevenLabsClient({ apiKey: key, baseUrl: url }) : backend,
    agentId: agentId === '' ? await agent() : agentId,
    requiresAuth: true,
    config: createConversationInitiationData(config),
    audioInterface: audio,
    callbackAgentResponse: (text) => void said.push(text),
    callbackUserTranscript: (text) => void transcripts.push(text),
    callbackMessageReceived: (message: { readonly type: string }) => void received.push(message.type),
  });
  const started = once(talk, 'conversation_started');
  await talk.startSession();
  onTestFinished(() => {
    if (talk.isSessionActive()) talk.endSession();
  });
  await started;
  const id = talk.getConversationId() ?? '';
  await until('the greeting', () => said.length >= 1);
  return { api, audio, id, said, talk, transcripts, received };
}

describe('the session of the official server SDK', () => {
  it('[OC65] talks in text with a private agent while its microphone records silence', async () => {
    const { api, audio, id, said, talk, transcripts } = await session();
    const { model } = server();
    expect(said).toEqual([GREETING]);
    talk.sendContextualUpdate('Customer is Ada.');
    talk.registerUserActivity();
    const calls = model.requests.length;
    model.next({ tokens: ['In ', 'Graz.'] });
    talk.sendUserMessage('Where is my parcel?');
    await until('its answer', () => said.length === 2);
    expect(JSON.stringify((await model.asked(calls + 1)).body)).toContain('Customer is Ada.');

    audio.record();
    model.next({ tokens: ['Tomorrow.'] });
    // Spoken by the SDK's pong.
    const sent = await api.send(id, { type: 'user_message', text: 'And when does it come?', wait_for: 'spoken', timeout_ms: 10_000 });
    expect(sent).toMatchObject({ http: 200, status: 'spoken', reply: { text: 'Tomorrow.', complete: true } });
    expect(said).toEqual([GREETING, 'In Graz.', 'Tomorrow.']);
    expect(transcripts).toEqual(['And when does it come?']);
    expect(audio.heard).toEqual([]);

    talk.endSession();
    type Ended = { readonly status: string };
    const ended = await until('it has ended', async () => {
      const now = await api.conversation<Ended>(id);
      return now.status === 'done' && now;
    });
    expect(ended).toMatchObject({
      metadata: {
        authorization_method: 'signed_url',
        conversation_initiation_source: 'js_sdk',
        conversation_initiation_source_version: '2.73.0',
        termination_reason: 'client_left',
      },
    });
  });

  it('[OC65] is told why it ends when a backend ends it', async () => {
    const { api, id, said, talk } = await session();
    const ended = once(talk, 'session_ended');
    expect((await api.end(id, { message: 'We close now.' })).status).toBeLessThan(300);
    expect(await ended).toEqual([id, 1000, 'ended by the backend']);
    expect(said.at(-1)).toBe('We close now.');
    expect(talk.isSessionActive()).toBe(false);
  });

  it('[OC88] gives its overrides and variables at the start', async () => {
    const config = {
      conversationConfigOverride: { agent: { first_message: 'Hello {{name}}.', prompt: { prompt: 'You help {{name}}.' } } },
      dynamicVariables: { name: 'Ada' },
    };
    const agentId = await agent({ agent: { first_message: true, prompt: { prompt: true } } });
    const { said, talk } = await session({ agentId, config });
    expect(said).toEqual(['Hello Ada.']);
    const { model } = server();
    const calls = model.requests.length;
    talk.sendUserMessage('Who am I?');
    expect(promptText(await model.asked(calls + 1))).toContain('You help Ada.');
  });

  it('[OC88] opens the conversation that a backend has minted, and shows what was sent before it came', async () => {
    const { api } = server();
    const agentId = await agent();
    const { signedUrl, conversationId } = await api.mint(agentId, { include_conversation_id: 'true' });
    await api.send(conversationId, { type: 'agent_message', text: 'Sent before you came.' });
    const { id, said } = await session({ agentId, signedUrl });
    expect(id).toBe(conversationId);
    await until('both lines', () => said.length === 2);
    expect(said).toEqual([GREETING, 'Sent before you came.']);
  });

  it('[OC88] cuts a reply by what it says, and its speaker is told', async () => {
    const { model } = server();
    const { audio, received, said, talk } = await session();
    const calls = model.requests.length;
    const told = model.nextByHand();
    talk.sendUserMessage('Tell me everything.');
    told.say('The beginning');
    await model.asked(calls + 1);
    // The start of the stream, and its first words.
    await until('the first words', () => received.filter((type) => type === 'agent_chat_response_part').length >= 2);
    model.next({ tokens: ['Stopped.'] });
    talk.sendUserMessage('Stop.');
    await until('the next answer', () => said.length === 3);
    told.end();
    expect(said).toEqual([GREETING, 'The beginning', 'Stopped.']);
    expect(audio.interrupted).toBe(1);
  });
});
