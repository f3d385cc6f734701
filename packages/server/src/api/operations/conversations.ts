import {
  ConversationAnswer,
  ConversationListAnswer,
  ConversationOpened,
  CreateConversationBody,
  EmptyAnswer,
  EndAnswer,
  EndConversationBody,
  EventsAnswer,
  EventsQuery,
  FeedbackBody,
  ListConversationsQuery,
  LiveCountAnswer,
  LiveCountQuery,
  MetadataAnswer,
  PatchConversationBody,
} from '@backchannel/protocol/convai';
import type { Operation } from '../operation.js';

export const OPEN_CONVERSATION: Operation = {
  id: 'openConversation',
  tag: 'conversations',
  summary: 'Open a conversation without a client',
  description: 'For backends: it is open at once, in text, and answers messages. A client may join later with a signed URL that names it.',
  body: { schema: CreateConversationBody, example: { agent_id: 'agent_demo', user_id: 'ada' } },
  answers: { 201: { description: 'Open.', schema: ConversationOpened } },
  errors: ['agent_not_found', 'override_error', 'missing_dynamic_variable'],
  idempotent: true,
};

export const LIST_CONVERSATIONS: Operation = {
  id: 'listConversations',
  tag: 'conversations',
  summary: 'Find conversations',
  description:
    'Newest first unless `sort_direction` says otherwise; pages neither skip nor repeat while conversations begin and end. What ElevenLabs knows and this ' +
    'server has no data for is accepted and named in `warnings`, and so is a parameter that nobody knows.',
  query: ListConversationsQuery,
  queryPatterns: { 'app_metadata.{key}': 'Only conversations whose app_metadata has this value, as text, under that key.' },
  answers: { 200: { description: 'A page.', schema: ConversationListAnswer } },
  errors: ['invalid_cursor', 'invalid_request'],
};

export const GET_CONVERSATION: Operation = {
  id: 'getConversation',
  tag: 'conversations',
  summary: 'Read a conversation with its transcript',
  description: 'Also while it is live: the transcript holds every line so far.',
  answers: { 200: { description: 'The conversation as it is now.', schema: ConversationAnswer } },
  errors: ['conversation_not_found'],
};

export const PATCH_CONVERSATION: Operation = {
  id: 'patchConversation',
  tag: 'conversations',
  summary: 'Label a conversation',
  description: 'Merged into its `app_metadata`; null takes a label away.',
  body: { schema: PatchConversationBody, example: { app_metadata: { order: 4711, vip: true } } },
  answers: { 200: { description: 'All labels as they are now.', schema: MetadataAnswer } },
  errors: ['conversation_not_found', 'conversation_ended'],
};

export const END_CONVERSATION: Operation = {
  id: 'endConversation',
  tag: 'conversations',
  summary: 'End a conversation',
  description: 'With `message` as the agent’s last line, if one is given. What has ended already is answered the same way.',
  body: { schema: EndConversationBody, optional: true, example: { message: 'Goodbye.' } },
  answers: { 200: { description: 'It has ended, and that is durable.', schema: EndAnswer } },
  errors: ['conversation_not_found', 'text_too_long'],
  idempotent: true,
};

export const DELETE_CONVERSATION: Operation = {
  id: 'deleteConversation',
  tag: 'conversations',
  summary: 'Erase a conversation',
  description: 'A live one is ended first. Its log, transcript and labels are gone afterwards.',
  answers: { 200: { description: 'Erased.', schema: EmptyAnswer } },
  errors: ['conversation_not_found'],
};

export const LIST_EVENTS: Operation = {
  id: 'listEvents',
  tag: 'conversations',
  summary: 'The log of a conversation',
  description: 'Numbered from 1 without a gap, in pages. An empty page repeats its cursor.',
  query: EventsQuery,
  answers: { 200: { description: 'A page of events.', schema: EventsAnswer } },
  errors: ['conversation_not_found', 'invalid_cursor', 'invalid_request'],
};

export const GIVE_FEEDBACK: Operation = {
  id: 'giveFeedback',
  tag: 'conversations',
  summary: 'Rate a conversation',
  description: 'Official clients call this without a key: it can only be written, and every id gets the same answer.',
  body: { schema: FeedbackBody, example: { feedback: 'like' } },
  answers: { 200: { description: 'Taken.', schema: EmptyAnswer } },
  errors: ['rate_limited', 'unavailable'],
};

export const COUNT_LIVE: Operation = {
  id: 'countLiveConversations',
  tag: 'conversations',
  summary: 'How many conversations are live',
  query: LiveCountQuery,
  answers: { 200: { description: 'Those that are open, or whose client was lost a moment ago.', schema: LiveCountAnswer } },
  errors: ['invalid_request'],
};
