import { ElevenLabsClient } from '@elevenlabs/elevenlabs-js';
import { expect, it } from 'vitest';
import { agentOf, joined, serveByHand, socketOf } from '../cases/stage.js';
import { until } from '../harness/until.js';
import { describeInPython, pythonFor } from './one-python.js';

const SIGNED_URL_MS = 15 * 60_000;

/** A conversation in each state that there is here, by ElevenLabs' word for it; each has said something to whom it could. */
async function everyState() {
  const server = await serveByHand();
  const { api, clock } = server;
  const agentId = await api.createAgent(agentOf({ firstMessage: 'Hello.' }));
  const failed = await mintNew();
  clock.advance(SIGNED_URL_MS + 1);
  const done = await api.open(agentId);
  await api.send(done, { type: 'contextual_update', text: 'Customer is Ada.' });
  await api.end(done, { message: 'Goodbye.' });
  const states = { initiated: await mintNew(), 'in-progress': (await joined(socketOf(server, agentId))).id, done, failed };
  await until('that URL is over', async () => (await api.list({ status: 'failed' })).length === 1);
  return { server, agentId, states: Object.entries(states) };

  async function mintNew(): Promise<string> {
    return (await api.mint(agentId, { include_conversation_id: 'true' })).conversationId;
  }
}

/** The official SDKs know which keys are required: elevenlabs-js throws without one, and of Python's types we ask. */
describeInPython('what the official SDKs require of an answer', () => {
  it('[OC87] is there in every state of a conversation', async () => {
    const { server, agentId, states } = await everyState();
    const { conversations } = new ElevenLabsClient({ apiKey: server.key, baseUrl: server.url, maxRetries: 0 }).conversationalAi;
    const python = await pythonFor(server);
    const wanted = states.map(([, id]) => id).sort();
    for (const [status, id] of states) {
      expect(await conversations.get(id), 'elevenlabs-js').toMatchObject({ conversationId: id, agentId, status });
      expect(await python.rest('conversations.get', { conversation_id: id }), 'Python').toMatchObject({ conversation_id: id, status });
      const [listed, ...others] = (await conversations.list({ agentId })).conversations.filter((one) => one.conversationId === id);
      expect(listed).toMatchObject({ status, callSuccessful: 'unknown' });
      expect(others).toEqual([]);
    }
    type Page = { readonly conversations: readonly { readonly conversation_id: string }[] };
    const page = await python.rest<Page>('conversations.list', { agent_id: agentId });
    expect(page.conversations.map((one) => one.conversation_id).sort()).toEqual(wanted);
  });
});
