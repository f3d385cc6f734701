import { z } from 'zod';
import type { MessageRequest } from '../command.js';
import { type Answer, refuse } from '../errors.js';
import { AgentState, GoodLevel, MESSAGE_RULES, MessageType, ReplyMode, Urgency, UserState } from '../message.js';
import { hasLevel } from '../receipt.js';
import { CONTEXT_ID_BYTES, DEFAULT_WAIT_MS, EXPIRES_SECS, longerThan, TEXT_BYTES, WAIT_MS } from './limits.js';
import { FlatMetadata } from './metadata.js';
import { readBy } from './problems.js';

/** The body of `POST …/messages`: only type and text are required. Durations in the unit of their name. */
export const MessageBody = z.strictObject({
  type: MessageType,
  text: z.string().min(1),
  urgency: Urgency.optional(),
  reply: ReplyMode.optional(),
  interruptible: z.boolean().optional(),
  context_id: z
    .string()
    .min(1)
    .refine((id) => !longerThan(id, CONTEXT_ID_BYTES), { error: `Send a context_id of at most ${CONTEXT_ID_BYTES} bytes.` })
    .optional(),
  if: z.strictObject({ agent_state: z.array(AgentState).min(1).optional(), user_state: z.array(UserState).min(1).optional() }).optional(),
  expires_in_secs: z.number().positive().max(EXPIRES_SECS).optional(),
  wait_for: GoodLevel.default('accepted'),
  timeout_ms: z.int().min(0).max(WAIT_MS).default(DEFAULT_WAIT_MS),
  metadata: FlatMetadata.optional(),
});
export type MessageBody = z.infer<typeof MessageBody>;

export type MessageAsk = { readonly request: MessageRequest; readonly wait_for: GoodLevel; readonly timeout_ms: number };

/**
 * A body as the message it asks for, defaults filled in. A field that is wrong by itself comes back as
 * problems, a combination that does not exist as a refusal that names the type to use.
 */
export function toMessageRequest(body: unknown): Answer<MessageAsk> {
  const read = readBy(MessageBody, body);
  if (!read.ok) return read;
  const { type, text, context_id, expires_in_secs, metadata, wait_for, timeout_ms, if: condition } = read.value;
  if (longerThan(text, TEXT_BYTES)) return refuse('text_too_long', { param: 'text' });
  if (type === 'human_message') {
    return refuse('not_supported', {
      param: 'type',
      message: 'A human_message is the line of a person who has taken over, which is not available here; use agent_message.',
    });
  }

  const urgency = read.value.urgency ?? MESSAGE_RULES[type].urgencies[0] ?? 'soon';
  const reply = read.value.reply ?? defaultReply(type, urgency);
  const wrong = wrongCombination(read.value, urgency, reply);
  if (wrong) return refuse('invalid_message_combination', wrong);
  if (!hasLevel(type, wait_for)) {
    const levels = MESSAGE_RULES[type].levels;
    return refuse('invalid_request', {
      problems: [
        {
          loc: ['body', 'wait_for'],
          msg: `${named(type)} is never ${wait_for}; wait for one of ${levels.join(', ')}.`,
          type: 'value_error',
        },
      ],
    });
  }

  const request: MessageRequest = {
    type,
    text,
    urgency,
    reply,
    ...(read.value.interruptible === false ? { interruptible: false } : {}),
    ...(context_id === undefined ? {} : { context_id }),
    ...(condition === undefined ? {} : { if: conditionOf(condition) }),
    ...(expires_in_secs === undefined ? {} : { expires_in_ms: Math.max(1, Math.round(expires_in_secs * 1000)) }),
    ...(metadata === undefined ? {} : { metadata }),
  };
  return { ok: true, request, wait_for, timeout_ms };
}

const named = (type: MessageType): string => `${/^[aeio]/.test(type) ? 'An' : 'A'} ${type}`;

/** What is said later waits for a turn that comes anyway, so it asks for none. */
function defaultReply(type: MessageType, urgency: Urgency): ReplyMode {
  return urgency === 'later' ? 'none' : (MESSAGE_RULES[type].replies[0] ?? 'none');
}

function wrongCombination(body: MessageBody, urgency: Urgency, reply: ReplyMode): { message: string; param: string } | undefined {
  const { type } = body;
  const { urgencies, replies } = MESSAGE_RULES[type];
  if (!urgencies.includes(urgency))
    return { param: 'urgency', message: WRONG_URGENCY[type] ?? 'This urgency does not exist for this type.' };
  if (!replies.includes(reply)) {
    return {
      param: 'reply',
      message:
        type === 'agent_message'
          ? 'An agent_message is said as it stands and causes no reply; use instruction to make the agent answer.'
          : `${named(type)} causes no reply; use instruction for an answer of the agent, or user_message for one to the user’s words.`,
    };
  }
  if (urgency === 'later' && reply === 'auto') {
    return { param: 'reply', message: `${named(type)} with urgency later causes no reply; use ${type} with urgency soon for one.` };
  }
  if (body.context_id !== undefined && type !== 'contextual_update') {
    return { param: 'context_id', message: 'A context_id names a context that a later one replaces; use contextual_update with it.' };
  }
  if (body.interruptible === false && !(type === 'agent_message' || (reply === 'auto' && type !== 'contextual_update'))) {
    return {
      param: 'interruptible',
      message: `${named(type)} without a reply has no speech to protect; use agent_message, or user_message or instruction with reply auto.`,
    };
  }
  return undefined;
}

const WRONG_URGENCY: Partial<Readonly<Record<MessageType, string>>> = {
  contextual_update: 'A contextual_update is always later: it never triggers or cuts speech; use instruction or user_message to act now.',
  agent_message: 'An agent_message is soon or immediate; use instruction or contextual_update for what the agent should know later.',
};

function conditionOf(condition: NonNullable<MessageBody['if']>): NonNullable<MessageRequest['if']> {
  const { agent_state, user_state } = condition;
  return { ...(agent_state ? { agent_state } : {}), ...(user_state ? { user_state } : {}) };
}
