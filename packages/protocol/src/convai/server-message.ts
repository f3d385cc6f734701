import { z } from 'zod';

/**
 * What ElevenLabs' clients are sent: `{type, <inner>: {…}}`, where the inner object is always there,
 * because the official client throws without it. Schemas are for documents, tests and relayed frames;
 * what we send ourselves is made by `server-frames.ts` and never run through them.
 */
const eventId = z.int();
const params = z.record(z.string(), z.unknown());
const empty = z.looseObject({});
const audioFormat = z.string().regex(/^(pcm|ulaw)_\d+$/, { error: 'Send an audio format such as pcm_16000 or ulaw_8000.' });
const part = z.enum(['start', 'delta', 'stop']);
const toolCall = { tool_name: z.string(), tool_call_id: z.string(), tool_type: z.string(), event_id: eventId };
const toolResponse = { ...toolCall, is_error: z.boolean(), is_called: z.boolean() };

function message<T extends string, K extends string, Inner extends z.ZodType>(type: T, inner: K, schema: Inner) {
  const shape = { type: z.literal(type), [inner]: schema };
  // A computed key widens to `string`; these are exactly the two keys that were written.
  return z.looseObject(shape as { type: z.ZodLiteral<T> } & Record<K, Inner>);
}

export const SERVER_MESSAGES = {
  conversation_initiation_metadata: message(
    'conversation_initiation_metadata',
    'conversation_initiation_metadata_event',
    z.looseObject({ conversation_id: z.string(), agent_output_audio_format: audioFormat, user_input_audio_format: audioFormat }),
  ),
  audio: message(
    'audio',
    'audio_event',
    z.looseObject({
      audio_base_64: z.string(),
      event_id: eventId,
      alignment: z
        .looseObject({ chars: z.array(z.string()), char_start_times_ms: z.array(z.number()), char_durations_ms: z.array(z.number()) })
        .nullish(),
      is_final: z.boolean().nullish(),
    }),
  ),
  user_transcript: message(
    'user_transcript',
    'user_transcription_event',
    z.looseObject({ user_transcript: z.string(), event_id: eventId }),
  ),
  tentative_user_transcript: message(
    'tentative_user_transcript',
    'tentative_user_transcription_event',
    z.looseObject({ user_transcript: z.string(), event_id: eventId }),
  ),
  agent_response: message(
    'agent_response',
    'agent_response_event',
    z.looseObject({
      agent_response: z.string(),
      event_id: eventId,
      attachments: z.array(z.looseObject({ url: z.string(), name: z.string(), mime_type: z.string().nullish() })).nullish(),
    }),
  ),
  agent_response_correction: message(
    'agent_response_correction',
    'agent_response_correction_event',
    z.looseObject({ original_agent_response: z.string(), corrected_agent_response: z.string(), event_id: eventId }),
  ),
  agent_chat_response_part: message(
    'agent_chat_response_part',
    'text_response_part',
    z.looseObject({ text: z.string(), type: part, event_id: eventId }),
  ),
  /** Experimental at ElevenLabs; its `event_id` is a text. */
  agent_reasoning_response_part: message(
    'agent_reasoning_response_part',
    'reasoning_response_part',
    z.looseObject({ text: z.string(), type: part, event_id: z.string() }),
  ),
  agent_response_complete: message('agent_response_complete', 'agent_response_complete_event', z.looseObject({ event_id: eventId })),
  agent_response_metadata: message(
    'agent_response_metadata',
    'agent_response_metadata_event',
    z.looseObject({ metadata: params, event_id: eventId }),
  ),
  interruption: message('interruption', 'interruption_event', z.looseObject({ event_id: eventId })),
  /** Python reads the key `ping_ms` without asking, so it is always there. */
  ping: message('ping', 'ping_event', z.looseObject({ event_id: eventId, ping_ms: z.number().nullable() })),
  client_tool_call: message(
    'client_tool_call',
    'client_tool_call',
    z.looseObject({
      tool_name: z.string(),
      tool_call_id: z.string(),
      parameters: params,
      event_id: eventId,
      expects_response: z.boolean(),
    }),
  ),
  agent_tool_request: message(
    'agent_tool_request',
    'agent_tool_request',
    z.looseObject({
      ...toolCall,
      expects_response: z.boolean(),
      disable_interruptions: z.boolean(),
      response_timeout_secs: z.int(),
      execution_mode: z.string(),
    }),
  ),
  agent_tool_response: message('agent_tool_response', 'agent_tool_response', z.looseObject(toolResponse)),
  agent_tool_response_full_payload: message(
    'agent_tool_response_full_payload',
    'agent_tool_response_full_payload',
    z.looseObject({ ...toolResponse, is_blocked: z.boolean().nullish(), full_tool_result: z.string(), truncated: z.boolean().nullish() }),
  ),
  mcp_tool_call: message(
    'mcp_tool_call',
    'mcp_tool_call',
    z.looseObject({
      service_id: z.string(),
      tool_call_id: z.string(),
      tool_name: z.string(),
      tool_description: z.string().nullish(),
      parameters: params,
      timestamp: z.string(),
      state: z.enum(['loading', 'awaiting_approval', 'success', 'failure']),
      approval_timeout_secs: z.number().nullish(),
      result: z.array(params).nullish(),
      error_message: z.string().nullish(),
    }),
  ),
  mcp_connection_status: message(
    'mcp_connection_status',
    'mcp_connection_status',
    z.looseObject({
      integrations: z.array(
        z.looseObject({ integration_id: z.string(), integration_type: z.string(), is_connected: z.boolean(), tool_count: z.int() }),
      ),
    }),
  ),
  vad_score: message('vad_score', 'vad_score_event', z.looseObject({ vad_score: z.number() })),
  context_usage: message(
    'context_usage',
    'context_usage_event',
    z.looseObject({ event_id: eventId, model: z.string(), context_tokens: z.int(), context_limit_tokens: z.int() }),
  ),
  asr_initiation_metadata: message('asr_initiation_metadata', 'asr_initiation_metadata_event', empty),
  guardrail_triggered: message('guardrail_triggered', 'guardrail_triggered_event', z.looseObject({ guardrail_name: z.string().nullish() })),
  rich_content: message(
    'rich_content',
    'rich_content',
    z.looseObject({ rich_content_id: z.string(), component: z.string(), props: params, event_id: eventId }),
  ),
  agent_typing: message('agent_typing', 'agent_typing_event', z.looseObject({ is_typing: z.boolean(), duration_ms: z.number().nullish() })),
  external_agent_connected: message('external_agent_connected', 'external_agent_connected_event', empty),
  external_agent_disconnected: message('external_agent_disconnected', 'external_agent_disconnected_event', empty),
  /** React turns any of these into `status: "error"`: only for what ends the session. */
  error: message(
    'error',
    'error_event',
    z.looseObject({
      code: z.int(),
      message: z.string().nullish(),
      error_type: z.string().nullish(),
      reason: z.string().nullish(),
      debug_message: z.string().nullish(),
      details: params.nullish(),
    }),
  ),
  /** Something this client sent was not taken; its session goes on. */
  client_error: message(
    'client_error',
    'error_event',
    z.looseObject({ code: z.int(), error_name: z.string(), message: z.string().nullish() }),
  ),
  queue_status: message('queue_status', 'queue_status_event', z.looseObject({ status: z.enum(['waiting', 'admitted', 'timed_out']) })),
  internal_turn_probability: message(
    'internal_turn_probability',
    'turn_probability_internal_event',
    z.looseObject({ turn_probability: z.number() }),
  ),
  internal_tentative_agent_response: message(
    'internal_tentative_agent_response',
    'tentative_agent_response_internal_event',
    z.looseObject({ tentative_agent_response: z.string() }),
  ),
  /** Telephony only; nothing more is known of its shape. */
  dtmf_request: z.looseObject({ type: z.literal('dtmf_request') }),
} as const;

export type ServerMessageType = keyof typeof SERVER_MESSAGES;
export type ServerMessageOf<T extends ServerMessageType> = z.infer<(typeof SERVER_MESSAGES)[T]>;
export type ServerMessage = { [T in ServerMessageType]: ServerMessageOf<T> }[ServerMessageType];
