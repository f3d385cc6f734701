import { z } from 'zod';
import { CONTEXT_ID_BYTES, longerThan, USER_ID_BYTES } from './limits.js';

/**
 * What ElevenLabs' clients send. Unknown fields are kept, a field that is null counts as left out
 * (Python and the widget write nulls), and shapes that differ between the official clients become one.
 */
const text = z.string().min(1);
const eventId = z.int();
const words = z.array(z.string());

/** Overrides as a client asks for them; whether they are permitted is decided in `overrides.ts`. */
export const ConversationConfigOverride = z.looseObject({
  /** Python's text mode puts it here instead of under `conversation`. */
  text_only: z.boolean().nullish(),
  agent: z
    .looseObject({
      first_message: z.string().nullish(),
      language: z.string().nullish(),
      max_conversation_duration_message: z.string().nullish(),
      native_mcp_server_ids: words.nullish(),
      prompt: z
        .looseObject({
          prompt: z.string().nullish(),
          llm: z.string().nullish(),
          tool_ids: words.nullish(),
          native_mcp_server_ids: words.nullish(),
          knowledge_base: z.array(z.unknown()).nullish(),
        })
        .nullish(),
    })
    .nullish(),
  tts: z
    .looseObject({
      voice_id: z.string().nullish(),
      model_id: z.string().nullish(),
      stability: z.number().nullish(),
      speed: z.number().nullish(),
      similarity_boost: z.number().nullish(),
    })
    .nullish(),
  asr: z.looseObject({ keywords: words.nullish() }).nullish(),
  turn: z.looseObject({ soft_timeout_config: z.looseObject({ message: z.string().nullish() }).nullish() }).nullish(),
  conversation: z
    .looseObject({ text_only: z.boolean().nullish(), max_duration_seconds: z.number().nullish(), client_events: words.nullish() })
    .nullish(),
});
export type ConversationConfigOverride = z.infer<typeof ConversationConfigOverride>;

export const DynamicVariables = z.record(z.string(), z.unknown());
export type DynamicVariables = z.infer<typeof DynamicVariables>;

export const UserId = z
  .string()
  .refine((id) => !longerThan(id, USER_ID_BYTES), { error: `Send a user_id of at most ${USER_ID_BYTES} bytes.` });

const ContextId = z
  .string()
  .refine((id) => !longerThan(id, CONTEXT_ID_BYTES), { error: `Send a context_id of at most ${CONTEXT_ID_BYTES} bytes.` });

export const InitMessage = z.looseObject({
  type: z.literal('conversation_initiation_client_data'),
  conversation_config_override: ConversationConfigOverride.nullish(),
  custom_llm_extra_body: z.record(z.string(), z.unknown()).nullish(),
  dynamic_variables: DynamicVariables.nullish(),
  user_id: UserId.nullish(),
  branch_id: z.string().nullish(),
  environment: z.string().nullish(),
  starting_workflow_node_id: z.string().nullish(),
  procedure_ids: words.nullish(),
  source_info: z.looseObject({ source: z.string().nullish(), version: z.string().nullish() }).nullish(),
  tool_mock_config: z
    .looseObject({ mocking_strategy: z.string().nullish(), mocked_tool_names: words.nullish(), fallback_strategy: z.string().nullish() })
    .nullish(),
});

/** Sent before the init by clients that are set up for a self-hosted socket; its contents are not used. */
export const EnclaveSetupConfig = z.looseObject({ type: z.literal('enclave_setup_config') });

export const Pong = z.looseObject({ type: z.literal('pong'), event_id: eventId });

/** Text, or the answer to a rich-content button. */
export const UserMessage = z
  .looseObject({
    type: z.literal('user_message'),
    text: text.nullish(),
    rich_content_id: z.string().nullish(),
    user_identifier: z.string().nullish(),
  })
  .refine((message) => typeof message.text === 'string' || typeof message.rich_content_id === 'string', {
    error: 'Add text: a string.',
    path: ['text'],
  });

export const UserActivity = z.looseObject({ type: z.literal('user_activity') });

export const ContextualUpdate = z.looseObject({ type: z.literal('contextual_update'), text, context_id: ContextId.nullish() });

const FileInput = z.looseObject({ file_id: z.string().min(1) });

/** The official client sends its first file twice, as `file` and in `files`: here each id stands once, in `file_ids`. */
export const MultimodalMessage = z
  .looseObject({
    type: z.literal('multimodal_message'),
    text: z.looseObject({ text: text.nullish() }).nullish(),
    file: FileInput.nullish(),
    files: z.array(FileInput).nullish(),
  })
  .transform(({ text: inner, file, files, ...rest }) => {
    const ids = [...(file ? [file.file_id] : []), ...(files ?? []).map((entry) => entry.file_id)];
    return { ...rest, text: inner?.text ?? undefined, file_ids: [...new Set(ids)] };
  });

export const ClientFeedback = z.looseObject({
  type: z.literal('feedback'),
  event_id: eventId,
  score: z.enum(['like', 'dislike']).nullable(),
});

/** Python sends any JSON as the result, Flutter an object without `is_error`: the result is a text here. */
export const ClientToolResult = z
  .looseObject({
    type: z.literal('client_tool_result'),
    tool_call_id: z.string(),
    result: z.unknown().optional(),
    is_error: z.boolean().nullish(),
    error_type: z.string().nullish(),
  })
  .transform((message) => ({ ...message, result: resultText(message.result), is_error: message.is_error ?? false }));

export const McpToolApprovalResult = z.looseObject({
  type: z.literal('mcp_tool_approval_result'),
  tool_call_id: z.string(),
  is_approved: z.boolean(),
});

function resultText(result: unknown): string {
  if (typeof result === 'string') return result;
  return result === undefined ? '' : JSON.stringify(result);
}

/** Every frame with a `type` that the official clients send. */
export const CLIENT_MESSAGES = {
  conversation_initiation_client_data: InitMessage,
  enclave_setup_config: EnclaveSetupConfig,
  pong: Pong,
  user_message: UserMessage,
  user_activity: UserActivity,
  contextual_update: ContextualUpdate,
  multimodal_message: MultimodalMessage,
  feedback: ClientFeedback,
  client_tool_result: ClientToolResult,
  mcp_tool_approval_result: McpToolApprovalResult,
} as const;

/** The one frame without a `type`; the official servers and clients know it by its key. Base64, never decoded here. */
export type UserAudioChunk = { readonly type: 'user_audio_chunk'; readonly user_audio_chunk: string };
/** A type that is not known here: ignored, and kept as it came. */
export type UnknownMessage = { readonly type: 'unknown'; readonly name: string; readonly frame: Readonly<Record<string, unknown>> };
export type InitMessage = z.infer<typeof InitMessage>;
export type ClientMessage =
  | UserAudioChunk
  | UnknownMessage
  | { [T in keyof typeof CLIENT_MESSAGES]: Readonly<z.infer<(typeof CLIENT_MESSAGES)[T]>> }[keyof typeof CLIENT_MESSAGES];
