import { z } from 'zod';
import { type Answer, refuse } from '../errors.js';
import { readBy } from './problems.js';
import { amount, flag, page, whole } from './query-values.js';
import { tidyQuery, UNSERVED_OF_AGENTS, UNSERVED_OF_CONVERSATIONS } from './tidy-query.js';

/**
 * The two lists as their callers narrow them, in the words of the store. What ElevenLabs knows and there is no data for, and what
 * nobody knows, narrows nothing and is named in a warning, so that a list is never taken for less than it is.
 */

/** ElevenLabs' words for where a conversation stands. */
export const ConversationStatus = z.enum(['initiated', 'in-progress', 'processing', 'done', 'failed']);
export type ConversationStatus = z.infer<typeof ConversationStatus>;

const Direction = z.enum(['asc', 'desc']);
const unixSecs = whole(0, 1e11);
const secs = whole(0, 1e9);

export const ListConversationsQuery = z.looseObject({
  ...page,
  status: z.array(ConversationStatus).optional().describe('Only these. May be repeated.'),
  exclude_statuses: z.array(ConversationStatus).optional().describe('None of these. May be repeated.'),
  agent_id: z.string().optional(),
  user_id: z.string().optional(),
  call_start_after_unix: unixSecs.optional().describe('Seconds since 1970; the start is when the conversation first opened.'),
  call_start_before_unix: unixSecs.optional().describe('Seconds since 1970.'),
  call_duration_min_secs: secs.optional().describe('At least this long, up to now if it goes on.'),
  call_duration_max_secs: secs.optional(),
  rating_min: amount.optional().describe('Only conversations that were rated, with at least this.'),
  rating_max: amount.optional(),
  has_feedback_comment: flag.optional(),
  call_successful: z
    .array(z.enum(['success', 'failure', 'unknown', 'error']))
    .optional()
    .describe('Nothing is analysed here, so every conversation is `unknown`. May be repeated.'),
  termination_reasons: z.array(z.string()).optional().describe('Only conversations that ended so. May be repeated.'),
  conversation_initiation_source: z
    .array(z.string())
    .optional()
    .describe('What the first client called itself, such as `js_sdk`. May be repeated.'),
  text_only: flag.optional().describe('Every conversation is in text here.'),
  summary_mode: z.enum(['exclude', 'include']).optional().describe('There are no summaries here.'),
  sort_direction: Direction.default('desc').describe('By the order in which they began.'),
});

/** What a list is narrowed to, in the words of the store; times in milliseconds since 1970, durations in seconds. */
export type ConversationFilter = {
  readonly statuses?: readonly ('created' | 'open' | 'dropped' | 'ended')[];
  /** Of those that have ended. */
  readonly endStatus?: 'done' | 'failed';
  readonly endReasons?: readonly string[];
  readonly agentId?: string;
  readonly userId?: string;
  readonly appMetadata?: Readonly<Record<string, string>>;
  readonly startedAfter?: number;
  readonly startedBefore?: number;
  readonly minSecs?: number;
  readonly maxSecs?: number;
  readonly minRating?: number;
  readonly maxRating?: number;
  readonly commented?: boolean;
  readonly sources?: readonly string[];
  readonly oldestFirst?: true;
  readonly pageSize: number;
  readonly cursor?: string;
};

const METADATA = 'app_metadata.';
const LISTS = ['status', 'exclude_statuses', 'call_successful', 'termination_reasons', 'conversation_initiation_source'];

/** The list's query as a filter; each `app_metadata.<key>=` narrows by that key's value as text. */
export function toConversationFilter(
  query: unknown,
): Answer<{ readonly filter: ConversationFilter; readonly warnings: readonly string[] }> {
  const known = [...Object.keys(ListConversationsQuery.shape)];
  const tidy = tidyQuery(query, { known, lists: LISTS, unserved: UNSERVED_OF_CONVERSATIONS, prefix: METADATA });
  const read = readBy(ListConversationsQuery, tidy.query, 'query');
  if (!read.ok) return read;
  const { value } = read;
  const metadata = new Map<string, string>();
  for (const [name, text] of Object.entries(value)) {
    if (!name.startsWith(METADATA)) continue;
    const key = name.slice(METADATA.length);
    if (typeof text !== 'string' || key === '') {
      const msg = `Name the key: ${METADATA}<key>=<value>.`;
      return refuse('invalid_request', { problems: [{ loc: ['query', name], msg, type: 'value_error' }] });
    }
    metadata.set(key, text);
  }
  const { call_start_after_unix: after, call_start_before_unix: before } = value;
  const filter: ConversationFilter = {
    ...given({
      cursor: value.cursor,
      agentId: value.agent_id,
      userId: value.user_id,
      startedAfter: after === undefined ? undefined : after * 1000,
      startedBefore: before === undefined ? undefined : before * 1000,
      minSecs: value.call_duration_min_secs,
      maxSecs: value.call_duration_max_secs,
      minRating: value.rating_min,
      maxRating: value.rating_max,
      commented: value.has_feedback_comment,
      endReasons: value.termination_reasons,
      sources: value.conversation_initiation_source,
      oldestFirst: value.sort_direction === 'asc' ? true : undefined,
      appMetadata: metadata.size === 0 ? undefined : Object.fromEntries(metadata),
    }),
    ...stands(value.status, value.exclude_statuses),
    // Nothing is analysed, and everything is text: then nothing can be found.
    ...(value.text_only === false || value.call_successful?.includes('unknown') === false ? { statuses: [] } : {}),
    pageSize: value.page_size,
  };
  const summaries = value.summary_mode === 'include' ? ['summary_mode: there are no summaries here.'] : [];
  return { ok: true, filter, warnings: [...tidy.warnings, ...summaries] };
}

/** A conversation is never being processed here: nothing is analysed after its end. */
function stands(
  only: readonly ConversationStatus[] | undefined,
  excluded: readonly ConversationStatus[] = [],
): Pick<ConversationFilter, 'statuses' | 'endStatus'> {
  if (only === undefined && excluded.length === 0) return {};
  const wanted = (only ?? ConversationStatus.options).filter((status) => !excluded.includes(status));
  const [done, failed] = [wanted.includes('done'), wanted.includes('failed')];
  const statuses: ('created' | 'open' | 'dropped' | 'ended')[] = [
    ...(wanted.includes('initiated') ? (['created'] as const) : []),
    ...(wanted.includes('in-progress') ? (['open', 'dropped'] as const) : []),
    ...(done || failed ? (['ended'] as const) : []),
  ];
  return { statuses, ...(done === failed ? {} : { endStatus: done ? 'done' : 'failed' }) };
}

export const ListAgentsQuery = z.looseObject({
  ...page,
  search: z.string().optional().describe('Only names that contain it.'),
  archived: flag.optional(),
  tags: z.array(z.string()).optional().describe('Agents with any of these. May be repeated.'),
  show_only_owned_agents: flag.optional().describe('There are no users here: every agent belongs to the whole workspace.'),
  sort_by: z.enum(['name', 'created_at', 'call_count_7d']).default('created_at').describe('`call_count_7d` is not counted here.'),
  sort_direction: Direction.optional().describe('`asc` by name, `desc` otherwise, unless it is said.'),
});

export type AgentFilter = {
  readonly search?: string;
  readonly archived?: boolean;
  /** Any of them. */
  readonly tags?: readonly string[];
  readonly order: 'newest' | 'oldest' | 'a to z' | 'z to a';
  readonly pageSize: number;
  readonly cursor?: string;
};

/** The list of agents, likewise. */
export function toAgentFilter(query: unknown): Answer<{ readonly filter: AgentFilter; readonly warnings: readonly string[] }> {
  const known = Object.keys(ListAgentsQuery.shape);
  const tidy = tidyQuery(query, { known, lists: ['tags'], unserved: UNSERVED_OF_AGENTS });
  const read = readBy(ListAgentsQuery, tidy.query, 'query');
  if (!read.ok) return read;
  const { search, archived, tags, sort_by, sort_direction, page_size, cursor } = read.value;
  const byName = sort_by === 'name';
  const rising = (sort_direction ?? (byName ? 'asc' : 'desc')) === 'asc';
  const order = byName ? (rising ? 'a to z' : 'z to a') : rising ? 'oldest' : 'newest';
  const calls = sort_by === 'call_count_7d' ? ['sort_by: call_count_7d is not counted here; the order is that of creation.'] : [];
  return {
    ok: true,
    filter: { ...given({ search, archived, tags, cursor }), order, pageSize: page_size },
    warnings: [...tidy.warnings, ...calls],
  };
}

type Given<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** The members that have a value. */
function given<T extends object>(members: T): Given<T> {
  // What is undefined was taken out.
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Given<T>;
}
