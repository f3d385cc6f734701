import { expect, it } from 'vitest';
import { agentOf } from '../cases/stage.js';
import { oneServer } from '../compat/one-server.js';
import { wireProblems } from '../compat/wire-rules.js';
import { promptText } from '../harness/scripted-model.js';
import { until } from '../harness/until.js';
import { describeInChromium, oneBrowser } from './one-browser.js';

const server = oneServer();

describeInChromium('the official client in Chromium', () => {
  const SITE = 'http://app.example.com';
  const browser = oneBrowser(['official-client.ts'], { hosts: [new URL(SITE).host] });

  /** A client of a new conversation, greeted, in a page of somebody's site. */
  async function greeted(more: { readonly endCall?: boolean } = {}) {
    const { api, origin, model } = server();
    const agentId = await api.createAgent(agentOf({ firstMessage: 'Parcel service, hello.', ...more }));
    const client = await (await browser().client(SITE)).start({ origin, agentId });
    await client.said(1);
    const send = (type: string, text: string, rest: object = {}) => api.send(client.id, { type, text, ...rest });
    return { api, model, client, send };
  }

  const ended = (id: string) =>
    until('it has ended', async () => {
      const now = await server().api.conversation<{ status: string; metadata: { termination_reason: string } }>(id);
      return now.status !== 'in-progress' && now.metadata.termination_reason;
    });

  it('[OC70] reaches a public agent by its id, and getId() is the id in REST', async () => {
    const { api, client } = await greeted();
    expect(client.connectedAs).toEqual([client.id]);
    expect(await api.conversation(client.id)).toMatchObject({
      conversation_id: client.id,
      status: 'in-progress',
      metadata: {
        authorization_method: 'public',
        conversation_initiation_source: 'js_sdk',
        conversation_initiation_source_version: '1.25.0',
      },
    });
    expect(client.statuses).toEqual(['connecting', 'connected']);
    expect(client.errors).toEqual([]);
  });

  it('[OC70] reaches a private agent by signed URL, and by its signature as authorization', async () => {
    const { api, origin } = server();
    const agent = { ...agentOf({ firstMessage: 'Private line.' }), platform_settings: { auth: { enable_auth: true } } };
    const agentId = await api.createAgent(agent);
    const { signedUrl, conversationId } = await api.mint(agentId, { include_conversation_id: 'true', user_id: 'ada' });
    const client = await (await browser().client(SITE)).start({ signedUrl });
    expect([client.id, client.connectedAs]).toEqual([conversationId, [conversationId]]);
    expect(await api.conversation(conversationId)).toMatchObject({ user_id: 'ada', user_id_verified: true });
    await client.line('Private line.');

    const authorization = new URL((await api.mint(agentId)).signedUrl).searchParams.get('conversation_signature') ?? '';
    const other = await (await browser().client(SITE)).start({ origin, agentId, authorization });
    await other.line('Private line.');
    expect(await api.conversation(other.id)).toMatchObject({ metadata: { authorization_method: 'signed_url' } });
  });

  it('[OC71] is answered by a stream as it is made, which is one line in the end, and never shown its own', async () => {
    const { model, client } = await greeted();
    const reply = model.nextByHand();
    await client.call('say', 'Where is my parcel?');
    reply.say('In ', 'Graz, ');
    await client.until(() => client.parts.map(({ text }) => text).join('') === 'In Graz, ');
    expect(client.messages).toHaveLength(1);
    reply.say('on a van.').end();
    await client.line('In Graz, on a van.');
    await client.until(() => client.parts.at(-1)?.type === 'stop');
    expect(client.parts.map(({ text }) => text).join('')).toBe('In Graz, on a van.');
    expect(client.messages.map(({ source }) => source)).toEqual(['ai', 'ai']);
    expect(wireProblems(client.frames)).toEqual([]);
  });

  it('[OC71] stops at what is typed into a reply, and hears nothing of it afterwards', async () => {
    const { model, client } = await greeted();
    const reply = model.nextByHand();
    await client.call('say', 'Tell me a story.');
    reply.say('Once there was ');
    await client.until(() => client.parts.length > 1);
    await client.call('say', 'Shorter.');
    await client.until(() => client.interruptions.length === 1);
    reply.say('a parcel.').end();
    await client.said(3);
    const [, cut, answer] = client.messages;
    expect([cut?.message, client.interruptions]).toEqual(['Once there was ', [cut?.event_id]]);
    expect(answer?.event_id).toBeGreaterThan(cut?.event_id ?? 0);
    expect(client.parts.map(({ text }) => text).join('')).toBe(`Once there was ${answer?.message}`);
    expect(client.errors).toEqual([]);
  });

  it('[OC72] is shown each type that a backend sends, and its receipt is confirmed by the page', async () => {
    const { api, model, client, send } = await greeted();
    await send('contextual_update', 'Parcel 4711 is in Graz.');
    const line = await send('agent_message', 'I have your file open.', { wait_for: 'spoken' });
    expect(line).toMatchObject({ http: 200, status: 'spoken' });
    const question = await send('user_message', 'Where is it?', { wait_for: 'spoken' });
    expect(question).toMatchObject({ http: 200, status: 'spoken', reply: { complete: true } });
    expect(promptText(model.requests.at(-1))).toContain('Parcel 4711 is in Graz.');
    const told = await send('instruction', 'Say goodnight.', { wait_for: 'spoken' });
    expect(promptText(model.requests.at(-1))).toContain('Say goodnight.');
    expect(client.messages.map(({ source, message }) => [source, message])).toEqual([
      ['ai', 'Parcel service, hello.'],
      ['ai', 'I have your file open.'],
      ['user', 'Where is it?'],
      ['ai', question.reply?.text],
      ['ai', told.reply?.text],
    ]);
    for (const { message_id } of [line, question, told])
      expect((await api.message(client.id, message_id)).timeline.at(-1)).toMatchObject({ level: 'spoken', basis: 'confirmed' });
    expect(client.errors).toEqual([]);
    expect(wireProblems(client.frames)).toEqual([]);
  });

  it('[OC72] has its reply stopped by an immediate message, and the answer comes after the interruption', async () => {
    const { model, client, send } = await greeted();
    const reply = model.nextByHand();
    await client.call('say', 'Tell me a story.');
    reply.say('Once there was ');
    await client.until(() => client.parts.length > 1);
    await send('agent_message', 'Your parcel is here!', { urgency: 'immediate' });
    await client.line('Your parcel is here!');
    expect(client.messages.map(({ message }) => message)).toEqual(['Parcel service, hello.', 'Once there was ', 'Your parcel is here!']);
    expect(client.interruptions).toEqual([client.messages[1]?.event_id]);
    expect(wireProblems(client.frames)).toEqual([]);
    reply.end();
  });

  it('[OC73] ends by itself, by the backend, and by the agent, and reads which', async () => {
    const own = await greeted();
    await own.client.call('end');
    expect([await own.client.disconnected, await ended(own.client.id)]).toEqual([{ reason: 'user' }, 'client_left']);
    expect(own.client.statuses).toEqual(['connecting', 'connected', 'disconnecting', 'disconnected']);

    const theirs = await greeted();
    await theirs.api.end(theirs.client.id, { message: 'We close now.' });
    expect(await theirs.client.disconnected).toMatchObject({ reason: 'agent', closeCode: 1000, closeReason: 'ended by the backend' });
    expect(theirs.client.messages.at(-1)).toMatchObject({ message: 'We close now.' });

    const agents = await greeted({ endCall: true });
    agents.model.next({ tokens: ['Goodbye!'], toolCalls: [{ id: 'call_1', name: 'end_call', pieces: ['{"reason":"done"}'] }] });
    await agents.client.call('say', 'Hang up.');
    expect(await agents.client.disconnected).toMatchObject({ reason: 'agent', context: { type: 'end_call' } });
    expect(agents.client.messages.at(-1)).toMatchObject({ message: 'Goodbye!' });
    expect(await ended(agents.client.id)).toBe('end_call');
    for (const { client } of [own, theirs, agents]) expect(wireProblems(client.frames)).toEqual([]);
  });

  it('[OC73] that closes its page has its window to come back to the same conversation', async () => {
    const { api } = server();
    const agentId = await api.createAgent(agentOf({ firstMessage: 'Hello.' }));
    const { signedUrl, conversationId: id } = await api.mint(agentId, { include_conversation_id: 'true' });
    const client = await (await browser().client(SITE)).start({ signedUrl });
    await client.line('Hello.');
    await client.page.close();
    const left = await until('its leaving is known', async () => (await api.events(id)).find(({ type }) => type === 'client.left'));
    expect(left).toMatchObject({ reason: 'lost', code: 1001 });
    const sent = await api.send(id, { type: 'agent_message', text: 'Your parcel is here.' });
    expect(sent).toMatchObject({ http: 202, user_state: 'away' });
    const again = await (await browser().client(SITE)).start({ signedUrl: (await api.mint(agentId, { conversation_id: id })).signedUrl });
    expect(again.id).toBe(id);
    await again.line('Your parcel is here.');
  });

  it('[OC74] reads why it was refused, as code and reason, which browsers hide of an HTTP status', async () => {
    const { api, origin } = server();
    const agentId = await api.createAgent({ ...agentOf({}), platform_settings: { auth: { enable_auth: true } } });
    const client = await browser().client(SITE);
    const sentence = 'The AI agent you are trying to reach does not exist.';
    expect(await client.refused({ origin, agentId: 'agent_nobody' })).toEqual({ code: 3000, reason: sentence, message: sentence });
    for (const [way, reason] of [
      [{ origin, agentId }, /^authorization_required: .*signed URL/],
      [{ origin, agentId, authorization: 'nonsense' }, /^signed_url_invalid: /],
      [{ signedUrl: (await api.mint(agentId)).signedUrl.slice(0, -3) }, /^signed_url_invalid: /],
    ] as const)
      expect(await client.refused(way)).toMatchObject({ code: 1008, reason: expect.stringMatching(reason) });
    const { signedUrl } = await api.mint(agentId);
    const overrides = { agent: { firstMessage: 'Mine.' } };
    expect(await client.refused({ signedUrl }, { overrides })).toMatchObject({
      code: 1008,
      reason: expect.stringMatching(/^override_error: .*agent\.first_message/),
      message: expect.stringMatching(/^override_error: /),
    });
    // And it gets in all the same, in the same page.
    await client.start({ signedUrl });
  });

  it('[OC74] reads why it was closed in the middle, too', async () => {
    const { api } = server();
    const agentId = await api.createAgent(agentOf({}));
    const { signedUrl, conversationId } = await api.mint(agentId, { include_conversation_id: 'true' });
    const first = await (await browser().client(SITE)).start({ signedUrl });
    const again = await api.mint(agentId, { conversation_id: conversationId, join: 'resume' });
    const second = await (await browser().client(SITE)).start({ signedUrl: again.signedUrl });
    expect(second.id).toBe(conversationId);
    const superseded = { reason: 'error', closeCode: 4409, message: expect.stringMatching(/^superseded: /) };
    expect(await first.disconnected).toMatchObject(superseded);
  });

  it('[OC75] gives feedback on the whole from any page, while live and afterwards', async () => {
    const { api, client } = await greeted();
    const { url } = server();
    const feedback = async () => (await api.conversation<{ metadata: { feedback: object } }>(client.id)).metadata.feedback;
    expect(await client.call('feedback', client.id, true, url)).toBe(200);
    expect(await feedback()).toMatchObject({ overall_score: 'like' });
    await client.call('end');
    await ended(client.id);
    expect(await client.call('feedback', client.id, { rating: 4, comment: 'Quick.' }, url)).toBe(200);
    expect(await feedback()).toMatchObject({ rating: 4, comment: 'Quick.' });
  });
});
