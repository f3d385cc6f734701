// node elevenlabs-js.mjs <folder> <url> <key>: `@elevenlabs/elevenlabs-js` of that folder, told by JSON lines.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { method, NoWay, serve, tell } from './lines.mjs';

const [folder, baseUrl, apiKey] = process.argv.slice(2);
const PACKAGE = '@elevenlabs/elevenlabs-js';
const require = createRequire(join(folder, 'package.json'));
const { ElevenLabsClient } = require(PACKAGE);
const { AudioInterface, Conversation } = require(`${PACKAGE}/api/resources/conversationalAi/conversation/index.js`);
const client = new ElevenLabsClient({ apiKey, baseUrl, maxRetries: 0 });
const sessions = new Map();

/** A microphone in a silent room, and a speaker that tells when it is interrupted. */
class Silence extends AudioInterface {
  constructor(session) {
    super();
    this.session = session;
  }
  start(take) {
    take(Buffer.alloc(8_000));
  }
  stop() {}
  output() {}
  interrupt() {
    tell({ event: 'interrupted', session: this.session });
  }
}

await serve({
  async start({ session, agentId, signedUrl }) {
    // An app may bring the URL that its backend has minted.
    const minted = { conversationalAi: { conversations: { getSignedUrl: async () => ({ signedUrl }) } } };
    const talk = new Conversation({
      conversationClient: signedUrl ? minted : client,
      agentId,
      requiresAuth: true,
      audioInterface: new Silence(session),
      callbackAgentResponse: (text) => tell({ event: 'agent_response', session, text }),
      callbackUserTranscript: (text) => tell({ event: 'user_transcript', session, text }),
      // It has none for a stream alone.
      callbackMessageReceived: ({ type, text_response_part: part }) => {
        if (type === 'agent_chat_response_part') tell({ event: 'part', session, text: part.text, kind: part.type });
      },
    });
    sessions.set(session, talk);
    talk.on('session_ended', (_id, _code, reason) => tell({ event: 'disconnected', session, details: { text: String(reason ?? '') } }));
    talk.on('error', (error) => tell({ event: 'error', session, text: String(error) }));
    const started = new Promise((resolve, reject) => {
      talk.once('conversation_started', resolve);
      talk.once('session_ended', (_id, code, reason) => reject(new Error(`${code} ${reason}`)));
    });
    await Promise.all([talk.startSession(), started]);
    return talk.getConversationId();
  },
  say: ({ session, text }) => method(sessions.get(session), 'sendUserMessage')(text),
  context: ({ session, text }) => method(sessions.get(session), 'sendContextualUpdate')(text),
  end: ({ session }) => sessions.get(session).endSession(),
  async rest({ call, args }) {
    const steps = call.split('.');
    const name = steps.pop();
    let part = client.conversationalAi;
    for (const step of steps) part = part?.[step];
    if (typeof part?.[name] !== 'function') throw new NoWay(`this version has no ${call}`);
    return part[name](...args);
  },
});
