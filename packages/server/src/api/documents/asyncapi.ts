import { CLOSES, type SocketClose } from '@backchannel/protocol';
import { CLIENT_MESSAGES, CLIENT_SAMPLES, SERVER_MESSAGES, SERVER_SAMPLES } from '@backchannel/protocol/convai';
import { z } from 'zod';
import { type Direction, type JsonSchema, JsonSchemas } from './json-schemas.js';

export type SocketMessage = {
  readonly name: string;
  readonly summary: string;
  readonly payload: JsonSchema;
  readonly examples: readonly { readonly payload: unknown }[];
  /** Whether this server does anything with it today, or sends it. */
  readonly 'x-served': boolean;
};

type ConversationChannel = {
  readonly address: string;
  readonly description: string;
  readonly 'x-close-codes': readonly Omit<SocketClose, 'error'>[];
} & JsonSchema;

export type AsyncapiDocument = {
  readonly asyncapi: '3.0.0';
  readonly info: JsonSchema;
  readonly defaultContentType: string;
  readonly channels: { readonly conversation: ConversationChannel };
  readonly operations: JsonSchema;
  readonly components: {
    readonly messages: Readonly<Record<string, SocketMessage>>;
    readonly schemas: Readonly<Record<string, JsonSchema>>;
  };
};

const INTRODUCTION = `The socket that a client holds a conversation through, as ElevenLabs’ official clients use it.
How a backend reaches the same conversation by its id is described in [openapi.json](openapi.json).`;

const CHANNEL = `A client connects, sends \`conversation_initiation_client_data\` within 5 s (otherwise the agent’s defaults hold), and is sent \`conversation_initiation_metadata\` first
and alone. Fields that are not known are ignored, and so are frames of a type that is not known; a frame that is not as it should be gets \`client_error\`, and the session goes on.
Whoever is not let in is accepted and then closed with a reason that begins with a code. A close with 1000, or without a code, ends the conversation; after any other a client may come back
with a signed URL that names it.`;

const query = (description: string): JsonSchema => ({ type: 'string', description });
const QUERY = {
  agent_id: query('The agent; a private one needs a signature or a key.'),
  conversation_signature: query('Of a signed URL: use that URL exactly as it was minted. `token` is taken too.'),
  token: query('The older name of `conversation_signature`.'),
  conversation_id: query('Of a signed URL that names a conversation; it is bound into the signature.'),
  source: query('What the client calls itself, such as `js_sdk`.'),
  version: query('The client’s version.'),
  environment: query('Ignored.'),
  branch_id: query('Ignored.'),
};

const SUBPROTOCOLS = [
  { name: 'convai', description: 'Selected when it is offered; official web clients need that.' },
  { name: 'bearer.<signature>', description: 'Carries a signed URL’s signature beside `convai`; it is never selected.' },
];

const UserAudioChunk = z.looseObject({ user_audio_chunk: z.string() });
/** Taken without an error and not used. */
const IGNORED: ReadonlySet<string> = new Set([
  'client_tool_result',
  'mcp_tool_approval_result',
  'enclave_setup_config',
  'user_audio_chunk',
]);

/** The AsyncAPI 3 document of the conversation socket. `version` is the product’s. */
export function asyncapiOf(version: string): AsyncapiDocument {
  const schemas = new JsonSchemas('draft-7');
  const of = (type: z.ZodType, io: Direction) => schemas.of(type, io);
  const clients = Object.entries(CLIENT_SAMPLES).map(([name, { summary, sample }]): [string, SocketMessage] => {
    const schema = name === 'user_audio_chunk' ? UserAudioChunk : CLIENT_MESSAGES[name as keyof typeof CLIENT_MESSAGES]; // the samples have its names and that one
    return [
      `client.${name}`,
      { name, summary, payload: of(schema, 'input'), examples: [{ payload: sample }], 'x-served': !IGNORED.has(name) },
    ];
  });
  const servers = Object.entries(SERVER_SAMPLES).map(([name, { summary, sample, sent }]): [string, SocketMessage] => {
    const schema = SERVER_MESSAGES[name as keyof typeof SERVER_MESSAGES]; // the samples have its names
    return [`server.${name}`, { name, summary, payload: of(schema, 'output'), examples: [{ payload: sample }], 'x-served': sent === true }];
  });
  const inChannel = (messages: readonly [string, SocketMessage][]) =>
    messages.map(([key]) => ({ $ref: `#/channels/conversation/messages/${key}` }));
  return {
    asyncapi: '3.0.0',
    info: { title: 'Backchannel: the conversation socket', version, description: INTRODUCTION, license: { name: 'MIT' } },
    defaultContentType: 'application/json',
    channels: {
      conversation: {
        address: '/v1/convai/conversation',
        title: 'A conversation',
        description: CHANNEL,
        messages: Object.fromEntries([...clients, ...servers].map(([key]) => [key, { $ref: `#/components/messages/${key}` }])),
        bindings: {
          ws: {
            method: 'GET',
            query: { type: 'object', properties: QUERY },
            headers: { type: 'object', properties: { 'xi-api-key': query('A key, from a backend that opens the socket itself.') } },
            bindingVersion: '0.1.0',
          },
        },
        'x-subprotocols': SUBPROTOCOLS,
        'x-close-codes': CLOSES.map(({ code, reason, description }) => ({ code, reason, description })),
      },
    },
    operations: {
      hear: {
        action: 'receive',
        summary: 'What clients send.',
        channel: { $ref: '#/channels/conversation' },
        messages: inChannel(clients),
      },
      tell: {
        action: 'send',
        summary: 'What clients are sent. `x-served` says what this server sends today.',
        channel: { $ref: '#/channels/conversation' },
        messages: inChannel(servers),
      },
    },
    components: { messages: Object.fromEntries([...clients, ...servers]), schemas: schemas.components },
  };
}
