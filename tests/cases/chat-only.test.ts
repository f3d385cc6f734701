import { describe, expect, it } from 'vitest';
import { OfficialClient } from '../compat/official-client.js';
import { passTime } from '../harness/pass-time.js';
import { until } from '../harness/until.js';
import { agentOf, FIRST_MOMENT_MS, official, serve, serveByHand } from './stage.js';

const AT_ONCE = 25;
const SESSIONS = 300;

describe('chat', () => {
  it(`[CA52] every one of ${SESSIONS} sessions that send in the very moment of their start is answered, whole and once`, async () => {
    const { api, origin, model } = await serve();
    model.otherwise((request) => ({ tokens: ['You said: ', String(request.messages.at(-1)?.content ?? '')] }));
    const agentId = await api.createAgent(agentOf());
    const talk = async (index: number): Promise<void> => {
      const question = `Question ${index}?`;
      const client = await OfficialClient.start({ origin, agentId });
      client.session.sendUserMessage(question);
      await client.line(`You said: ${question}`);
      expect(client.messages).toHaveLength(1);
      expect(client.errors).toEqual([]);
      await client.end();
    };
    for (let done = 0; done < SESSIONS; done += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => talk(done + index)));
    }
    expect(model.requests).toHaveLength(SESSIONS);
  });

  it('[CA53] five minutes without a word change nothing: the session is open, and the next line is answered', async () => {
    const { api, clock, origin } = await serveByHand();
    const agentId = await api.createAgent(agentOf({ firstMessage: 'Hello.' }));
    const client = await official({ origin, agentId });
    clock.advance(FIRST_MOMENT_MS);
    await client.line('Hello.');
    const fiveMinutesOn = clock.mono() + 5 * 60_000;
    const passed = until('five minutes have passed', () => clock.mono() >= fiveMinutesOn);
    await passTime(clock, passed, 1_000);
    client.session.sendUserMessage('Are you there?');
    await passTime(clock, client.line('Answer 1.'));
    expect(client.session.isOpen()).toBe(true);
    expect((await api.events(client.id)).filter(({ type }) => type === 'client.left')).toEqual([]);
  });
});
