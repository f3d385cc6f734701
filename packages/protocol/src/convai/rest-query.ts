import { z } from 'zod';
import { type Answer, refuse } from '../errors.js';
import { Level } from '../message.js';
import { UserId } from './client-message.js';
import { MetadataParam } from './metadata.js';
import { readBy } from './problems.js';

/** Query strings: every value arrives as text. Parameters that are not known here are ignored, as ElevenLabs does. */
const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,12}$/, { error: `Send a whole number from ${min} to ${max}.` })
    .transform(Number)
    .pipe(z.int().min(min).max(max));

const flag = z
  .string()
  .regex(/^(true|false|1|0)$/i, { error: 'Send true or false.' })
  .transform((text) => text === '1' || text.toLowerCase() === 'true');

const page = { page_size: whole(1, 100).default(30), cursor: z.string().min(1).optional() };

/** `GET conversation/get-signed-url`. `conversation_id` names the conversation to join again. */
export const SignedUrlQuery = z.looseObject({
  agent_id: z.string().min(1),
  include_conversation_id: flag.default(false),
  conversation_id: z.string().min(1).optional(),
  join: z.enum(['resume', 'attach']).optional(),
  user_id: UserId.optional(),
  app_metadata: MetadataParam.optional(),
});
export type SignedUrlQuery = z.infer<typeof SignedUrlQuery>;

export const ListAgentsQuery = z.looseObject({ ...page, search: z.string().optional() });
export type ListAgentsQuery = z.infer<typeof ListAgentsQuery>;

/** `GET …/events`; `after` is a cursor. */
export const EventsQuery = z.looseObject({ after: z.string().optional(), limit: whole(1, 1000).default(100) });
export type EventsQuery = z.infer<typeof EventsQuery>;

/** `GET …/messages`; `status` is the level reached. */
export const ListMessagesQuery = z.looseObject({ ...page, status: Level.optional() });
export type ListMessagesQuery = z.infer<typeof ListMessagesQuery>;

export const LiveCountQuery = z.looseObject({ agent_id: z.string().optional() });
export type LiveCountQuery = z.infer<typeof LiveCountQuery>;

/** ElevenLabs' words for where a conversation stands. */
export const ConversationStatus = z.enum(['initiated', 'in-progress', 'processing', 'done', 'failed']);
export type ConversationStatus = z.infer<typeof ConversationStatus>;

export const ListConversationsQuery = z.looseObject({
  ...page,
  status: ConversationStatus.optional(),
  agent_id: z.string().optional(),
  user_id: z.string().optional(),
  call_start_after_unix: whole(0, 1e11).optional(),
  call_start_before_unix: whole(0, 1e11).optional(),
});

/** What a list is narrowed to, in the words of the store; times in milliseconds since 1970. */
export type ConversationFilter = {
  readonly statuses?: readonly ('created' | 'open' | 'dropped' | 'ended')[];
  readonly endStatus?: 'done' | 'failed';
  readonly agentId?: string;
  readonly userId?: string;
  readonly appMetadata?: Readonly<Record<string, string>>;
  readonly createdAfter?: number;
  readonly createdBefore?: number;
  readonly pageSize: number;
  readonly cursor?: string;
};

/** A conversation is never being processed here: nothing is analysed after its end. */
const STORED: Readonly<Record<ConversationStatus, Pick<ConversationFilter, 'statuses' | 'endStatus'>>> = {
  initiated: { statuses: ['created'] },
  'in-progress': { statuses: ['open', 'dropped'] },
  processing: { statuses: [] },
  done: { statuses: ['ended'], endStatus: 'done' },
  failed: { statuses: ['ended'], endStatus: 'failed' },
};

const METADATA = 'app_metadata.';

/** The list's query as a filter; each `app_metadata.<key>=` narrows by that key's value as text. */
export function toConversationFilter(query: unknown): Answer<{ readonly filter: ConversationFilter }> {
  const read = readBy(ListConversationsQuery, query, 'query');
  if (!read.ok) return read;
  const {
    page_size,
    cursor,
    status,
    agent_id,
    user_id,
    call_start_after_unix: after,
    call_start_before_unix: before,
    ...others
  } = read.value;
  const metadata = new Map<string, string>();
  for (const [name, value] of Object.entries(others)) {
    if (!name.startsWith(METADATA)) continue;
    const key = name.slice(METADATA.length);
    if (typeof value !== 'string' || key === '') {
      return refuse('invalid_request', {
        problems: [{ loc: ['query', name], msg: `Send ${METADATA}<key> once, with one value.`, type: 'value_error' }],
      });
    }
    metadata.set(key, value);
  }
  const filter: ConversationFilter = {
    pageSize: page_size,
    ...(cursor === undefined ? {} : { cursor }),
    ...(status === undefined ? {} : STORED[status]),
    ...(agent_id === undefined ? {} : { agentId: agent_id }),
    ...(user_id === undefined ? {} : { userId: user_id }),
    ...(after === undefined ? {} : { createdAfter: after * 1000 }),
    ...(before === undefined ? {} : { createdBefore: before * 1000 }),
    ...(metadata.size === 0 ? {} : { appMetadata: Object.fromEntries(metadata) }),
  };
  return { ok: true, filter };
}
