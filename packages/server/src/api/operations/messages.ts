import { ListMessagesQuery, MessageAnswer, MessageBody, MessageListAnswer, MessageTimelineAnswer } from '@backchannel/protocol/convai';
import type { Operation } from '../operation.js';

export const SEND_MESSAGE: Operation = {
  id: 'sendMessage',
  tag: 'messages',
  summary: 'Send a message into a live conversation',
  description:
    'Any backend that knows the id makes the agent hear (`user_message`), know (`contextual_update`), say (`agent_message`) or consider ' +
    '(`instruction`) something. `urgency` says when: `immediate` interrupts, `soon` waits for the current speech to end, `later` is considered ' +
    'at the next natural turn. The answer is a receipt; with `wait_for` it comes when that level is reached, or after `timeout_ms` with the level ' +
    'reached by then. A caller that hangs up cancels nothing. Sending `agent_message` and `instruction` needs the scope `messages:speak`, ' +
    '`user_message` and `contextual_update` need `messages:write`; `takeover:write` is kept for `human_message`, which does not exist here yet.',
  body: { schema: MessageBody, example: { type: 'agent_message', text: 'Your parcel is here.', urgency: 'soon', wait_for: 'applied' } },
  answers: {
    200: { description: 'A wait beyond `accepted` is over, well or badly: see `status`.', schema: MessageAnswer },
    202: { description: 'Accepted: it is durable, and `status` says how far it has got.', schema: MessageAnswer },
  },
  errors: [
    'conversation_not_found',
    'conversation_ended',
    'condition_not_met',
    'text_too_long',
    'not_supported',
    'no_takeover',
    'invalid_message_combination',
    'too_many_keys',
    'too_many_waiting',
    'too_many_contexts',
  ],
  idempotent: true,
};

export const GET_MESSAGE: Operation = {
  id: 'getMessage',
  tag: 'messages',
  summary: 'What became of a message, level by level',
  answers: { 200: { description: 'The receipt with its timeline.', schema: MessageTimelineAnswer } },
  errors: ['conversation_not_found', 'message_not_found'],
};

export const LIST_MESSAGES: Operation = {
  id: 'listMessages',
  tag: 'messages',
  summary: 'The messages that were sent into a conversation',
  description: 'In the order of their `seq`, oldest first.',
  query: ListMessagesQuery,
  answers: { 200: { description: 'A page of receipts.', schema: MessageListAnswer } },
  errors: ['conversation_not_found', 'invalid_cursor', 'invalid_request'],
};

export const CANCEL_MESSAGE: Operation = {
  id: 'cancelMessage',
  tag: 'messages',
  summary: 'Take a message back before it is applied',
  answers: { 200: { description: 'Cancelled, now or before.', schema: MessageAnswer } },
  errors: ['conversation_not_found', 'message_not_found', 'already_applied', 'conversation_ended'],
};
