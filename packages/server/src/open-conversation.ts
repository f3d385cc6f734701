import {
  type AppMetadata,
  type ClientCommand,
  type ConversationId,
  cursorOf,
  isObject,
  newConversationId,
  newSessionId,
  type Refusal,
  refuse,
} from '@backchannel/protocol';
import type { DynamicVariables } from '@backchannel/protocol/convai';
import { authenticate, type Credential, mayUse, whyNotIn } from './admission.js';
import type { AgentRuntimes } from './agent-runtime.js';
import type { CreateConversation } from './api/create-conversation.js';
import type { Conversation } from './conversation/conversation.js';
import type { ConversationHandle, JoinRequest, OpenConversation } from './conversation/joining.js';
import { initiate } from './initiation.js';
import type { KeySessions } from './key-sessions.js';
import type { Clock } from './lib/clock.js';
import type { Log } from './lib/log.js';
import type { Registry } from './routing/registry.js';
import type { Store } from './store/store.js';

export type OpeningOptions = {
  readonly store: Store;
  readonly registry: Registry;
  readonly runtimes: AgentRuntimes;
  readonly clock: Clock;
  readonly log: Log;
  readonly signingSecret: string;
  readonly keySessions: KeySessions;
  /** How long a client that is present has to answer when another wants its place. */
  readonly presentCheckMs: number;
  /** No new conversations while the server stops. */
  readonly stopping: () => boolean;
  /** Told of every conversation that a backend has opened without a client. */
  readonly onOpened?: (conversationId: ConversationId) => void;
};

type Join = Extract<ClientCommand, { type: 'client.join' }>;

/**
 * The use case behind the doors: loads the agent, authorises, creates a conversation or joins one. Transports get
 * `open`, the API gets `create`.
 */
export function createOpening(options: OpeningOptions): { readonly open: OpenConversation; readonly create: CreateConversation } {
  const { store, registry, runtimes, clock } = options;

  const open: OpenConversation = async (request, connect) => {
    if (options.stopping()) return refuse('server_stopping');
    const credential = await authenticate(options, request);
    if ('ok' in credential) return credential;
    const { conversationId } = credential.method === 'signed_url' ? credential.claims : {};
    if (conversationId === undefined) return begin(request, credential, connect);
    const conversation = await registry.obtain(conversationId);
    if (typeof conversation === 'string') return refuse(conversation === 'not_found' ? 'conversation_not_found' : 'unavailable');
    // One that is over may still be in memory after it was erased.
    if (conversation.record.phase === 'ended' && (await store.head(conversationId)) === undefined) return refuse('conversation_not_found');
    return joinExisting(conversation, request, credential, connect);
  };

  /** A client that names an agent: a conversation of its own, created and opened at once. */
  const begin = async (request: JoinRequest, credential: Credential, connect: Connect): ReturnType<OpenConversation> => {
    const claims = credential.method === 'signed_url' ? credential.claims : undefined;
    const agentId = claims?.agentId ?? request.agentId;
    const agent = agentId === undefined ? undefined : await store.agents.get(agentId);
    if (agent === undefined || !mayUse(credential, agent)) return refuse('agent_not_found');
    const runtime = await runtimes(agent.hash);
    const refusal = whyNotIn(request, credential, runtime.config);
    if (refusal !== undefined) return refusal;
    const conversationId = newConversationId();
    const beginning = { agentId: agent.agentId, conversationId, createdAt: clock.wall() };
    const initiated = initiate(runtime.config, beginning, wishesOf(request));
    if (!initiated.ok) return initiated;
    const { conversation } = registry.create(
      {
        type: 'conversation.create',
        conversation_id: conversationId,
        workspace_id: agent.workspaceId,
        agent_id: agent.agentId,
        agent_hash: agent.hash,
        engine: 'native',
        begun: 'client',
        ...(claims?.userId === undefined ? {} : { user_id: claims.userId, user_id_verified: true }),
        ...(claims?.appMetadata === undefined ? {} : { app_metadata: claims.appMetadata }),
        warnings: runtime.warnings,
      },
      runtime,
    );
    return join(conversation, request, credential, connect, initiated);
  };

  /** A signed URL that names a conversation: its first client, or one that is back. */
  const joinExisting = async (
    conversation: Conversation,
    request: JoinRequest,
    credential: Credential,
    connect: Connect,
  ): ReturnType<OpenConversation> => {
    const { record } = conversation;
    // Once the greeting was said, the conversation is what its first client made it.
    const initiated = record.greeted
      ? KEPT_AS_IT_IS
      : initiate((await runtimes(record.agentHash)).config, record, withCreated(request, record.init));
    if (!initiated.ok) return initiated;
    await makeWay(conversation, credential);
    return join(conversation, request, credential, connect, initiated);
  };

  /** A client that is still counted but answers no more is lost; the one who knocks takes its place. */
  const makeWay = async (conversation: Conversation, credential: Credential): Promise<void> => {
    const present = conversation.record.client;
    if (present === undefined || (credential.method === 'signed_url' && credential.claims.join !== undefined)) return;
    const session = conversation.userSession;
    if (session !== undefined && (await session.answers(options.presentCheckMs))) return;
    await conversation.dispatch({ type: 'client.leave', session_id: present.sessionId, reason: 'lost' });
    session?.close({ kind: 'error', code: 'superseded' });
  };

  const join = async (
    conversation: Conversation,
    request: JoinRequest,
    credential: Credential,
    connect: Connect,
    { init, ignored }: { readonly init: Join['init']; readonly ignored: readonly string[] },
  ): ReturnType<OpenConversation> => {
    const sessionId = newSessionId();
    const { conversationId } = conversation.record;
    const handle: ConversationHandle = {
      conversationId,
      dispatch: (command) => conversation.dispatch(command),
      ready: (id) => conversation.ready(id),
    };
    const session = connect(handle, sessionId);
    const answer = await conversation.join(session, joinCommand(request, credential, sessionId, init, ignored));
    if (!answer.ok) return answer;
    options.log.info({ conversation_id: conversationId, agent_id: conversation.record.agentId, session_id: sessionId }, 'a client joined');
    if (credential.method === 'authorization_header') options.keySessions.add(session, credential.caller);
    return { ok: true, session, conversationId };
  };

  const create: CreateConversation = async (request) => {
    if (options.stopping()) return refuse('server_stopping', { message: 'The server is restarting; retry in a moment.' });
    const agent = await store.agents.get(request.agentId);
    if (agent === undefined || agent.workspaceId !== request.workspaceId) return refuse('agent_not_found');
    const runtime = await runtimes(agent.hash);
    const conversationId = request.conversationId ?? newConversationId();
    const beginning = { agentId: agent.agentId, conversationId, createdAt: clock.wall() };
    const override = { ...request.override, ...withFirstMessage(request.override, request.firstMessage) };
    // A signed URL's variables come with its client; a backend's conversation has them now or never.
    const wishes = { override, dynamicVariables: request.dynamicVariables as DynamicVariables | undefined };
    const initiated = request.begun === 'api' ? initiate(runtime.config, beginning, wishes) : undefined;
    if (initiated?.ok === false) return initiated;
    const { conversation, created } = registry.create(
      {
        type: 'conversation.create',
        conversation_id: conversationId,
        workspace_id: agent.workspaceId,
        agent_id: agent.agentId,
        agent_hash: agent.hash,
        engine: 'native',
        begun: request.begun,
        ...(request.userId === undefined ? {} : { user_id: request.userId, user_id_verified: true }),
        ...(request.appMetadata === undefined ? {} : { app_metadata: request.appMetadata as AppMetadata }),
        ...(initiated === undefined ? {} : { init: initiated.init }),
        ...(request.expiresInMs === undefined ? {} : { expires_in_ms: request.expiresInMs }),
        warnings: runtime.warnings,
      },
      runtime,
    );
    const answer = (await created) as { ok: true } | Refusal;
    if (!answer.ok) return answer;
    options.log.info({ conversation_id: conversationId, agent_id: agent.agentId, begun: request.begun }, 'a conversation was made');
    if (request.begun === 'api') options.onOpened?.(conversationId);
    const greeting = initiated?.init.first_message;
    return {
      ok: true,
      conversationId,
      cursor: cursorOf(conversation.record),
      ...(greeting === undefined ? {} : { firstMessage: greeting }),
    };
  };

  return { open, create };
}

const KEPT_AS_IT_IS = { ok: true, init: undefined, ignored: [] } as const;

type Connect = Parameters<OpenConversation>[1];

function wishesOf({ init }: JoinRequest): {
  override: Record<string, unknown> | undefined;
  dynamicVariables: DynamicVariables | undefined;
} {
  const override = init?.conversation_config_override;
  const variables = init?.dynamic_variables;
  return {
    override: isObject(override) ? override : undefined,
    dynamicVariables: isObject(variables) ? (variables as DynamicVariables) : undefined,
  };
}

/** Variables that a backend gave when it created the conversation hold unless the client gives its own. */
function withCreated(request: JoinRequest, created: Conversation['record']['init']): ReturnType<typeof wishesOf> {
  const { override, dynamicVariables } = wishesOf(request);
  return { override, dynamicVariables: { ...(created.dynamic_variables as DynamicVariables | undefined), ...dynamicVariables } };
}

function withFirstMessage(override: Readonly<Record<string, unknown>> | undefined, text: string | undefined): object {
  if (text === undefined) return {};
  const agent = isObject(override?.agent) ? override.agent : {};
  return { agent: { ...agent, first_message: text } };
}

function joinCommand(
  request: JoinRequest,
  credential: Credential,
  sessionId: string,
  init: Join['init'],
  ignored: readonly string[],
): Join {
  const claims = credential.method === 'signed_url' ? credential.claims : undefined;
  const userId = request.init?.user_id;
  return {
    type: 'client.join',
    session_id: sessionId,
    role: 'user',
    ...(claims?.join === undefined ? {} : { join: claims.join }),
    transport: request.transport,
    authorization_method: credential.method,
    // Only a URL that names a conversation is used up by its join.
    ...(claims?.conversationId === undefined ? {} : { url_id: claims.id }),
    ...(request.source === undefined ? {} : { source: request.source }),
    ...(request.version === undefined ? {} : { version: request.version }),
    ...(typeof userId === 'string' && userId !== '' ? { user_id: userId } : {}),
    ...(init === undefined ? {} : { init }),
    formats: request.formats,
    warnings: ignored.map((field) => ({ code: 'override_ignored', message: `The override ${field} means nothing here and was ignored.` })),
  };
}
