import type { ConversationEvent, Cursor, EventOf, Init } from './event.js';
import { cursorOf } from './event.js';
import type { AppMetadata } from './message.js';

/**
 * The transcript: the fold of a conversation's log that people read, in ElevenLabs' get-conversation
 * shape, while the conversation is live as well as after it. Folding is incremental: keep the
 * transcript and give it the events that came since.
 */
type ToolCall = { request_id: string; tool_name: string; params_as_json: string; tool_has_been_called: boolean; type: string };
type ToolResult = {
  request_id: string;
  tool_name: string;
  result_value: string;
  is_error: boolean;
  tool_has_been_called: boolean;
  type: string;
  result?: { result_type: string };
};

export type TranscriptEntry = {
  role: 'user' | 'agent';
  message: string | null;
  /** Whole seconds since the conversation first opened. */
  time_in_call_secs: number;
  interrupted: boolean;
  source_medium: 'text';
  source_event_id: number | null;
  tool_calls: ToolCall[];
  tool_results: ToolResult[];
  feedback: { score: 'like' | 'dislike'; time_in_call_secs: number } | null;
  /** Stands on a context only; a text without a `context_id` has its message's id. */
  contextual_update_info?: { context_id: string; is_superseded: boolean };
};

/** What is known so far; changed in place by `foldTranscript`. */
export type Transcript = {
  readonly entries: TranscriptEntry[];
  readonly warnings: string[];
  /** The entries that later events change: by turn, tool call, and the message of a context. */
  readonly byTurn: Map<string, TranscriptEntry>;
  readonly byCall: Map<string, TranscriptEntry>;
  readonly byContext: Map<string, TranscriptEntry>;
  status: 'initiated' | 'in-progress' | 'done' | 'failed';
  created?: EventOf<'conversation.created'>;
  firstJoin?: EventOf<'client.joined'>;
  /** The first client that said what it is. */
  firstNamed?: EventOf<'client.joined'>;
  ended?: EventOf<'conversation.ended'>;
  appMetadata: AppMetadata;
  /** Milliseconds since 1970. */
  openedAt?: number;
  overall?: { score?: 'like' | 'dislike'; rating?: number; comment?: string };
  last?: { readonly seq: number; readonly epoch: number };
};

export function createTranscript(): Transcript {
  return { entries: [], warnings: [], byTurn: new Map(), byCall: new Map(), byContext: new Map(), status: 'initiated', appMetadata: {} };
}

/** Takes the next event of the log; returns the same transcript. */
export function foldTranscript(t: Transcript, event: ConversationEvent): Transcript {
  t.last = { seq: event.seq, epoch: event.epoch };
  switch (event.type) {
    case 'conversation.created':
      t.created = event;
      t.appMetadata = event.app_metadata ?? {};
      break;
    case 'client.joined':
      if (event.role === 'user') {
        t.firstJoin ??= event;
        if (event.source !== undefined) t.firstNamed ??= event;
      }
      break;
    case 'conversation.opened':
      t.openedAt ??= Date.parse(event.time);
      t.status = 'in-progress';
      break;
    case 'conversation.ended':
      t.ended = event;
      t.status = event.status;
      break;
    case 'conversation.metadata_changed':
      t.appMetadata = event.app_metadata;
      break;
    case 'conversation.warned':
      t.warnings.push(`${event.code}: ${event.message}`);
      break;
    case 'message.added':
      addLine(t, event);
      break;
    case 'context.set':
      addContext(t, event);
      break;
    case 'tool.called':
      addToolCall(t, event);
      break;
    case 'tool.returned':
      addToolResult(t, event);
      break;
    case 'feedback.given':
      addFeedback(t, event);
      break;
    default:
      break;
  }
  return t;
}

function secondsIn(t: Transcript, time: string): number {
  return t.openedAt === undefined ? 0 : Math.max(0, Math.floor((Date.parse(time) - t.openedAt) / 1000));
}

function newEntry(t: Transcript, role: 'user' | 'agent', message: string | null, time: string, eventId: number | null): TranscriptEntry {
  const entry: TranscriptEntry = {
    role,
    message,
    time_in_call_secs: secondsIn(t, time),
    interrupted: false,
    source_medium: 'text',
    source_event_id: eventId,
    tool_calls: [],
    tool_results: [],
    feedback: null,
  };
  t.entries.push(entry);
  return entry;
}

function addLine(t: Transcript, event: EventOf<'message.added'>): void {
  const entry = newEntry(t, event.role, event.text, event.time, event.event_id);
  entry.interrupted = event.interrupted ?? false;
  if (event.role === 'agent' && event.turn_id !== undefined) t.byTurn.set(event.turn_id, entry);
}

function addContext(t: Transcript, event: EventOf<'context.set'>): void {
  const entry = newEntry(t, 'user', event.text, event.time, null);
  entry.contextual_update_info = { context_id: event.context_id, is_superseded: false };
  t.byContext.set(event.message_id, entry);
  const replaced = event.replaces === undefined ? undefined : t.byContext.get(event.replaces);
  if (replaced?.contextual_update_info) replaced.contextual_update_info.is_superseded = true;
}

/** A call stands with the words of its turn, or by itself when the turn had none. */
function addToolCall(t: Transcript, event: EventOf<'tool.called'>): void {
  const entry = t.byTurn.get(event.turn_id) ?? newEntry(t, 'agent', null, event.time, event.event_id);
  entry.tool_calls.push({
    request_id: event.tool_call_id,
    tool_name: event.tool_name,
    params_as_json: JSON.stringify(event.parameters),
    tool_has_been_called: true,
    type: event.tool_type,
  });
  t.byTurn.set(event.turn_id, entry);
  t.byCall.set(event.tool_call_id, entry);
}

function addToolResult(t: Transcript, event: EventOf<'tool.returned'>): void {
  const entry = t.byCall.get(event.tool_call_id) ?? newEntry(t, 'agent', null, event.time, event.event_id);
  entry.tool_results.push({
    request_id: event.tool_call_id,
    tool_name: event.tool_name,
    result_value: event.result,
    is_error: event.is_error,
    tool_has_been_called: true,
    type: event.tool_type,
    ...(event.tool_type === 'system' && !event.is_error ? { result: { result_type: `${event.tool_name}_success` } } : {}),
  });
}

/** With an `event_id` it is about one line (null takes it back), without one about the whole conversation. */
function addFeedback(t: Transcript, event: EventOf<'feedback.given'>): void {
  const { event_id, score, rating, comment } = event;
  if (event_id === undefined) {
    if (score === null) delete t.overall;
    else
      t.overall = {
        ...t.overall,
        ...(score ? { score } : {}),
        ...(rating === undefined ? {} : { rating }),
        ...(comment === undefined ? {} : { comment }),
      };
    return;
  }
  const entry = t.entries.findLast((line) => line.source_event_id === event_id);
  if (entry && score !== undefined) entry.feedback = score === null ? null : { score, time_in_call_secs: secondsIn(t, event.time) };
}

const unixSeconds = (ms: number): number => Math.floor(ms / 1000);

function feedbackOf(t: Transcript) {
  const scores = t.entries.map((entry) => entry.feedback?.score);
  const likes = scores.filter((score) => score === 'like').length;
  const dislikes = scores.filter((score) => score === 'dislike').length;
  if (!t.overall && likes + dislikes === 0) return null;
  return {
    type: t.overall?.rating === undefined ? ('thumbs' as const) : ('rating' as const),
    overall_score: t.overall?.score ?? null,
    likes,
    dislikes,
    rating: t.overall?.rating ?? null,
    comment: t.overall?.comment ?? null,
  };
}

/** How the conversation was first entered; a client's own way comes before how its id was made. */
function authorizationOf(t: Transcript): string {
  if (t.firstJoin) return t.firstJoin.authorization_method;
  return t.created?.begun === 'api' ? 'authorization_header' : t.created?.begun === 'signed_url' ? 'signed_url' : 'public';
}

/** What the client started with; `secret__*` variables are for headers and are never shown. */
function initiationOf(t: Transcript, init: Init | undefined, userId: string | null) {
  const variables = Object.entries(init?.dynamic_variables ?? {}).filter(([name]) => !name.startsWith('secret__'));
  return {
    conversation_config_override: init?.overrides ?? {},
    custom_llm_extra_body: {},
    user_id: userId,
    source_info: { source: t.firstJoin?.source ?? null, version: t.firstJoin?.version ?? null },
    dynamic_variables: Object.fromEntries(variables),
  };
}

/**
 * ElevenLabs' get-conversation shape and our own fields; `extra` (an agent's name, …) is laid over it.
 * `nowMs` (milliseconds since 1970) ends the duration of a conversation that has not ended.
 */
export function transcriptResponse<E extends object>(t: Transcript, extra: E, nowMs: number) {
  const createdAt = t.created ? Date.parse(t.created.time) : nowMs;
  const endedAt = t.ended ? Date.parse(t.ended.time) : nowMs;
  const userId = t.created?.user_id ?? t.firstJoin?.user_id ?? null;
  const cursor: Cursor | null = t.last ? cursorOf(t.last) : null;
  return {
    agent_id: t.created?.agent_id ?? '',
    conversation_id: t.created?.conversation_id ?? '',
    status: t.status,
    user_id: userId,
    user_id_verified: t.created?.user_id_verified ?? false,
    app_metadata: t.appMetadata,
    last_seq: t.last?.seq ?? 0,
    cursor,
    transcript: [...t.entries],
    metadata: {
      start_time_unix_secs: unixSeconds(t.openedAt ?? createdAt),
      accepted_time_unix_secs: t.openedAt === undefined ? null : unixSeconds(t.openedAt),
      call_duration_secs: t.openedAt === undefined ? 0 : Math.max(0, Math.floor((endedAt - t.openedAt) / 1000)),
      text_only: true,
      authorization_method: authorizationOf(t),
      termination_reason: t.ended?.reason ?? null,
      error: t.ended?.error === undefined ? null : { code: 1011, reason: t.ended.error },
      warnings: [...t.warnings],
      feedback: feedbackOf(t),
      conversation_initiation_source: t.firstNamed?.source ?? null,
      conversation_initiation_source_version: t.firstNamed?.version ?? null,
    },
    has_audio: false,
    has_user_audio: false,
    has_response_audio: false,
    has_auxiliary_audio: false,
    conversation_initiation_client_data: initiationOf(t, t.created?.init ?? t.firstJoin?.init, userId),
    ...extra,
  };
}
