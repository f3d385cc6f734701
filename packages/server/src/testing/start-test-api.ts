import { hash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type ConversationEvent, type EventBody, parseJson } from '@backchannel/protocol';
import type { FastifyInstance } from 'fastify';
import type { ApiConfig, ApiLimits, ApiParts } from '../api/api-parts.js';
import { createApp } from '../api/app.js';
import { ConversationTokens } from '../api/conversation-tokens.js';
import type { CreateConversation, CreateRequest } from '../api/create-conversation.js';
import { KeyEnds } from '../api/key-ends.js';
import { type Log, silentLog } from '../lib/log.js';
import { Feeds } from '../routing/feeds.js';
import { follow } from '../routing/follow.js';
import { createFollowers } from '../routing/followers.js';
import { MemoryBus } from '../routing/memory-bus.js';
import type { KeyRow } from '../store/store.js';
import { ArrayStore } from './array-store.js';
import { ManualClock } from './manual-clock.js';
import { ScriptedRouter } from './scripted-router.js';

export type TestAnswer = { readonly status: number; readonly headers: Headers; readonly text: string; readonly body: unknown };
export type TestCall = {
  readonly key?: string | null;
  readonly body?: unknown;
  readonly raw?: string | Uint8Array;
  readonly headers?: Record<string, string>;
};

export type TestApi = {
  readonly app: FastifyInstance;
  readonly url: string;
  readonly store: ArrayStore;
  readonly router: ScriptedRouter;
  readonly clock: ManualClock;
  readonly tokens: ConversationTokens;
  /** What `createConversation` was asked for. */
  readonly created: CreateRequest[];
  /** `path` behind `/v1/convai`, or whole when it begins with `//`. The key of workspace `ws_a` unless told. */
  call(method: string, path: string, call?: TestCall): Promise<TestAnswer>;
  /** A conversation that somebody wrote to the store. */
  conversation(id: string, workspaceId?: string, bodies?: readonly EventBody[]): Promise<void>;
  /** Its next events, as its owner would store and publish them. */
  happens(id: string, ...bodies: readonly EventBody[]): Promise<void>;
  /** How many conversations somebody follows now. */
  followed(): number;
  [Symbol.asyncDispose](): Promise<void>;
};

export type TestApiOptions = {
  readonly config?: Partial<ApiConfig>;
  readonly limits?: Partial<ApiLimits>;
  readonly ready?: ApiParts['ready'];
  readonly numbers?: ApiParts['numbers'];
  readonly agentWarnings?: ApiParts['agentWarnings'];
  readonly createConversation?: (request: CreateRequest) => ReturnType<CreateConversation>;
  readonly page?: ApiParts['page'];
  readonly log?: Log;
};

export const TEST_KEYS = { a: 'key-of-a', b: 'key-of-b' } as const;
export const TEST_SECRET = 'a secret for tests';

const LIMITS: ApiLimits = {
  signedUrlMs: 900_000,
  acknowledgeMs: 10_000,
  replayPendingMs: 2_000,
  maxBodyBytes: 1_048_576,
  requestHeadMs: 10_000,
  requestMs: 30_000,
  httpCheckMs: 2_000,
  keepAliveMs: 72_000,
  stalledMs: 120_000,
  goodbyeMs: 1_000,
  openPerSec: 500,
  openPerConversation: 5,
  pagesPerSec: 5,
};

/** The REST door on a real port, with a scripted router behind it, a store in memory and a clock that stands still. */
export async function startTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  const [store, clock, created] = [new ArrayStore(), new ManualClock(), [] as CreateRequest[]];
  const tokens = new ConversationTokens(clock, { tokenMs: 3_600_000, mostHeld: 1_000 });
  const bus = new MemoryBus();
  const feeds = new Feeds({ bus, store, clock, log: silentLog });
  const router = new ScriptedRouter((id, after, want) => follow({ store, feeds, log: silentLog }, id, after, want));
  await addKey(store, TEST_KEYS.a, 'ws_a', ['convai_write']);
  await addKey(store, TEST_KEYS.b, 'ws_b', ['convai_write']);
  const make = options.createConversation ?? (async () => ({ ok: true as const, conversationId: 'conv_new', cursor: '1-2' }));
  const app = createApp({
    liveHere: () => undefined,
    router,
    store,
    createConversation: (request) => {
      created.push(request);
      return make(request);
    },
    clock,
    keyEnds: new KeyEnds(clock),
    tokens,
    log: options.log ?? silentLog,
    config: { host: '127.0.0.1', corsOrigins: [], rates: { perConversation: 100, perKey: 2_000 }, ...options.config },
    limits: { ...LIMITS, ...options.limits },
    signingSecret: TEST_SECRET,
    page: options.page ?? { folder: 'nowhere', key: { variable: 'BACKCHANNEL_API_KEY' } },
    agentWarnings: options.agentWarnings ?? (() => []),
    ready: options.ready ?? (() => ({ ok: true, store: 'ok' })),
    numbers:
      options.numbers ??
      (() => ({
        conversations: 0,
        clientSockets: 0,
        clientsRefused: [],
        socketsClosed: [],
        storeWritable: true,
        written: { commits: 0, appends: 0 },
        stalls: 0,
        residentBytes: 0,
        uptimeSecs: 0,
      })),
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo; // it listens on TCP
  const url = `http://127.0.0.1:${port}`;
  return {
    app,
    url,
    store,
    router,
    clock,
    tokens,
    created,
    call: (method, path, call = {}) => request(method, path.startsWith('//') ? `${url}${path.slice(1)}` : `${url}/v1/convai/${path}`, call),
    conversation: (id, workspaceId = 'ws_a', bodies = []) => store.write(id, numbered(1, [beginning(id, workspaceId), ...bodies], clock)),
    async happens(id, ...bodies) {
      const events = numbered(store.events(id).length + 1, bodies, clock);
      await store.write(id, events);
      createFollowers(bus).publish(id, events);
    },
    followed: () => feeds.count,
    [Symbol.asyncDispose]: () => app.close(),
  };
}

/** Stores a key, by its hash, with these scopes. */
export async function addKey(
  store: ArrayStore,
  key: string,
  workspaceId: string,
  scopes: readonly string[],
  more: Partial<KeyRow> = {},
): Promise<void> {
  const fixed = { keyId: `id of ${key}`, workspaceId, name: key, hash: hash('sha256', key), scopes, source: 'api', createdAt: 0 } as const;
  await store.keys.put({ ...fixed, ...more });
}

async function request(method: string, url: string, { key = TEST_KEYS.a, body, raw, headers }: TestCall): Promise<TestAnswer> {
  const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await fetch(url, {
    method,
    headers: {
      ...(key === null ? {} : { 'xi-api-key': key }),
      ...(content === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(content === undefined ? {} : { body: content }),
  });
  const text = await response.text();
  const parsed = parseJson(text);
  return { status: response.status, headers: response.headers, text, body: parsed.ok ? parsed.value : undefined };
}

const beginning = (id: string, workspaceId: string): EventBody => ({
  type: 'conversation.created',
  conversation_id: id,
  workspace_id: workspaceId,
  agent_id: 'agent_a',
  agent_hash: 'hash',
  engine: 'native',
  begun: 'api',
});

function numbered(first: number, bodies: readonly EventBody[], clock: ManualClock): ConversationEvent[] {
  const time = new Date(clock.wall()).toISOString();
  // Joining a union's member with three fields gives a member again; the compiler cannot see that through a spread.
  return bodies.map((body, i) => ({ ...body, seq: first + i, epoch: 1, time }) as ConversationEvent);
}
