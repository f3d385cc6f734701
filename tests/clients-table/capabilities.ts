import { promptText } from '../harness/scripted-model.js';
import { until } from '../harness/until.js';
import type { Talk } from './talk.js';

export type Capability = {
  /** The column's heading. */
  readonly name: string;
  /** What a tick means. */
  readonly means: string;
  /** Fails when the client does not do it; rejects with a `NoWay` when this version has no way to. */
  readonly run: (talk: Talk) => Promise<void>;
};

const GREETED = { firstMessage: 'Parcel service, hello.' };

/** Every column, in order. Each cell is a run of its own, with an agent and a conversation of its own. */
export const CAPABILITIES: readonly Capability[] = [
  {
    name: 'public',
    means: 'enters a public agent by its id, in text, and shows the greeting',
    async run(talk) {
      await talk.enter('public', GREETED);
      await talk.line(GREETED.firstMessage);
    },
  },
  {
    name: 'private',
    means: 'enters a private agent by a signed URL',
    async run(talk) {
      const id = await talk.enter('private', GREETED);
      await talk.line(GREETED.firstMessage);
      same((await talk.conversation(id)).metadata.authorization_method, 'signed_url');
    },
  },
  {
    name: 'id',
    means: 'knows the id under which REST has the live conversation, and REST knows client and version',
    async run(talk) {
      const id = await talk.enter();
      const { status, conversation_id, metadata } = await talk.conversation(id);
      same({ status, conversation_id }, { status: 'in-progress', conversation_id: id });
      if (!metadata.conversation_initiation_source) throw new Error('REST does not know the client');
    },
  },
  {
    name: 'answer',
    means: 'a typed line is answered',
    async run(talk) {
      await talk.enter();
      await talk.say('Where is my parcel?');
      await talk.line('In Graz.');
    },
  },
  {
    name: 'stream',
    means: 'the answer is shown while it grows, and the pieces together are the answer',
    async run(talk) {
      talk.mustStream();
      await talk.enter();
      await talk.say('Where is my parcel?');
      await until('the end of the stream', () => talk.told('part').some(({ kind }) => kind === 'stop'));
      same(
        talk
          .told('part')
          .map(({ text }) => text)
          .join(''),
        'In Graz.',
      );
      await talk.line('In Graz.');
    },
  },
  {
    name: 'context',
    means: 'a contextual update of the client changes the answer',
    async run(talk) {
      await talk.enter();
      await talk.ask('context', { text: 'The parcel is blue.' });
      await talk.say('Which colour?');
      await talk.line('Blue.');
    },
  },
  {
    name: 'agent line',
    means: 'shows a line that a backend puts into the agent’s mouth',
    async run(talk) {
      const id = await talk.enter();
      await talk.server.api.send(id, { type: 'agent_message', text: 'Your parcel is here.' });
      await talk.line('Your parcel is here.');
    },
  },
  {
    name: 'user line',
    means: 'shows a line that a backend sends as the user’s, and the answer to it',
    async run(talk) {
      const id = await talk.enter();
      await talk.server.api.send(id, { type: 'user_message', text: 'Where is my parcel?' });
      await talk.line('In Graz.');
      same(
        talk.told('user_transcript').map(({ text }) => text),
        ['Where is my parcel?'],
      );
    },
  },
  {
    name: 'backend context',
    means: 'a contextual update of a backend changes the answer',
    async run(talk) {
      const id = await talk.enter();
      await talk.server.api.send(id, { type: 'contextual_update', text: 'The parcel is blue.' });
      await talk.say('Which colour?');
      await talk.line('Blue.');
    },
  },
  {
    name: 'spoken',
    means: 'confirms what it was shown: a receipt says spoken, confirmed',
    async run(talk) {
      const id = await talk.enter();
      const line = { type: 'agent_message', text: 'Your parcel is here.', wait_for: 'spoken', timeout_ms: 8_000 };
      const sent = await talk.server.api.send(id, line);
      const { timeline } = await talk.server.api.message(id, sent.message_id);
      same([timeline.at(-1)?.level, timeline.at(-1)?.basis], ['spoken', 'confirmed']);
    },
  },
  {
    name: 'interrupt',
    means: 'a typed line cuts a streamed reply, and what was said of it stands',
    async run(talk) {
      await talk.enter();
      const asked = talk.server.model.requests.length;
      await talk.say('Tell me everything.');
      await talk.begun(asked + 1);
      await talk.say('Stop.');
      await talk.line('Stopped.');
      const [cut = ''] = talk.lines();
      if (!cut.startsWith('Once') || cut.endsWith('the end.')) throw new Error(`of the cut reply is shown: ${cut}`);
    },
  },
  {
    name: 'minted',
    means: 'opens the very conversation that a backend has minted, and is shown what was sent before',
    async run(talk) {
      const { id, signedUrl, agentId } = await talk.mint(GREETED);
      await talk.server.api.send(id, { type: 'agent_message', text: 'Sent before you came.' });
      same(await talk.enterMinted(agentId, signedUrl), id);
      await talk.line('Sent before you came.');
      same(talk.lines(), [GREETED.firstMessage, 'Sent before you came.']);
    },
  },
  {
    name: 'leaves',
    means: 'its end ends the conversation as client_left',
    async run(talk) {
      const id = await talk.enter();
      await talk.ask('end');
      await talk.ended(id, 'client_left');
    },
  },
  {
    name: 'is ended',
    means: 'shows a backend’s last line and then ends, with the reason where the client has a place for it',
    async run(talk) {
      const id = await talk.enter();
      await talk.server.api.end(id, { message: 'We close now.' });
      await until('the client has ended', () => talk.told('disconnected').length > 0);
      await talk.line('We close now.');
      await talk.ended(id, 'ended_by_api');
    },
  },
  {
    name: 'refusal',
    means: 'tells the app why it was refused, in our words',
    run: (talk) => talk.refused(),
  },
  {
    name: 'feedback',
    means: 'a thumb for the whole conversation is read in it',
    async run(talk) {
      const id = await talk.enter();
      await talk.thumb(id);
      await until('the thumb', async () => (await talk.conversation(id)).metadata.feedback?.overall_score === 'like');
    },
  },
  {
    name: 'REST agents',
    means: 'makes, reads, changes, lists and deletes agents',
    run: (talk) => talk.restAgents(),
  },
  {
    name: 'REST conversations',
    means: 'mints a signed URL, reads, lists, counts and deletes conversations',
    run: (talk) => talk.restConversations(),
  },
];

function same(found: unknown, wanted: unknown): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${a} and not ${b}`);
}

/** What the model says, by what the user said last. */
export function answerTo(request: Parameters<typeof promptText>[0]): { tokens: readonly string[]; tokensPerSecond?: number } {
  const question = request?.messages.at(-1)?.content ?? '';
  if (question.includes('Stop.')) return { tokens: ['Stopped.'] };
  if (question.includes('everything'))
    return { tokens: [...'Once upon a time there was a parcel '.repeat(20).split(/(?<= )/), 'the end.'], tokensPerSecond: 25 };
  if (question.includes('colour')) return { tokens: [promptText(request).includes('The parcel is blue.') ? 'Blue.' : 'Nobody knows.'] };
  return { tokens: ['In ', 'Graz.'] };
}
