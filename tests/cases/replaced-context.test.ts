import { describe, expect, it } from 'vitest';
import { postInOnePacket } from '../harness/one-packet.js';
import { promptText } from '../harness/scripted-model.js';
import { until } from '../harness/until.js';
import { agentOf, FIRST_MOMENT_MS, official, serveByHand } from './stage.js';

type Transcript = {
  transcript: { role: string; contextual_update_info?: { context_id: string; is_superseded: boolean } | null; message: string | null }[];
};

async function shopping() {
  const server = await serveByHand();
  const agentId = await server.api.createAgent(agentOf());
  const client = await official({ origin: server.origin, agentId });
  server.clock.advance(FIRST_MOMENT_MS);
  const { api } = server;
  const page = (text: string) =>
    api.send(client.id, { type: 'contextual_update', context_id: 'page', text: `The user is on the ${text} page.` });
  return { ...server, client, id: client.id, page };
}

describe('what the agent knows of the user’s page', () => {
  it('[CA17] is the newest text under its key: the prompt has that alone, the log has all, and nothing is said', async () => {
    const { api, model, client, id, page } = await shopping();
    for (const name of ['cart', 'address', 'payment']) expect(await page(name)).toMatchObject({ http: 202, status: 'applied' });
    client.session.sendContextualUpdate('The user is on the receipt page.', { contextId: 'page' });
    await until('the typed one is there too', async () => (await api.events(id)).filter(({ type }) => type === 'context.set').length === 4);
    expect([model.requests.length, client.messages.length, client.parts.length]).toEqual([0, 0, 0]);

    await api.send(id, { type: 'user_message', text: 'Where am I?', wait_for: 'replied' });
    const prompt = promptText(model.requests[0]);
    expect(prompt.match(/The user is on the (\w+) page/g)).toEqual(['The user is on the receipt page']);
    const { transcript } = await api.conversation<Transcript>(id);
    const contexts = transcript.flatMap((entry) =>
      entry.contextual_update_info ? [[entry.message, entry.contextual_update_info.is_superseded]] : [],
    );
    expect(contexts.map(([, superseded]) => superseded)).toEqual([true, true, true, false]);
    const set = (await api.events(id)).flatMap((event) => (event.type === 'context.set' ? [event] : []));
    expect(set.map(({ replaces }) => replaces)).toEqual([undefined, ...set.slice(0, 3).map(({ message_id }) => message_id)]);
  });

  it('[CA18] is acted upon at once by an instruction, without a word of the user, and only that once', async () => {
    const { api, model, client, id, page } = await shopping();
    await page('address');
    const asked = await api.send(id, { type: 'instruction', text: 'Ask for the postcode if it is empty.', wait_for: 'spoken' });
    expect(asked).toMatchObject({ http: 200, status: 'spoken', reply: { text: 'Answer 1.', complete: true } });
    expect(client.messages).toMatchObject([{ source: 'ai', message: 'Answer 1.' }]);
    expect(model.requests).toHaveLength(1);
    expect(promptText(model.requests[0])).toMatch(/The user is on the address page\.[\s\S]*Ask for the postcode/);
    await api.send(id, { type: 'user_message', text: '28195', wait_for: 'replied' });
    expect(promptText(model.requests[1])).not.toContain('Ask for the postcode');
    const { transcript } = await api.conversation<Transcript>(id);
    expect(JSON.stringify(transcript)).not.toContain('Ask for the postcode');
  });

  it('[CA18] is known to the reply of an instruction that came right behind it', async () => {
    const { api, model, client, id } = await shopping();
    for (let round = 1; round <= 10; round++) {
      const statuses = await postInOnePacket(api, `/conversations/${id}/messages`, [
        { type: 'contextual_update', context_id: 'page', text: `The user is on page ${round}.` },
        { type: 'instruction', text: `Say so, ${round}.` },
      ]);
      expect(statuses).toEqual([202, 202]);
      await client.until(() => client.messages.length === round);
      expect(model.requests).toHaveLength(round);
      const prompt = promptText(model.requests[round - 1]);
      expect(prompt).toMatch(new RegExp(`The user is on page ${round}\\.[\\s\\S]*Say so, ${round}\\.`));
      expect(prompt).not.toContain(`page ${round - 1}.`);
    }
  });

  it('[CA19] is no variable: to change one is refused with what to send instead', async () => {
    const { api, id } = await shopping();
    const refused = await api.call('PATCH', `/conversations/${id}`, { dynamic_variables: { page: 'cart' } });
    expect(refused).toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['body', 'dynamic_variables'], msg: expect.stringMatching(/contextual_update.*context_id/) }] },
    });
  });
});
