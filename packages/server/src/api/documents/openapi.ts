import { ERRORS, type ErrorCode } from '@backchannel/protocol';
import { z } from 'zod';
import type { DescribedRoute, Operation } from '../operation.js';
import { TAGS } from '../operation.js';
import type { Policy } from '../policy.js';
import { ErrorAnswer, FieldProblemsAnswer } from './error-answer.js';
import { type JsonSchema, JsonSchemas } from './json-schemas.js';

export type OpenapiDocument = {
  readonly openapi: '3.1.0';
  readonly info: { readonly description: string } & JsonSchema;
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  /** By path, then by method. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> } & JsonSchema;
} & JsonSchema;

export type OperationObject = {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly 'x-scopes'?: readonly string[];
  readonly parameters: readonly ParameterObject[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: { readonly 'application/json': { readonly schema: JsonSchema; readonly example?: object } };
  };
  /** By status. */
  readonly responses: Readonly<Record<string, ResponseObject>>;
};

type ParameterObject = {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
};

type ResponseObject = {
  readonly description: string;
  readonly headers?: JsonSchema;
  readonly content: Readonly<Record<string, { readonly schema?: JsonSchema }>>;
};

const PARAMETERS: Readonly<Record<string, string>> = {
  agent_id: '`agent_…`',
  conversation_id: '`conv_…`: the address of the conversation',
  key_id: '`key_…`, as making the key answered it',
  message_id: '`msg_…`, as the send answered it',
  part: 'a name that the page has for it',
};

const INTRODUCTION = `Every live AI conversation has an id, and any backend that knows it can make the agent hear, know or say something, and gets a receipt.
The routes under \`/v1/convai\` are ElevenLabs’ own where those exist, so their clients work unmodified; \`POST …/messages\` is what is new.
The conversation socket that clients talk through is described in [asyncapi.json](asyncapi.json). Every error says in one sentence what to do next.`;

/** The OpenAPI 3.1 document of the routes that are there. `version` is the product’s. */
export function openapiOf(routes: readonly DescribedRoute[], version: string): OpenapiDocument {
  const schemas = new JsonSchemas();
  const paths: Record<string, Record<string, OperationObject>> = {};
  for (const route of routes) {
    paths[route.path] ??= {};
    Object.assign(paths[route.path] ?? {}, { [route.method]: operationOf(route, schemas) });
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Backchannel',
      version,
      summary: 'Every live AI conversation gets an address.',
      description: INTRODUCTION,
      license: LICENSE,
    },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    servers: [{ url: '.', description: 'This server' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: schemas.components,
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

const SECURITY_SCHEMES = {
  apiKey: { type: 'apiKey', in: 'header', name: 'xi-api-key', description: 'On loopback the server keeps one in `data/api-key`.' },
  conversationToken: { type: 'http', scheme: 'bearer', description: 'A token for one conversation; it may stand in `xi-api-key` as well.' },
};
const LICENSE = { name: 'MIT', identifier: 'MIT' };

function operationOf({ path, policy, operation }: DescribedRoute, schemas: JsonSchemas): OperationObject {
  const { id, tag, summary, description, body, idempotent } = operation;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...securityOf(policy),
    parameters: [...pathParameters(path), ...queryParameters(operation, schemas), ...(idempotent === undefined ? [] : [IDEMPOTENCY_KEY])],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: body.optional !== true,
            content: {
              'application/json': {
                schema: schemas.of(body.schema, 'input'),
                ...(body.example === undefined ? {} : { example: body.example }),
              },
            },
          },
        }),
    responses: { ...goodAnswers(operation, schemas), ...refusals(errorsOf(operation, policy), operation, schemas) },
  };
}

/** Any one of the scopes is enough. A token for one conversation opens what reaches no further. */
function securityOf(policy: Policy): { readonly security: readonly JsonSchema[]; readonly 'x-scopes'?: readonly string[] } & JsonSchema {
  if ('open' in policy) return { security: [] };
  const { anyOf, reach } = policy;
  const token = reach === 'conversation' ? [{ conversationToken: [] }] : [];
  return { security: [{ apiKey: [] }, ...token], 'x-scopes': [...anyOf], 'x-reach': reach };
}

const IDEMPOTENCY_KEY: ParameterObject = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'With it the same call may be repeated after any failure: it is done once, and its answer carries `Idempotent-Replayed: true`.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
};

function pathParameters(path: string): ParameterObject[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => {
    const description = PARAMETERS[name];
    if (description === undefined) throw new Error(`The parameter ${name} of ${path} has no description.`);
    return { name, in: 'path', required: true, description, schema: { type: 'string' } };
  });
}

/** As read: a number or a flag in a query is described as such, although it arrives as text. */
function queryParameters({ query, queryPatterns = {} }: Operation, schemas: JsonSchemas): ParameterObject[] {
  const named = Object.entries(query?.shape ?? {}).map(([name, type]): ParameterObject => {
    // The members of an object schema are schemas.
    const { description, ...schema } = schemas.of(type as z.ZodType, 'output');
    return {
      name,
      in: 'query',
      required: !z.safeParse(type as z.ZodType, undefined).success,
      ...(typeof description === 'string' ? { description } : {}),
      schema,
    };
  });
  const patterns = Object.entries(queryPatterns).map(
    ([name, description]): ParameterObject => ({ name, in: 'query', required: false, description, schema: { type: 'string' } }),
  );
  return [...named, ...patterns];
}

function goodAnswers({ answers, idempotent }: Operation, schemas: JsonSchemas): Record<string, ResponseObject> {
  const entries = Object.entries(answers).map(([status, { description, schema, contentType = 'application/json' }]) => [
    status,
    {
      description,
      ...(idempotent === undefined ? {} : { headers: { 'Idempotent-Replayed': REPLAYED } }),
      content: { [contentType]: schema === undefined ? {} : { schema: schemas.of(schema, 'output') } },
    },
  ]);
  return Object.fromEntries(entries);
}

const REPLAYED = { description: '`true` when a request with the same key was answered before.', schema: { type: 'string', const: 'true' } };
const RETRY_AFTER = { description: 'Seconds.', schema: { type: 'string', pattern: '^\\d+$' } };

const OF_KEYS = [
  'missing_api_key',
  'invalid_api_key',
  'api_key_expired',
  'api_key_revoked',
  'invalid_token',
  'missing_scope',
  'narrowed_key',
] as const satisfies readonly ErrorCode[];

/** Everything that a route with this policy and this shape may refuse. */
function errorsOf(operation: Operation, policy: Policy): ErrorCode[] {
  const { errors = [], body, idempotent } = operation;
  const all: ErrorCode[] = [...errors, 'internal', 'server_stopping'];
  if (!('open' in policy)) all.push(...OF_KEYS, 'rate_limited', 'unavailable');
  if (body !== undefined) all.push('invalid_request', 'malformed_json', 'payload_too_large', 'unsupported_media_type');
  if (idempotent !== undefined) all.push('idempotency_key_invalid', 'idempotency_key_reused', 'idempotency_key_pending');
  return [...new Set(all)];
}

/** One response a status: which codes come with it, each with the table’s sentence. */
function refusals(codes: readonly ErrorCode[], { answers }: Operation, schemas: JsonSchemas): Record<string, ResponseObject> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { http } = ERRORS[code];
    byStatus.set(http, [...(byStatus.get(http) ?? []), code]);
  }
  const entries = [...byStatus].map(([status, own]): [string, ResponseObject] => {
    const envelope = { allOf: [schemas.of(ErrorAnswer, 'output'), { properties: { detail: { properties: { code: { enum: own } } } } }] };
    const fields = own.some((code) => MAY_NAME_FIELDS.has(code)) ? [schemas.of(FieldProblemsAnswer, 'output')] : [];
    const good = answers[status]?.schema;
    const choices = [...(good === undefined ? [] : [schemas.of(good, 'output')]), ...fields, envelope];
    const description = own.map((code) => `\`${code}\`: ${ERRORS[code].message}`).join('\n\n');
    const retry = own.some((code) => 'retryAfterSecs' in ERRORS[code]);
    return [
      String(status),
      {
        description: good === undefined ? description : `${answers[status]?.description}\n\n${description}`,
        ...(retry ? { headers: { 'Retry-After': RETRY_AFTER } } : {}),
        content: { 'application/json': { schema: choices.length === 1 ? envelope : { anyOf: choices } } },
      },
    ];
  });
  return Object.fromEntries(entries);
}

/** Refusals that may list the fields that are wrong instead. */
const MAY_NAME_FIELDS: ReadonlySet<ErrorCode> = new Set(['invalid_request', 'missing_dynamic_variable', 'override_error']);
