import { createRequire } from 'node:module';
import { isObject } from '@backchannel/protocol';
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
type Close = { readonly code: number; readonly reason: string };
type Asyncapi = {
  readonly channels: { readonly conversation: { readonly 'x-close-codes': readonly Close[] } };
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

  it('[OA7] names every close that a client can see', async () => {
    const { api } = server();
    const closes = (await read()).channels.conversation['x-close-codes'];
    const isNamed = (seen: Close): boolean =>
      closes.some(({ code, reason }) => code === seen.code && (reason === seen.reason || seen.reason.startsWith(reason.replace('…', ''))));
    const closeOf = async (query: string): Promise<Close> => {
      const client = await connect(query);
      client.init();
      return client.closed;
    };
    for (const query of ['', 'agent_id=agent_private', 'agent_id=agent_private&conversation_signature=x']) {
      const seen = await closeOf(query);
      expect([seen, isNamed(seen) || seen.code === 3000]).toEqual([seen, true]);
    }
    const client = await connect('agent_id=agent_demo');
    answerPings(client);
    client.init();
    const metadata = await until('the metadata', () => client.frames[0]);
    const event = metadata.conversation_initiation_metadata_event;
    await api.end(isObject(event) ? String(event.conversation_id) : '');
    const ended = await client.closed;
    expect([ended, isNamed(ended)]).toEqual([ended, true]);
  });
});
