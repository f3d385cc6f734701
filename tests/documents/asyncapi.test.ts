import { createRequire } from 'node:module';
import { CLOSES, isNamedClose, isObject, type SocketClose } from '@backchannel/protocol';
import { type Frame, RawClient } from '@backchannel/server/testing';
import { Ajv } from 'ajv';
import { describe, expect, it, onTestFinished } from 'vitest';
import { oneServer } from '../compat/one-server.js';
import { answerPings } from '../harness/answer-pings.js';
import { until } from '../harness/until.js';

type Message = {
  readonly name: string;
  readonly payload: object;
  readonly examples: readonly { readonly payload: Frame }[];
  readonly 'x-served': boolean;
};
type Asyncapi = {
  readonly channels: { readonly conversation: { readonly 'x-close-codes': readonly SocketClose[] } };
  readonly components: { readonly messages: Readonly<Record<string, Message>> };
};

const server = oneServer();

const read = async (): Promise<Asyncapi> => (await (await fetch(`${server().url}/asyncapi.json`)).json()) as Asyncapi; // shown to be one below

/** The messages of one side by their names. */
const sideOf = ({ components }: Asyncapi, side: 'client' | 'server'): Map<string, Message> =>
  new Map(Object.entries(components.messages).flatMap(([key, message]) => (key.startsWith(`${side}.`) ? [[message.name, message]] : [])));

/** What is wrong with frames from the server, by their schemas; nothing when all is well. */
function problemsOf(frames: readonly Frame[], messages: ReadonlyMap<string, Message>): string[] {
  const ajv = new Ajv({ strict: false });
  return frames.flatMap((frame) => {
    const message = messages.get(frame.type);
    if (message === undefined) return [`${frame.type} is not in the document`];
    const fits: boolean = ajv.validate(message.payload, frame);
    return fits ? [] : [`${frame.type}: ${ajv.errorsText()}`];
  });
}

async function connect(query: string): Promise<RawClient> {
  const client = await RawClient.open(`${server().origin}/v1/convai/conversation?${query}`);
  onTestFinished(() => client.socket.terminate());
  return client;
}

describe('the AsyncAPI document', () => {
  it('[OA5] is a valid AsyncAPI 3 document whose samples fit their own schemas', async () => {
    const document = await read();
    // Published as a file, and a module's import of JSON differs from one Node to the next.
    const schema: object = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0.json');
    // The schema brings its own draft along.
    const ajv = new Ajv({ strict: false, meta: false, validateSchema: false, logger: false });
    expect([ajv.validate(schema, document), ajv.errors ?? []]).toEqual([true, []]);
    const samples = Object.values(document.components.messages).flatMap(({ examples, payload }) =>
      examples.map((example) => ({ payload, example })),
    );
    expect(samples.length).toBeGreaterThan(35);
    const own = new Ajv({ strict: false });
    for (const { payload, example } of samples) expect([own.validate(payload, example.payload), own.errors ?? []]).toEqual([true, []]);
  });

  it('[OA6] a running server takes every sample of what clients send', async () => {
    const clients = sideOf(await read(), 'client');
    const client = await connect('agent_id=agent_demo');
    answerPings(client);
    const first = clients.get('conversation_initiation_client_data');
    const others = [...clients.values()].filter((message) => message !== first);
    for (const message of [first, ...others]) for (const { payload } of message?.examples ?? []) client.send(payload);
    client.send({ type: 'user_message', text: 'Is that all?' });
    client.send({ type: 'user_message' });
    // What is sent last is refused, so everything before it was looked at.
    await until('the refusal of the last frame', () => client.frames.find(({ type }) => type === 'client_error'));
    const refused = client.frames.filter(({ type }) => type === 'client_error');
    expect(refused).toMatchObject([{ error_event: { message: expect.stringContaining('user_message: Add text') } }]);
  });

  it('[OA6] whatever a scripted conversation is sent fits its schema, and everything that is said to be sent was', async () => {
    const { api, origin, model } = server();
    const servers = sideOf(await read(), 'server');
    const frames: Frame[] = [];
    const agent = {
      conversation_config: {
        agent: { first_message: 'Hello', prompt: { llm: 'scripted', built_in_tools: { end_call: {} } } },
        conversation: { max_duration_seconds: 600 },
      },
    };
    const agentId = await api.createAgent(agent);
    const { signedUrl, conversationId } = await api.mint(agentId, { include_conversation_id: 'true' });
    const client = await RawClient.open(signedUrl.replace(/^wss?:\/\/[^/]+/, origin));
    onTestFinished(() => client.socket.terminate());
    answerPings(client);
    client.init();
    await until('the greeting', () => client.frames.find(({ type }) => type === 'agent_response'));
    client.send({ type: 'user_message' });
    const reply = model.nextByHand();
    client.send({ type: 'user_message', text: 'Tell me a long story.' });
    reply.say('Once upon ', 'a time ');
    await until('a piece of the reply', () => client.frames.find(({ type }) => type === 'agent_chat_response_part'));
    await api.send(conversationId, { type: 'agent_message', text: 'Stop.', urgency: 'immediate' });
    await api.send(conversationId, { type: 'user_message', text: 'From elsewhere', reply: 'none' });
    await until('the user’s line', () => client.frames.find(({ type }) => type === 'user_transcript'));
    await api.end(conversationId, { message: 'Bye.' });
    frames.push(...client.frames);
    await client.closed;
    expect(problemsOf(frames, servers)).toEqual([]);
    // Said by what they are for, and seen by other suites: a call of the agent’s, and the end of the longest conversation.
    const elsewhere = ['agent_tool_request', 'agent_tool_response', 'error'];
    const sent = [...servers.values()].filter((message) => message['x-served']).map(({ name }) => name);
    expect([...new Set(frames.map(({ type }) => type))].sort()).toEqual(sent.filter((name) => !elsewhere.includes(name)).sort());
  });

  it('[OA6] a schema that does not fit is noticed', async () => {
    const servers = sideOf(await read(), 'server');
    const message = servers.get('ping');
    const sample = message?.examples[0]?.payload;
    if (message === undefined || sample === undefined) throw new Error('There is no ping.');
    expect(problemsOf([sample], servers)).toEqual([]);
    const strict = { type: 'object', required: ['colour'] };
    expect(problemsOf([sample], new Map([['ping', { ...message, payload: strict }]]))).toEqual([expect.stringContaining('colour')]);
    expect(problemsOf([{ type: 'ping' }], servers)).toEqual([expect.stringContaining('ping_event')]);
    expect(problemsOf([{ type: 'pings' }], servers)).toEqual(['pings is not in the document']);
  });

  it('[OA7] names every close that there is, from the table that closes are made of', async () => {
    const closes = (await read()).channels.conversation['x-close-codes'];
    expect(closes).toEqual(CLOSES.map(({ code, reason, description }) => ({ code, reason, description })));
    expect(isNamedClose({ code: 1008, reason: 'no_such_code: Whatever.' }, closes)).toBe(false);
    expect(isNamedClose({ code: 1011, reason: 'too_slow: Read.' }, closes)).toBe(false);
    expect(isNamedClose({ code: 1000, reason: 'no activity at all' }, closes)).toBe(false);
  });

  it('[OA7] names every close that a client sees', async () => {
    const { api, origin, key } = server();
    const closes = (await read()).channels.conversation['x-close-codes'];
    const seen: string[] = [];
    const note = async (client: RawClient): Promise<void> => {
      onTestFinished(() => client.socket.terminate());
      const close = await client.closed;
      seen.push(`${close.code} ${close.reason.replace(/:.*/, '')}`);
      expect([close, isNamedClose(close, closes)]).toEqual([close, true]);
    };
    const at = (url: string, headers = {}): Promise<RawClient> => RawClient.open(url.replace(/^wss?:\/\/[^/]+/, origin), { headers });
    const ask = async (query: string, headers = {}): Promise<void> => {
      const client = await at(`${origin}/v1/convai/conversation?${query}`, headers);
      client.init();
      await note(client);
    };
    const present = async (url = `${origin}/v1/convai/conversation?agent_id=agent_demo`): Promise<RawClient> => {
      const client = await at(url);
      answerPings(client);
      client.init();
      await until('the greeting', () => client.frames.find(({ type }) => type === 'agent_response'));
      return client;
    };
    const { body } = await api.call('POST', '/api-keys', { name: 'reads', scopes: ['conversations:read'] });
    const made = isObject(body) ? body : {};

    await ask('');
    await ask('agent_id=agent_private');
    await ask('agent_id=agent_private&conversation_signature=x');
    await ask('agent_id=agent_private', { 'xi-api-key': `${key}x` });
    await ask('agent_id=agent_private', { 'xi-api-key': String(made.api_key) });
    await api.call('DELETE', `/api-keys/${String(made.key_id)}`);
    await ask('agent_id=agent_private', { 'xi-api-key': String(made.api_key) });

    const breaches = [
      (client: RawClient) => client.line.write(Buffer.from([0xf1, 0x80, 0, 0, 0, 0])),
      (client: RawClient) => client.line.write(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff])),
      (client: RawClient) => {
        for (let i = 0; i < 400; i++) client.socket.send('x', { fin: false });
      },
      (client: RawClient) => client.send('x'.repeat(300_000)),
    ];
    for (const breach of breaches) {
      const client = await present();
      breach(client);
      await note(client);
    }

    const { signedUrl, conversationId } = await api.mint('agent_demo', { include_conversation_id: 'true' });
    const first = await present(signedUrl);
    const used = await at(signedUrl);
    used.init();
    await note(used);
    const again = await api.mint('agent_demo', { conversation_id: conversationId });
    const refused = await at(again.signedUrl);
    answerPings(first);
    refused.init();
    await note(refused);
    const resumed = await api.mint('agent_demo', { conversation_id: conversationId, join: 'resume' });
    const second = await at(resumed.signedUrl);
    answerPings(second);
    second.init();
    await note(first);
    await until('the metadata', () => second.frames[0]);
    const late = await api.mint('agent_demo', { conversation_id: conversationId });
    await api.end(conversationId, { message: 'Bye.' });
    await note(second);
    const tooLate = await at(late.signedUrl);
    tooLate.init();
    await note(tooLate);

    expect(seen).toEqual([
      '3000 The AI agent you are trying to reach does not exist.',
      '1008 authorization_required',
      '1008 signed_url_invalid',
      '1008 invalid_api_key',
      '1008 missing_scope',
      '1008 api_key_revoked',
      '1002 invalid_request',
      '1007 invalid_request',
      '1008 invalid_request',
      '1009 frame_too_long',
      '1008 signed_url_used',
      '1008 attach_not_available',
      '4409 superseded',
      '1000 ended by the backend',
      '1008 conversation_ended',
    ]);
  });
});
