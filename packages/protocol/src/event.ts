import { z } from 'zod';
import { AgentState, AppMetadata, Level, MessageType, ReplyMode, SpokenBasis, Urgency, UserState } from './message.js';

/**
 * Numbered events: the log of one conversation. Stored, gapless from seq 1, the same for everybody.
 * `seq` is the order; `time` (RFC 3339, the server's wall clock) may step; `epoch` counts owners.
 */

/** What a client asked for when it joined, after permission was checked and variables were filled in. */
export const Init = z.object({
  overrides: z.record(z.string(), z.unknown()).optional(),
  dynamic_variables: z.record(z.string(), z.unknown()).optional(),
  /** The greeting as it will be said; empty means none. */
  first_message: z.string().optional(),
});
export type Init = z.infer<typeof Init>;

export const MessageSource = z.enum(['client', 'api']);
export type MessageSource = z.infer<typeof MessageSource>;
export const LineSource = z.enum(['client', 'api', 'engine', 'greeting', 'operator']);
export type LineSource = z.infer<typeof LineSource>;

export const EndReason = z.enum([
  'client_left',
  'ended_by_api',
  'end_call',
  'max_duration',
  'idle',
  'client_lost',
  'never_opened',
  'deleted',
]);
export type EndReason = z.infer<typeof EndReason>;

/** Why a client session is over, as far as the conversation knows. */
export const LeaveReason = z.enum(['left', 'lost', 'superseded', 'too_slow', 'frame_too_long', 'server_stopped', 'server_restarted']);
export type LeaveReason = z.infer<typeof LeaveReason>;

/** What cut a turn: the urgency of the message that did, or the event that did. */
export const InterruptReason = z.enum(['immediate', 'soon', 'server_restarted', 'ended', 'max_duration', 'takeover']);
export type InterruptReason = z.infer<typeof InterruptReason>;

const bodies = {
  'conversation.created': z.object({
    conversation_id: z.string(),
    workspace_id: z.string(),
    agent_id: z.string(),
    /** Hash of the agent's configuration as it was at the start; the configuration is stored once under it. */
    agent_hash: z.string(),
    engine: z.string(),
    begun: z.enum(['client', 'signed_url', 'api']),
    user_id: z.string().optional(),
    user_id_verified: z.boolean().optional(),
    app_metadata: AppMetadata.optional(),
    init: Init.optional(),
    /** Milliseconds until it ends as never opened. */
    expires_in_ms: z.int().optional(),
  }),
  /** Minting a signed URL again for a created conversation starts its time anew. */
  'conversation.extended': z.object({ expires_in_ms: z.int() }),
  'client.joined': z.object({
    session_id: z.string(),
    role: z.enum(['user', 'attached']),
    transport: z.enum(['websocket', 'webrtc', 'tether']),
    authorization_method: z.enum(['public', 'authorization_header', 'signed_url']),
    /** The signed URL that was spent with this join. */
    url_id: z.string().optional(),
    source: z.string().optional(),
    version: z.string().optional(),
    user_id: z.string().optional(),
    init: Init.optional(),
    formats: z.object({ input: z.string(), output: z.string() }),
  }),
  'conversation.opened': z.object({ session_id: z.string().optional() }),
  'conversation.dropped': z.object({ session_id: z.string(), resume_in_ms: z.int() }),
  'conversation.ended': z.object({ reason: EndReason, status: z.enum(['done', 'failed']), error: z.string().optional() }),
  'client.left': z.object({ session_id: z.string(), reason: LeaveReason, code: z.int().optional() }),
  /** Every line up to that seq was received by that client. */
  'client.confirmed': z.object({ session_id: z.string(), through: z.int() }),
  /** The whole metadata as it is from now on. */
  'conversation.metadata_changed': z.object({ app_metadata: AppMetadata }),
  'conversation.warned': z.object({ code: z.string(), message: z.string() }),
  'message.accepted': z.object({
    message_id: z.string(),
    message_type: MessageType,
    text: z.string(),
    urgency: Urgency,
    reply: ReplyMode,
    interruptible: z.boolean().optional(),
    context_id: z.string().optional(),
    expires_in_ms: z.int().optional(),
    metadata: AppMetadata.optional(),
    source: MessageSource,
    session_id: z.string().optional(),
    key_id: z.string().optional(),
    idempotency_key: z.string().optional(),
    fingerprint: z.string().optional(),
    downgraded: z.boolean().optional(),
    agent_state: AgentState,
    user_state: UserState,
  }),
  'message.level': z.object({
    message_id: z.string(),
    level: Level,
    /** True on the level that ends the message: nothing follows it. */
    final: z.boolean().optional(),
    reason: z.string().optional(),
    event_id: z.int().optional(),
    complete: z.boolean().optional(),
    heard_text: z.string().optional(),
    basis: SpokenBasis.optional(),
  }),
  'turn.started': z.object({ turn_id: z.string(), event_id: z.int(), cause: z.array(z.string()), interruptible: z.boolean() }),
  'message.added': z.object({
    role: z.enum(['user', 'agent']),
    text: z.string(),
    source: LineSource,
    event_id: z.int(),
    /** The messages this line carries or answers. */
    messages: z.array(z.string()),
    turn_id: z.string().optional(),
    session_id: z.string().optional(),
    interrupted: z.boolean().optional(),
  }),
  'turn.interrupted': z.object({ turn_id: z.string(), reason: InterruptReason, heard_text: z.string().optional() }),
  'turn.ended': z.object({
    turn_id: z.string(),
    outcome: z.enum(['complete', 'interrupted', 'failed']),
    reason: z.string().optional(),
    /** How many older lines and contexts the prompt no longer held. */
    left_out: z.int().optional(),
    model: z.string().optional(),
    usage: z.object({ input_tokens: z.int(), output_tokens: z.int() }).optional(),
    first_token_ms: z.number().optional(),
  }),
  'context.set': z.object({ context_id: z.string(), message_id: z.string(), text: z.string(), replaces: z.string().optional() }),
  'context.removed': z.object({ context_id: z.string() }),
  'tool.called': z.object({
    turn_id: z.string(),
    tool_call_id: z.string(),
    tool_name: z.string(),
    tool_type: z.string(),
    event_id: z.int(),
    parameters: z.record(z.string(), z.unknown()),
  }),
  'tool.returned': z.object({
    turn_id: z.string(),
    tool_call_id: z.string(),
    tool_name: z.string(),
    tool_type: z.string(),
    event_id: z.int(),
    result: z.string(),
    is_error: z.boolean(),
  }),
  'feedback.given': z.object({
    event_id: z.int().optional(),
    score: z.enum(['like', 'dislike']).nullable().optional(),
    rating: z.number().optional(),
    comment: z.string().optional(),
  }),
} as const;

export type EventType = keyof typeof bodies;
type Bodies = { [T in EventType]: z.infer<(typeof bodies)[T]> };

/** An event before its conversation has numbered it. */
export type EventBody = { [T in EventType]: { readonly type: T } & Readonly<Bodies[T]> }[EventType];
/** A numbered event, as stored and as everybody reads it. */
export type ConversationEvent = EventBody & { readonly seq: number; readonly epoch: number; readonly time: string };
export type EventOf<T extends EventType> = Extract<ConversationEvent, { type: T }>;
export type BodyOf<T extends EventType> = Extract<EventBody, { type: T }>;

/** One schema an event type, with the envelope: for documents and for checking a log that came from outside. */
export const eventSchemas = Object.fromEntries(
  Object.entries(bodies).map(([type, body]) => [
    type,
    body.extend({ type: z.literal(type), seq: z.int().positive(), epoch: z.int().positive(), time: z.string() }),
  ]),
) as unknown as { [T in EventType]: z.ZodType<EventOf<T>> };
export const EVENT_TYPES = Object.keys(bodies) as EventType[];

/**
 * Partials: unnumbered, unstored glimpses of what an event will hold. They may be missed, and the
 * numbered event that holds the whole always follows.
 */
export type PartialEvent = {
  readonly type: 'reply.delta';
  readonly turn_id: string;
  readonly event_id: number;
  /** 0 is the first piece of its reply; without it no stream opens for a session. */
  readonly index: number;
  readonly text: string;
};

/** `<epoch>-<seq>`: valid while the entry at that seq has that epoch. */
export type Cursor = string;
export const cursorOf = (event: { epoch: number; seq: number }): Cursor => `${event.epoch}-${event.seq}`;
export function parseCursor(cursor: string): { epoch: number; seq: number } | undefined {
  const match = /^(\d{1,15})-(\d{1,15})$/.exec(cursor);
  return match ? { epoch: Number(match[1]), seq: Number(match[2]) } : undefined;
}
