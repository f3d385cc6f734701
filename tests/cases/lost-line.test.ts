import type { ConversationEvent } from '@backchannel/protocol';
import { describe, expect, it } from 'vitest';
import { confirmOnce } from '../harness/answer-pings.js';
import { passTime } from '../harness/pass-time.js';
import { promptText } from '../harness/scripted-model.js';
import { until } from '../harness/until.js';
import { agentOf, FIRST_MOMENT_MS, official, proxyTo, raw, serveByHand } from './stage.js';

const of = <T extends ConversationEvent['type']>(events: readonly ConversationEvent[], type: T) =>
  events.filter((event) => event.type === type);

describe('a client whose line is lost in the middle of an answer', () => {
  it.each([
    ['looks alive', 'goes on'],
    ['is gone', 'is over'],
  ] as const)(
    '[CA7] gets the whole answer and what was sent meanwhile when it is back, while the old line %s and the answer %s',
    async (old, reply) => {
      const server = await serveByHand({ env: { BACKCHANNEL_RESUME_SECS: '600' } });
      const { api, model, clock } = server;
      const proxy = await proxyTo(server.running.port);
      const agentId = await api.createAgent(agentOf({ firstMessage: 'Hello.' }));
      const { signedUrl, conversationId: id } = await api.mint(agentId, { include_conversation_id: 'true' });
      const before = await official({ signedUrl: proxy.through(signedUrl) });
      clock.advance(FIRST_MOMENT_MS);
      await before.said(1);
      await until('the greeting is confirmed', async () => of(await api.events(id), 'client.confirmed').length === 1);
      const answer = model.nextByHand();
      before.session.sendUserMessage('What is in it?');
      await model.asked(1);
      answer.say('A book, ');
      await before.until(() => before.parts.some(({ type }) => type === 'delta'));

      if (old === 'looks alive') proxy.freeze();
      else {
        proxy.cut();
        await until('it is dropped', async () => of(await api.events(id), 'conversation.dropped').length === 1);
      }
      answer.say('a lamp ');
      if (reply === 'is over') answer.say('and a cup.').end();
      const typed = await api.send(id, { type: 'user_message', text: 'And when does it come?' });
      const context = await api.send(id, { type: 'contextual_update', text: 'It comes on Friday.' });

      const rejoin = await api.mint(agentId, { conversation_id: id });
      if (reply === 'is over') await until('the answer is whole', async () => of(await api.events(id), 'turn.ended').length === 1);
      // An old line that looks alive is asked, and lost after 2 s of silence.
      const after = await passTime(clock, official({ signedUrl: rejoin.signedUrl }), 10);
      expect(after.id).toBe(id);
      clock.advance(FIRST_MOMENT_MS);
      if (reply === 'goes on') answer.say('and a cup.').end();
      await after.until(() => after.messages.some(({ message }) => message === 'Answer 2.'));

      const whole = 'A book, a lamp and a cup.';
      const shown = after.messages.map(({ source, message }) => `${source}: ${message}`);
      expect(shown).toEqual([`ai: ${whole}`, 'user: And when does it come?', 'ai: Answer 2.']);
      // Who joins in mid-reply, or after it, is shown no part of it.
      const firstId = before.parts[0]?.event_id;
      expect(after.messages[0]?.event_id).toBe(firstId);
      expect(after.parts.filter(({ event_id }) => event_id === firstId)).toEqual([]);
      expect(promptText(model.requests[1])).toMatch(
        /It comes on Friday\.[\s\S]*assistant: A book, a lamp and a cup\.\nuser: And when does it come\?$/,
      );

      const { transcript } = await api.conversation<{ transcript: { role: string; message: string | null }[] }>(id);
      const lines = transcript.filter(({ message }) => message !== 'It comes on Friday.').map(({ message }) => message);
      expect(lines).toEqual(['Hello.', 'What is in it?', whole, 'And when does it come?', 'Answer 2.']);
      await until('all is spoken', async () => (await api.message(id, typed.message_id)).status === 'spoken');
      expect(await api.message(id, context.message_id)).toMatchObject({ status: 'applied' });
      const events = await api.events(id);
      expect([of(events, 'client.joined').length, of(events, 'client.left').length]).toEqual([2, 1]);
      expect(of(events, 'client.left')).toMatchObject([{ reason: 'lost' }]);
      if (old === 'looks alive') {
        proxy.thaw();
        expect(await before.disconnected).toMatchObject({ closeCode: 4409, closeReason: expect.stringMatching(/^superseded: /) });
      }
    },
  );

  it('[CA8] shows again, once and with its old id, only what was not confirmed', async () => {
    const server = await serveByHand();
    const { api, clock } = server;
    const agentId = await api.createAgent(agentOf({ firstMessage: 'Hello.' }));
    const { signedUrl, conversationId: id } = await api.mint(agentId, { include_conversation_id: 'true' });
    const deaf = await raw(signedUrl, { answersPings: false });
    deaf.init();
    await deaf.next();
    clock.advance(FIRST_MOMENT_MS);
    const said = (client: typeof deaf) => client.frames.filter(({ type }) => type === 'agent_response');
    await until('the greeting', () => said(deaf).length === 1);
    await confirmOnce(deaf);
    await until('it is confirmed', async () => of(await api.events(id), 'client.confirmed').length === 1);
    const line = await api.send(id, { type: 'agent_message', text: 'Your parcel is here.' });
    await until('the line', () => said(deaf).length === 2);
    deaf.cut();
    await until('it is dropped', async () => of(await api.events(id), 'conversation.dropped').length === 1);

    const back = await raw((await api.mint(agentId, { conversation_id: id })).signedUrl);
    back.init();
    await back.next();
    clock.advance(FIRST_MOMENT_MS);
    expect(await api.send(id, { type: 'agent_message', text: 'Are you still there?', wait_for: 'spoken' })).toMatchObject({
      status: 'spoken',
    });
    expect(said(back)).toMatchObject([
      { agent_response_event: { agent_response: 'Your parcel is here.', event_id: 2 } },
      { agent_response_event: { agent_response: 'Are you still there?', event_id: 3 } },
    ]);
    expect(await api.message(id, line.message_id)).toMatchObject({ status: 'spoken' });
  });
});
