import { z } from 'zod';
import { EndReason, eventSchemas } from '../event.js';
import { AgentState, AppMetadata, Level, MessageType, ReplyMode, SpokenBasis, Urgency, UserState } from '../message.js';
import { ConversationStatus } from './list-query.js';

/**
 * What REST answers, as schemas: for documents and tests. No answer is run through them on its way out. ElevenLabs'
 * shapes name the keys that their clients cannot do without and stay open; ours are complete.
 */
const cursor = z.string().describe('A place in the log, `<epoch>-<seq>`: give it back as `after` to go on from here.');
const nextCursor = z.string().nullable().describe('Give it back as `cursor` for the next page; null on the last one.');
const time = z.string().describe('RFC 3339');
const unixSecs = z.int().describe('Seconds since 1970');
const warnings = z.array(z.string()).optional().describe('What of the query was not applied, a sentence each; absent when nothing was.');

export const EmptyAnswer = z.object({});

const Reply = z.object({ text: z.string(), event_id: z.int(), complete: z.boolean() });

const messageFields = {
  message_id: z.string(),
  conversation_id: z.string(),
  seq: z.int().positive(),
  cursor,
  status: Level.describe('The highest level reached, or the bad end.'),
  reason: z.string().optional().describe('Why it ended badly.'),
  agent_state: AgentState.describe('As of acceptance.'),
  user_state: UserState.describe('As of acceptance.'),
  downgraded: z.boolean().optional().describe('True when `immediate` was treated as `soon`.'),
  reply: Reply.optional().describe('The agent’s answer, once there is one.'),
  message: z.object({
    type: MessageType,
    text: z.string(),
    urgency: Urgency,
    reply: ReplyMode,
    interruptible: z.boolean().optional(),
    context_id: z.string().optional(),
    expires_in_secs: z.number().optional(),
    metadata: AppMetadata.optional(),
  }),
};

/** The receipt: how far the message has got. */
export const MessageAnswer = z.object(messageFields).meta({ id: 'Message' });

/** The receipt with every level and its time. */
export const MessageTimelineAnswer = z
  .object({
    ...messageFields,
    timeline: z.array(
      z.object({
        level: Level,
        seq: z.int().positive(),
        time,
        reason: z.string().optional(),
        event_id: z.int().optional(),
        complete: z.boolean().optional(),
        heard_text: z.string().optional(),
        basis: SpokenBasis.optional(),
      }),
    ),
  })
  .meta({ id: 'MessageTimeline' });

export const MessageListAnswer = z.object({ messages: z.array(MessageAnswer), has_more: z.boolean(), next_cursor: nextCursor });

export const ConversationOpened = z
  .object({
    conversation_id: z.string(),
    agent_id: z.string(),
    status: z.literal('in-progress'),
    first_message: z.string().optional().describe('The greeting; absent when there is none.'),
    cursor,
  })
  .meta({ id: 'ConversationOpened' });

const ListedConversation = z
  .looseObject({
    agent_id: z.string(),
    agent_name: z.string().nullable(),
    conversation_id: z.string(),
    start_time_unix_secs: unixSecs,
    call_duration_secs: z.int(),
    message_count: z.int(),
    status: ConversationStatus,
    call_successful: z.literal('unknown'),
    conversation_initiation_source: z.string().nullable(),
    rating: z.number().nullable(),
    termination_reason: EndReason.nullable(),
    user_id: z.string().nullable(),
    user_id_verified: z.boolean().describe('True only when a backend vouched for the user_id.'),
    app_metadata: AppMetadata,
  })
  .meta({ id: 'ListedConversation' });

export const ConversationListAnswer = z.looseObject({
  conversations: z.array(ListedConversation),
  has_more: z.boolean(),
  next_cursor: nextCursor,
  warnings,
});

const ToolCall = z.looseObject({
  request_id: z.string(),
  tool_name: z.string(),
  params_as_json: z.string(),
  tool_has_been_called: z.boolean(),
});
const ToolResult = z.looseObject({
  request_id: z.string(),
  tool_name: z.string(),
  result_value: z.string(),
  is_error: z.boolean(),
  tool_has_been_called: z.boolean(),
});

const TranscriptEntry = z
  .looseObject({
    role: z.enum(['user', 'agent']),
    message: z.string().nullable(),
    time_in_call_secs: z.int().describe('Since the conversation first opened.'),
    interrupted: z.boolean(),
    source_medium: z.literal('text'),
    source_event_id: z.int().nullable(),
    tool_calls: z.array(ToolCall),
    tool_results: z.array(ToolResult),
    feedback: z.looseObject({ score: z.enum(['like', 'dislike']), time_in_call_secs: z.int() }).nullable(),
    contextual_update_info: z.looseObject({ context_id: z.string(), is_superseded: z.boolean() }).optional(),
  })
  .meta({ id: 'TranscriptEntry' });

export const ConversationAnswer = z
  .looseObject({
    agent_id: z.string(),
    agent_name: z.string().nullable(),
    conversation_id: z.string(),
    status: ConversationStatus,
    user_id: z.string().nullable(),
    user_id_verified: z.boolean(),
    app_metadata: AppMetadata,
    last_seq: z.int(),
    cursor: cursor.nullable(),
    has_audio: z.boolean(),
    has_user_audio: z.boolean(),
    has_response_audio: z.boolean(),
    has_auxiliary_audio: z.boolean(),
    transcript: z.array(TranscriptEntry).describe('Filled while the conversation is live.'),
    metadata: z.looseObject({
      start_time_unix_secs: unixSecs,
      accepted_time_unix_secs: unixSecs.nullable(),
      call_duration_secs: z.int(),
      text_only: z.boolean(),
      authorization_method: z.string(),
      termination_reason: EndReason.nullable(),
      error: z.looseObject({ code: z.int(), reason: z.string() }).nullable(),
      warnings: z.array(z.string()),
      feedback: z.looseObject({ likes: z.int(), dislikes: z.int() }).nullable(),
      conversation_initiation_source: z.string().nullable(),
      conversation_initiation_source_version: z.string().nullable(),
    }),
    conversation_initiation_client_data: z.looseObject({ dynamic_variables: z.record(z.string(), z.unknown()) }),
  })
  .meta({ id: 'Conversation' });

export const MetadataAnswer = z.object({ conversation_id: z.string(), app_metadata: AppMetadata });

export const EndAnswer = z
  .object({
    conversation_id: z.string(),
    status: z.enum(['done', 'failed']),
    ended_at: time,
    reason: EndReason,
    last_seq: z.int(),
  })
  .meta({ id: 'ConversationEnd' });

/** Any numbered event, as stored. */
export const EventAnswer = z.union(Object.values(eventSchemas)).meta({ id: 'Event' });

export const EventsAnswer = z.object({
  events: z.array(EventAnswer),
  cursor,
  has_more: z.boolean(),
  recovered: z.literal(false).optional().describe('Present when the cursor was not one of this log: the page begins at seq 1.'),
});

export const SignedUrlAnswer = z.object({ signed_url: z.string(), conversation_id: z.string().optional() });
export const LiveCountAnswer = z.object({ count: z.int() });

const AccessInfo = z.looseObject({
  is_creator: z.boolean(),
  creator_name: z.string(),
  creator_email: z.string(),
  role: z.enum(['admin', 'editor', 'commenter', 'viewer']),
});

export const AgentCreated = z.object({ agent_id: z.string() });

const part = z.looseObject({});
/** Complete: every default stands in it. */
export const AgentAnswer = z
  .looseObject({
    agent_id: z.string(),
    name: z.string(),
    conversation_config: z.looseObject({ agent: part, conversation: part, turn: part, tts: part, asr: part }),
    platform_settings: z.looseObject({ auth: part, overrides: z.looseObject({ conversation_config_override: part }) }),
    metadata: z.looseObject({ created_at_unix_secs: unixSecs, updated_at_unix_secs: unixSecs }),
    phone_numbers: z.array(z.unknown()),
    access_info: AccessInfo,
    tags: z.array(z.string()),
    warnings: z.array(z.string()).describe('What of the configuration is not served here, a sentence each.'),
  })
  .meta({ id: 'Agent' });

const ListedAgent = z
  .looseObject({
    agent_id: z.string(),
    name: z.string(),
    voice_id: z.string(),
    tags: z.array(z.string()),
    created_at_unix_secs: unixSecs,
    access_info: AccessInfo,
    last_call_time_unix_secs: unixSecs.nullable(),
    archived: z.boolean(),
  })
  .meta({ id: 'ListedAgent' });

export const AgentListAnswer = z.looseObject({
  agents: z.array(ListedAgent),
  has_more: z.boolean(),
  next_cursor: nextCursor,
  warnings,
});

export const AliveAnswer = z.object({ status: z.literal('ok') });
export const ReadyAnswer = z.object({ status: z.enum(['ok', 'unavailable']), store: z.string() });
