import { once } from 'node:events';
import { ElevenLabsClient } from '@elevenlabs/elevenlabs-js';
import { AudioInterface, Conversation } from '@elevenlabs/elevenlabs-js/api/resources/conversationalAi/conversation/index.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { agentOf } from '../cases/stage.js';
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
  interrupt(): void {}
}

/** The server SDK's own session with a private agent, which it enters by a signed URL that it asks for itself. */
async function session() {
  const { api, key, url } = server();
  const agentId = await api.createAgent({
    ...agentOf({ firstMessage: 'Parcel service, hello.' }),
    platform_settings: { auth: { enable_auth: true } },
  });
  const audio = new Silence();
  const [said, transcripts]: [string[], string[]] = [[], []];
  const talk = new Conversation({
    conversationClient: new ElevenLabsClient({ apiKey: key, baseUrl: url }),
    agentId,
    requiresAuth: true,
    audioInterface: audio,
    callbackAgentResponse: (text) => void said.push(text),
    callbackUserTranscript: (text) => void transcripts.push(text),
  });
  const started = once(talk, 'conversation_started');
  await talk.startSession();
  onTestFinished(() => {
    if (talk.isSessionActive()) talk.endSession();
  });
  await started;
  const id = talk.getConversationId() ?? '';
  await until('the greeting', () => said.length === 1);
  return { api, audio, id, said, talk, transcripts };
}

describe('the session of the official server SDK', () => {
  it('[OC65] talks in text with a private agent while its microphone records silence', async () => {
    const { api, audio, id, said, talk, transcripts } = await session();
    const { model } = server();
    expect(said).toEqual(['Parcel service, hello.']);
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
    expect(said).toEqual(['Parcel service, hello.', 'In Graz.', 'Tomorrow.']);
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
});
