import {
  AppError,
  type ConversationEvent,
  type ConversationId,
  type Cursor,
  createTranscript,
  cursorOf,
  foldTranscript,
  isObject,
  refuse,
  transcriptResponse,
} from '@backchannel/protocol';
import { CreateConversationBody, PatchConversationBody, toConversationFilter } from '@backchannel/protocol/convai';
import type { FastifyInstance } from 'fastify';
import { type Api, BASE } from '../api.js';
import { ask } from '../ask.js';
import { agentsWithin, type Caller, callerOf, reachesAgent } from '../caller.js';
import { toListItem } from '../conversation-list-item.js';
import type { Made } from '../idempotent-posts.js';
import { sendJson } from '../json-reply.js';
import { logPages } from '../log-pages.js';
import { GET_CONVERSATION, LIST_CONVERSATIONS, OPEN_CONVERSATION, PATCH_CONVERSATION } from '../operations/conversations.js';
import { sendRefusal } from '../refusal-reply.js';
import { bodyOf, checkedBody } from '../request-body.js';

type OneConversation = { Params: { conversation_id: string } };

const PATH = `${BASE}/conversations`;
const LIST = { config: { policy: { anyOf: ['conversations:read'], reach: 'agents' }, operation: LIST_CONVERSATIONS } } as const;
const READ = { config: { policy: { anyOf: ['conversations:read'], reach: 'conversation' }, operation: GET_CONVERSATION } } as const;
const LABEL = { config: { policy: { anyOf: ['messages:write'], reach: 'agents' }, operation: PATCH_CONVERSATION } } as const;
const OPEN = {
  config: { policy: { anyOf: ['messages:write'], reach: 'agents', countsItself: true }, operation: OPEN_CONVERSATION },
} as const;
/** Enough for what opening a conversation writes: created, warnings, opened, greeting. */
const FIRST_EVENTS = 20;
/** How long the same request under the same key means the same conversation. */
const SAME_MS = 24 * 3_600_000;

/** Conversations as a backend opens, finds, reads and labels them. Ending: `ending.ts`. */
export function conversationRoutes(app: FastifyInstance, api: Api): void {
  app.post(PATH, OPEN, async (request, reply) => {
    const body = bodyOf(request);
    const caller = callerOf(request);
    // In front of what the key of a retry would answer: that may be the answer to somebody who reaches more.
    if (isObject(body) && typeof body.agent_id === 'string' && !reachesAgent(caller, body.agent_id)) throw AppError.of('agent_not_found');
    return api.posts.answer(request, reply, `POST ${PATH}`, body, async (idPart) =>
      open(api, caller, checkedBody(CreateConversationBody, body), idPart),
    );
  });

  app.get(PATH, LIST, async (request, reply) => {
    const read = toConversationFilter(request.query);
    if (!read.ok) return sendRefusal(reply, read);
    const caller = callerOf(request);
    const { workspaceId } = caller;
    const agentIds = agentsWithin(caller, read.filter.agentId);
    const within = agentIds && { agentIds };
    const now = api.clock.wall();
    const { items, nextCursor } = await api.store.conversations.list({ ...read.filter, workspaceId, ...within, now });
    return sendJson(reply, 200, {
      conversations: items.map((row) => toListItem(row, now)),
      has_more: nextCursor !== undefined,
      next_cursor: nextCursor ?? null,
      ...(read.warnings.length === 0 ? {} : { warnings: read.warnings }),
    });
  });

  app.get<OneConversation>(`${PATH}/:conversation_id`, READ, async (request, reply) => {
    const { conversation_id: id } = request.params;
    await api.owners.demand(callerOf(request), id);
    const transcript = createTranscript();
    for await (const page of logPages(api.store, id, 0)) for (const event of page) foldTranscript(transcript, event);
    // Erased between the two looks.
    if (transcript.created === undefined) return sendRefusal(reply, refuse('conversation_not_found'));
    const agent = await api.store.agents.get(transcript.created.agent_id);
    return sendJson(reply, 200, transcriptResponse(transcript, { agent_name: agent?.name ?? null }, api.clock.wall()));
  });

  app.patch<OneConversation>(`${PATH}/:conversation_id`, LABEL, async (request, reply) => {
    const { conversation_id: id } = request.params;
    await api.owners.demand(callerOf(request), id);
    const body = bodyOf(request);
    refuseVariables(body);
    const { app_metadata } = checkedBody(PatchConversationBody, body);
    const answer = await ask(api, id, { type: 'metadata.patch', app_metadata });
    return answer.ok ? sendJson(reply, 200, { conversation_id: id, app_metadata: answer.app_metadata }) : sendRefusal(reply, answer);
  });
}

async function open(api: Api, caller: Caller, wanted: CreateConversationBody, idPart: string | undefined): Promise<Made> {
  const { agent_id, user_id, dynamic_variables, app_metadata, conversation_config_override, first_message } = wanted;
  const conversationId = idPart === undefined ? undefined : `conv_${idPart}`;
  const [first, ...rest] = conversationId === undefined ? [] : await api.store.read(conversationId, 0, FIRST_EVENTS);
  if (conversationId !== undefined && first !== undefined && api.clock.wall() - Date.parse(first.time) < SAME_MS) {
    return opened(conversationId, agent_id, greetingOf(rest), cursorOf(rest.at(-1) ?? first));
  }
  const answer = await api.createConversation({
    workspaceId: caller.workspaceId,
    agentId: agent_id,
    begun: 'api',
    ...(conversationId === undefined || first !== undefined ? {} : { conversationId }),
    ...(user_id === undefined ? {} : { userId: user_id }),
    ...(dynamic_variables === undefined ? {} : { dynamicVariables: dynamic_variables }),
    ...(app_metadata === undefined ? {} : { appMetadata: app_metadata }),
    ...(conversation_config_override === undefined ? {} : { override: conversation_config_override }),
    ...(first_message === undefined ? {} : { firstMessage: first_message }),
  });
  if (!answer.ok) return answer;
  return opened(answer.conversationId, agent_id, answer.firstMessage, answer.cursor);
}

function opened(conversationId: ConversationId, agentId: string, firstMessage: string | undefined, cursor: Cursor): Made {
  const body = {
    conversation_id: conversationId,
    agent_id: agentId,
    status: 'in-progress',
    ...(firstMessage === undefined ? {} : { first_message: firstMessage }),
    cursor,
  };
  return { ok: true, status: 201, body: JSON.stringify(body) };
}

/** Of a conversation that was opened by the same request just before a crash. */
function greetingOf(events: readonly ConversationEvent[]): string | undefined {
  const greeting = events.find((event) => event.type === 'message.added' && event.source === 'greeting');
  return greeting?.type === 'message.added' ? greeting.text : undefined;
}

/** Said by name: whoever sends them here expects the agent to know them from now on. */
function refuseVariables(body: unknown): void {
  if (!isObject(body) || !('dynamic_variables' in body)) return;
  const msg =
    'Variables are fixed at the start: send a contextual_update with a context_id to this conversation’s messages; a newer one replaces it.';
  throw AppError.of('invalid_request', { problems: [{ loc: ['body', 'dynamic_variables'], msg, type: 'value_error' }] });
}
