import { expect, it } from 'vitest';
import { agentOf } from '../cases/stage.js';
import { oneServer } from '../compat/one-server.js';
import { promptText } from '../harness/scripted-model.js';
import { until } from '../harness/until.js';
import { describeInPython, onePython } from './one-python.js';

const server = oneServer();
const GREETING = 'Parcel service, hello.';
/** What every agent of these tests is warned of: a scripted model answers for all. */
const LLM_WARNING = /^llm_not_served: /;
type Read = {
  readonly status: string;
  readonly user_id: string | null;
  readonly metadata: Readonly<Record<string, unknown>> & { readonly warnings: readonly string[] };
};

describeInPython('the session of the official Python SDK, in text', () => {
  const python = onePython(server);

  /** A session of its own: what it was told, and what it can do. */
  async function session(name: string, { isPrivate = false, ...options }: { isPrivate?: boolean } & Record<string, unknown> = {}) {
    const { api } = server();
    const auth = { platform_settings: { auth: { enable_auth: isPrivate } } };
    const agent_id = await api.createAgent({ ...agentOf({ firstMessage: GREETING }), ...auth });
    const id = await python().ask<string | null>('start', { session: name, agent_id, requires_auth: isPrivate, ...options });
    const texts = (event: string) => () =>
      python()
        .of(event, name)
        .map(({ text }) => text);
    const left = () => python().of('disconnected', name);
    return { id: id ?? '', agent_id, name, said: texts('agent_response'), heard: texts('user_transcript'), left };
  }

  const say = (name: string, text: string) => python().ask('say', { session: name, text });
  const readEnded = (id: string): Promise<Read> =>
    until('it has ended', async () => {
      const now = await server().api.conversation<Read>(id);
      return now.status === 'done' && now;
    });

  it('[OC80] talks with a public agent: its flag for text is taken where it stands, and lines, context and activity come through', async () => {
    const { api, model } = server();
    const { id, name, said, heard, left } = await session('public');
    await until('the greeting', () => said().length === 1);
    expect(await api.conversation(id)).toMatchObject({
      status: 'in-progress',
      metadata: {
        authorization_method: 'public',
        text_only: true,
        conversation_initiation_source: 'python_sdk',
        conversation_initiation_source_version: python().version,
        warnings: [expect.stringMatching(LLM_WARNING)],
      },
    });

    const calls = model.requests.length;
    await python().ask('context', { session: name, text: 'Customer is Ada.' });
    await python().ask('activity', { session: name });
    model.next({ tokens: ['In ', 'Graz.'] });
    await say(name, 'Where is my parcel?');
    await until('the answer', () => said().length === 2);
    expect(said()).toEqual([GREETING, 'In Graz.']);
    expect(promptText(await model.asked(calls + 1))).toContain('Customer is Ada.');
    await until('the end of the stream', () =>
      python()
        .of('part', name)
        .some(({ kind }) => kind === 'stop'),
    );
    const parts = python().of('part', name);
    expect(parts.map(({ kind }) => kind)).toEqual(['start', ...parts.slice(2).map(() => 'delta'), 'stop']);
    expect(parts.map(({ text }) => text).join('')).toBe('In Graz.');
    expect(heard()).toEqual([]);

    expect(await python().ask('end', { session: name })).toBe(id);
    expect(await readEnded(id)).toMatchObject({ metadata: { termination_reason: 'client_left' } });
    expect(left()).toEqual([expect.objectContaining({ details: expect.objectContaining({ reason: 'user' }) })]);
  });

  it('[OC80] enters a private agent by a URL that it mints itself, and is refused with the reason without one', async () => {
    const { api } = server();
    const { id, agent_id, said } = await session('private', { isPrivate: true });
    await until('the greeting', () => said().length === 1);
    expect(await api.conversation(id)).toMatchObject({ agent_id, metadata: { authorization_method: 'signed_url', text_only: true } });

    expect(await python().ask('start', { session: 'refused', agent_id, requires_auth: false })).toBeNull();
    const details = expect.objectContaining({ reason: 'error', close_code: 1008, close_reason: expect.stringMatching(/signed/i) });
    expect(python().of('disconnected', 'refused')).toEqual([expect.objectContaining({ details })]);
  });

  it('[OC80] has no origin, so an agent with an allowlist lets it in by a signature alone, and says so', async () => {
    const agent_id = await server().api.createAgent({
      ...agentOf({ firstMessage: GREETING }),
      platform_settings: { auth: { allowlist: [{ hostname: 'app.example.com' }] } },
    });
    expect(await python().ask('start', { session: 'no origin', agent_id, requires_auth: false })).toBeNull();
    const details = expect.objectContaining({ close_code: 1008, close_reason: expect.stringMatching(/^origin_not_allowed/) });
    expect(python().of('disconnected', 'no origin')).toEqual([expect.objectContaining({ details })]);
    expect(await python().ask('start', { session: 'signed', agent_id, requires_auth: true })).toMatch(/^conv_/);
  });

  it('[OC81] is shown what a backend sends, and what it is shown counts as spoken', async () => {
    const { api, model } = server();
    const { id, name, said, heard } = await session('injected');
    await until('the greeting', () => said().length === 1);
    const spoken = { wait_for: 'spoken', timeout_ms: 10_000 };

    const line = await api.send(id, { type: 'agent_message', text: 'Your parcel is here.', ...spoken });
    expect(line).toMatchObject({ http: 200, status: 'spoken' });
    model.next({ tokens: ['Tomorrow.'] });
    const asked = await api.send(id, { type: 'user_message', text: 'When does it come?', ...spoken });
    expect(asked).toMatchObject({ http: 200, status: 'spoken', reply: { text: 'Tomorrow.', complete: true } });
    await api.send(id, { type: 'contextual_update', text: 'The parcel is blue.' });
    model.next({ tokens: ['Blue.'] });
    await say(name, 'Which colour?');
    await until('the answer', () => said().length === 4);
    expect(said()).toEqual([GREETING, 'Your parcel is here.', 'Tomorrow.', 'Blue.']);
    expect(heard()).toEqual(['When does it come?']);
    expect(promptText(model.requests.at(-1))).toContain('The parcel is blue.');
    // Its pongs are what `spoken` rests on.
    const { timeline } = await api.message(id, asked.message_id);
    expect(timeline.at(-1)).toMatchObject({ level: 'spoken', basis: 'confirmed' });
  });

  it('[OC81] cuts a reply by what it says, and hears of it what was said until then', async () => {
    const { model } = server();
    const { name, said } = await session('interrupting', { audio: true });
    await until('the greeting', () => said().length === 1);
    const told = model.nextByHand();
    await say(name, 'Tell me everything.');
    told.say('The beginning');
    await until('the first words', () =>
      python()
        .of('part', name)
        .some(({ kind }) => kind === 'delta'),
    );
    model.next({ tokens: ['Stopped.'] });
    await say(name, 'Stop.');
    await until('the next answer', () => said().length === 3);
    told.end();
    expect(said()).toEqual([GREETING, 'The beginning', 'Stopped.']);
    expect(python().of('interrupted', name)).toHaveLength(1);
    // Nothing was heard that has to be taken back, and no sound is made.
    expect(python().of('correction', name)).toEqual([]);
    expect(python().of('audio', name)).toEqual([]);
    await python().ask('end', { session: name });
    expect(python().of('audio_stopped', name)).toHaveLength(1);
  });

  it('[OC81] is told why it ends when a backend ends it', async () => {
    const { api } = server();
    const { id, said, left } = await session('ended');
    await until('the greeting', () => said().length === 1);
    await api.end(id, { message: 'We close now.' });
    await until('the end', () => left().length === 1);
    expect(said()).toEqual([GREETING, 'We close now.']);
    const details = expect.objectContaining({ reason: 'agent', close_code: 1000, close_reason: 'ended by the backend' });
    expect(left()).toEqual([expect.objectContaining({ details })]);
  });

  it('[OC82] gives its overrides and variables at the start', async () => {
    const { api, model } = server();
    const agent_id = await api.createAgent(agentOf({ overrides: { agent: { first_message: true, prompt: { prompt: true } } } }));
    const config = {
      conversation_config_override: { agent: { first_message: 'Hello {{name}}.', prompt: { prompt: 'You help {{name}}.' } } },
      dynamic_variables: { name: 'Ada' },
      extra_body: { temperature: 0 },
    };
    await python().ask('start', { session: 'overrides', agent_id, config });
    await until('the greeting', () => python().of('agent_response', 'overrides').length === 1);
    expect(python().of('agent_response', 'overrides')[0]).toMatchObject({ text: 'Hello Ada.' });
    const calls = model.requests.length;
    await say('overrides', 'Who am I?');
    expect(promptText(await model.asked(calls + 1))).toContain('You help Ada.');
  });

  it('[OC82] opens the conversation that a backend has minted, by the address that its on-premises mode takes as it is', async () => {
    const { api } = server();
    const agent_id = await api.createAgent({ ...agentOf({ firstMessage: GREETING }), platform_settings: { auth: { enable_auth: true } } });
    const { signedUrl, conversationId } = await api.mint(agent_id, { include_conversation_id: 'true' });
    const held = await api.send(conversationId, { type: 'agent_message', text: 'Sent before you came.' });
    expect(held.status).toBe('accepted');
    expect(await python().ask('start', { session: 'minted', agent_id, on_prem_url: signedUrl })).toBe(conversationId);
    await until('both lines', () => python().of('agent_response', 'minted').length === 2);
    expect(
      python()
        .of('agent_response', 'minted')
        .map(({ text }) => text),
    ).toEqual([GREETING, 'Sent before you came.']);
    expect((await api.conversation<Read>(conversationId)).metadata.warnings).toEqual([expect.stringMatching(LLM_WARNING)]);
  });

  it('[OC83] talks in its asynchronous session too', async () => {
    const { api, model } = server();
    const agent_id = await api.createAgent({ ...agentOf({ firstMessage: GREETING }), platform_settings: { auth: { enable_auth: true } } });
    model.next({ tokens: ['In Graz.'] });
    type Talked = { readonly id: string; readonly said: readonly string[]; readonly left: readonly unknown[] };
    const talked = await python().ask<Talked>('talk_async', { agent_id, requires_auth: true, text: 'Where is it?', answers: 2 });
    expect(talked).toMatchObject({ said: [GREETING, 'In Graz.'], left: [{ reason: 'user' }] });
    expect(await readEnded(talked.id)).toMatchObject({ metadata: { termination_reason: 'client_left' } });
  });
});
