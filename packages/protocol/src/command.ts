import type { Answer } from './errors.js';
import type { ConversationEvent, Cursor, Init, MessageSource } from './event.js';
import type { ConversationId, MessageId, SessionId, TurnId } from './ids.js';
import type { AgentState, AppMetadata, MessageType, ReplyMode, Urgency, UserState } from './message.js';
import type { Receipt } from './receipt.js';

/**
 * Commands: requests to change one conversation. They are plain JSON, because a router may carry them
 * to another node. Time and ids are not in them: the owner stamps both when it dispatches.
 */

/** A message as its sender asked for it, after defaults were filled in. Times in milliseconds. */
export type MessageRequest = {
  readonly type: MessageType;
  readonly text: string;
  readonly urgency: Urgency;
  readonly reply: ReplyMode;
  readonly interruptible?: boolean;
  readonly context_id?: string;
  readonly if?: { readonly agent_state?: readonly AgentState[]; readonly user_state?: readonly UserState[] };
  readonly expires_in_ms?: number;
  readonly metadata?: AppMetadata;
};

export type SendMessage = {
  readonly type: 'message.send';
  readonly message: MessageRequest;
  readonly source: MessageSource;
  readonly key_id?: string;
  readonly session_id?: SessionId;
  readonly idempotency_key?: string;
  /** Hash of route and canonical body: what "the same body" means. */
  readonly fingerprint?: string;
};

/** Whoever names a conversation by id sends these, always through the router. */
export type NamedCommand =
  | SendMessage
  | { readonly type: 'message.cancel'; readonly message_id: MessageId }
  | { readonly type: 'conversation.end'; readonly reason: 'ended_by_api' | 'deleted'; readonly message?: string }
  | { readonly type: 'metadata.patch'; readonly app_metadata: Readonly<Record<string, string | number | boolean | null>> }
  | {
      readonly type: 'feedback.give';
      readonly event_id?: number;
      readonly score?: 'like' | 'dislike' | null;
      readonly rating?: number;
      readonly comment?: string;
    }
  /** A signed URL that names this conversation is about to be handed out; a created one lives as long as its newest URL. */
  | { readonly type: 'signed_url.mint'; readonly agent_id: string; readonly expires_in_ms: number };

/** What a transport says about its own client session. */
export type ClientCommand =
  | {
      readonly type: 'client.join';
      readonly session_id: SessionId;
      readonly role: 'user' | 'attached';
      readonly join?: 'resume' | 'attach';
      readonly transport: 'websocket' | 'webrtc' | 'tether';
      readonly authorization_method: 'public' | 'authorization_header' | 'signed_url';
      readonly url_id?: string;
      readonly source?: string;
      readonly version?: string;
      readonly user_id?: string;
      readonly init?: Init;
      readonly formats: { readonly input: string; readonly output: string };
      /** Entries for `metadata.warnings`: what of the init was ignored, what is not served here. */
      readonly warnings?: readonly { readonly code: string; readonly message: string }[];
    }
  /** 100 ms after the metadata. `lines` holds the owed lines that the record names, read from the store. */
  | { readonly type: 'client.ready'; readonly session_id: SessionId; readonly lines: readonly ConversationEvent[] }
  | {
      readonly type: 'client.leave';
      readonly session_id: SessionId;
      readonly reason: 'left' | 'lost' | 'too_slow' | 'frame_too_long' | 'server_stopped';
      readonly code?: number;
    }
  | { readonly type: 'client.pong'; readonly session_id: SessionId; readonly through: number }
  | { readonly type: 'client.activity'; readonly session_id: SessionId }
  | { readonly type: 'client.warn'; readonly code: string; readonly message: string };

/** What an engine reports; a report for a turn that is not open is ignored. */
export type EngineCommand =
  | { readonly type: 'reply.delta'; readonly turn_id: TurnId; readonly text: string }
  | ({
      readonly type: 'reply.done';
      readonly turn_id: TurnId;
      readonly end_call?: { readonly tool_call_id: string; readonly reason: string; readonly message?: string };
    } & ReplyFacts)
  | ({ readonly type: 'reply.failed'; readonly turn_id: TurnId; readonly reason: 'model_timeout' | 'model_error' } & ReplyFacts);

export type ReplyFacts = {
  readonly left_out?: number;
  readonly model?: string;
  readonly usage?: { readonly input_tokens: number; readonly output_tokens: number };
  readonly first_token_ms?: number;
};

/** What the owner tells its own conversation. */
export type OwnerCommand =
  | {
      readonly type: 'conversation.create';
      readonly conversation_id: ConversationId;
      readonly workspace_id: string;
      readonly agent_id: string;
      readonly agent_hash: string;
      readonly engine: string;
      readonly begun: 'client' | 'signed_url' | 'api';
      readonly user_id?: string;
      readonly user_id_verified?: boolean;
      readonly app_metadata?: AppMetadata;
      readonly init?: Init;
      readonly expires_in_ms?: number;
      readonly warnings?: readonly { readonly code: string; readonly message: string }[];
    }
  /** After a restart, under a new epoch: what the crash left open is closed. */
  | { readonly type: 'conversation.recover' }
  | { readonly type: 'time.passed' };

export type Command = NamedCommand | ClientCommand | EngineCommand | OwnerCommand;

type Answers = {
  /** `receipt` is absent for a replay: its current state is a fold of the log from the message's seq. */
  'message.send': { readonly message_id: MessageId; readonly seq: number; readonly replayed: boolean; readonly receipt?: Receipt };
  'message.cancel': { readonly message_id: MessageId; readonly seq: number };
  /** `ended` when it was over already; otherwise the end follows in the log behind `cursor`. */
  'conversation.end': { readonly cursor: Cursor; readonly ended?: EndedState };
  'metadata.patch': { readonly app_metadata: AppMetadata };
  'feedback.give': object;
  'signed_url.mint': { readonly phase: 'created' | 'open' | 'dropped' };
  'client.join': { readonly conversation_id: ConversationId };
};

export type EndedState = {
  readonly ended_at: string;
  readonly reason: string;
  readonly status: 'done' | 'failed';
  readonly last_seq: number;
};

export type AnswerTo<C extends Command> = Answer<C['type'] extends keyof Answers ? Answers[C['type']] : object>;
/** Any answer: what `decide` returns before a caller narrows it by its command. */
export type AnyAnswer = Answer<object>;
