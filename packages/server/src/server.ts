import { isIP } from 'node:net';
import { type ConversationId, parseOwn } from '@backchannel/protocol';
import type { AgentConfig } from '@backchannel/protocol/convai';
import { conversationLimits, createAgentRuntimes, llmOf } from './agent-runtime.js';
import { createApp } from './api/app.js';
import { boundConnections } from './api/connections.js';
import { ConversationTokens } from './api/conversation-tokens.js';
import { declineUpgrade, offersSomethingElse } from './api/declined-upgrade.js';
import { KeyEnds } from './api/key-ends.js';
import { pathPrefix, socketOrigin } from './api/public-url.js';
import { refuseNoSocket, refuseUpgrade } from './api/refused-upgrade.js';
import { type Installation, prepareInstallation } from './bootstrap.js';
import { LIMITS } from './config.js';
import type { OpenConversation } from './conversation/joining.js';
import type { Environment } from './environment.js';
import { KeySessions } from './key-sessions.js';
import type { Clock } from './lib/clock.js';
import type { Log } from './lib/log.js';
import { Tally } from './lib/tally.js';
import { chooseModels, type ModelChoice } from './models.js';
import { createOpening } from './open-conversation.js';
import { createFollowers } from './routing/followers.js';
import { MemoryBus } from './routing/memory-bus.js';
import { Registry } from './routing/registry.js';
import { createRouter } from './routing/router.js';
import type { Store } from './store/store.js';
import { type Connected, createWebSocketTransport, type Refused } from './transports/websocket/accept.js';
import type { PaceRates } from './transports/websocket/frame-pace.js';

export type ServerParts = {
  readonly environment: Environment;
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Store;
  /** The models in use; tests bring scripted ones. */
  readonly models?: ModelChoice;
  /** What stands between the transports and the conversations; tests bring one that does something wrong. */
  readonly between?: (open: OpenConversation) => OpenConversation;
  /** How often the event loop has stood still; 0 where nobody counts. */
  readonly stalls?: () => number;
  /** Told of every conversation that a backend has opened without a client. */
  readonly onOpened?: (conversationId: ConversationId) => void;
  readonly onConnected?: (client: Connected) => void;
  readonly onRefused?: (client: Refused) => void;
};

export type RunningServer = {
  /** `http://host:port` as it listens. */
  readonly url: string;
  /** What signed URLs begin with, without a slash at its end; undefined when none can be minted. */
  readonly socketOrigin: string | undefined;
  readonly port: number;
  readonly installation: Installation;
  /** Makes tokens for one conversation each. */
  readonly tokens: ConversationTokens;
  readonly model: string;
  readonly count: () => number;
  /** Lets replies finish, closes clients with 1012, stores what is on its way, stops. */
  close(): Promise<void>;
};

/** The composition root: the only place that constructs everything. Listens first, then loads what had not ended. */
export async function startServer(parts: ServerParts): Promise<RunningServer> {
  const { environment: env, clock, log, store } = parts;
  const loopback = isLoopback(env.HOST);
  const installation = await prepareInstallation(store, {
    dataDir: env.BACKCHANNEL_DATA ?? './data',
    loopback,
    apiKey: env.BACKCHANNEL_API_KEY,
    wall: () => clock.wall(),
  });
  const models = parts.models ?? (await chooseModels(env, log));
  const warningsFor = (stored: AgentConfig) => {
    const llm = llmOf(stored);
    return llm === undefined ? [] : models.warningsFor(llm);
  };

  const bus = new MemoryBus();
  const followers = createFollowers(bus);
  const runtimes = createAgentRuntimes(
    store,
    { ...conversationLimits(env.BACKCHANNEL_APOLOGY ?? ''), resumeMs: env.BACKCHANNEL_RESUME_SECS },
    {
      modelFor: models.modelFor,
      limits: {
        windowBytes: LIMITS.windowBytes,
        firstTokenMs: env.BACKCHANNEL_LLM_FIRST_TOKEN_SECS,
        betweenTokensMs: env.BACKCHANNEL_LLM_BETWEEN_TOKENS_SECS,
      },
      loose: env.BACKCHANNEL_LLM_PROMPT === 'loose',
    },
    warningsFor,
    log,
  );
  const registry = new Registry({ bus, store, clock, log, publish: followers.publish, runtime: runtimes });
  const router = createRouter({ bus, store, clock, log, limits: LIMITS, load: (id) => registry.load(id) });
  const keyEnds = new KeyEnds(clock);
  let stopping = false;
  const opening = createOpening({
    store,
    registry,
    runtimes,
    clock,
    log,
    signingSecret: installation.signingSecret,
    keySessions: new KeySessions({ ends: keyEnds, registry, log }),
    presentCheckMs: LIMITS.presentCheckMs,
    stopping: () => stopping,
    ...(parts.onOpened === undefined ? {} : { onOpened: parts.onOpened }),
  });
  const clientsRefused = new Tally();
  const tokens = new ConversationTokens(clock, LIMITS);
  const address = {
    host: env.HOST ?? '127.0.0.1',
    ...(env.BACKCHANNEL_PUBLIC_URL === undefined ? {} : { publicUrl: env.BACKCHANNEL_PUBLIC_URL }),
  };
  const app = createApp({
    router,
    store,
    createConversation: opening.create,
    liveHere: (id) => registry.whose(id),
    keyEnds,
    tokens,
    clock,
    log,
    config: { ...address, rates: ratesOf(env), corsOrigins: env.BACKCHANNEL_CORS_ORIGINS },
    limits: LIMITS,
    signingSecret: installation.signingSecret,
    page: { key: installation.keyPlace },
    agentWarnings: (config) => warningsFor(parseOwn<AgentConfig>(config)).map(({ message }) => message),
    ready: () => ({ ok: !stopping && store.writable(), store: store.writable() ? 'ok' : 'unavailable' }),
    numbers: () => ({
      conversations: registry.alive,
      clientSockets: sockets.count,
      clientsRefused,
      socketsClosed: sockets.closed,
      storeWritable: store.writable(),
      written: store.written(),
      stalls: parts.stalls?.() ?? 0,
      residentBytes: process.memoryUsage.rss(),
      uptimeSecs: process.uptime(),
    }),
  });
  const sockets = createWebSocketTransport({
    openConversation: parts.between?.(opening.open) ?? opening.open,
    clock,
    log,
    limits: LIMITS,
    pathPrefix: pathPrefix(env.BACKCHANNEL_PUBLIC_URL),
    ...paceOf(env),
    onBadUpgrade: (why, line) => refuseUpgrade(why, line, LIMITS.goodbyeMs),
    ...(parts.onConnected === undefined ? {} : { onConnected: parts.onConnected }),
    onRefused: (refused) => {
      clientsRefused.add(refused.code);
      log.debug({ code: refused.code, agent_id: idOf(refused.agentId) }, 'a client was refused');
      parts.onRefused?.(refused);
    },
  });
  await app.ready();
  app.server.on('upgrade', (request, socket, head) => {
    if (offersSomethingElse(request)) declineUpgrade(app.server, request, socket, head);
    else if (!sockets.handleUpgrade(request, socket, head)) refuseNoSocket(socket, LIMITS.goodbyeMs);
  });
  boundConnections(app.server, env.BACKCHANNEL_MAX_CONNECTIONS, clock, log);
  await app.listen({ host: address.host, port: env.PORT });
  const bound = app.server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : env.PORT;
  const host = `${hostInUrl(address.host)}:${port}`;
  void loadUnended(store, registry, log);
  const stopMending = mendStore(store, clock, log);

  const close = async (): Promise<void> => {
    stopping = true;
    await registry.drain(LIMITS.drainMs);
    await sockets.close();
    await app.close();
    registry.close();
    stopMending();
    await bus.close();
    await store.close();
  };
  return {
    url: `http://${host}`,
    socketOrigin: socketOrigin(address, host),
    port,
    installation,
    tokens,
    model: models.name,
    count: () => registry.count,
    close,
  };
}

/** Every conversation that had not ended goes on, oldest first; a command for one loads it before its turn. */
async function loadUnended(store: Store, registry: Registry, log: Log): Promise<void> {
  try {
    for (
      let page = await store.conversations.unended(undefined, 100);
      page.length > 0;
      page = await store.conversations.unended(page.at(-1), 100)
    ) {
      await Promise.all(page.map((id) => registry.load(id)));
    }
  } catch (error) {
    log.error({ err: error }, 'conversations from before this start could not be loaded; a command loads its own');
  }
}

/** Every second, also while nothing lives that would ask: is the store still there, and can one that was refusing be written again? */
function mendStore(store: Store, clock: Clock, log: Log): () => void {
  let cancel: () => void;
  const look = (): void => {
    if (store.writable()) void store.intact();
    else store.probe().catch((error: unknown) => log.warn({ err: error }, 'the store cannot be written; trying again every second'));
    cancel = clock.alarm(clock.mono() + LIMITS.probeEveryMs, look);
  };
  cancel = clock.alarm(clock.mono() + LIMITS.probeEveryMs, look);
  return () => cancel();
}

function ratesOf(env: Environment): { perConversation: number; perKey: number } {
  if (env.BACKCHANNEL_RATE_LIMIT === 'off') return { perConversation: Number.POSITIVE_INFINITY, perKey: Number.POSITIVE_INFINITY };
  return { perConversation: env.BACKCHANNEL_RATE_CONVERSATION, perKey: env.BACKCHANNEL_RATE_KEY };
}

function paceOf(env: Environment): { pace?: PaceRates } {
  if (env.BACKCHANNEL_RATE_LIMIT === 'off') return {};
  return { pace: { framesPerSec: env.BACKCHANNEL_RATE_CLIENT, bytesPerSec: env.BACKCHANNEL_RATE_CLIENT_BYTES } };
}

/** What a client names as its agent may be anything, a key too: only what looks like an id is written down. */
const idOf = (named: string | undefined): string | undefined => (named !== undefined && /^agent_\w{1,64}$/.test(named) ? named : undefined);

export function isLoopback(host: string | undefined): boolean {
  return host === undefined || host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

const hostInUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host);
