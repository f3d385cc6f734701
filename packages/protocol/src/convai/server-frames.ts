import type { ServerMessageOf } from './server-message.js';

/** Makers of the frames we send: plain objects in the exact shape, with every field that an official client reads. */

export type AudioFormats = { readonly input: string; readonly output: string };

/** The first frame of a session, and alone for 100 ms. */
export const initiationMetadata = (conversationId: string, formats: AudioFormats): ServerMessageOf<'conversation_initiation_metadata'> => ({
  type: 'conversation_initiation_metadata',
  conversation_initiation_metadata_event: {
    conversation_id: conversationId,
    agent_output_audio_format: formats.output,
    user_input_audio_format: formats.input,
  },
});

export const agentResponse = (text: string, eventId: number): ServerMessageOf<'agent_response'> => ({
  type: 'agent_response',
  agent_response_event: { agent_response: text, event_id: eventId },
});

export const agentResponsePart = (
  type: 'start' | 'delta' | 'stop',
  text: string,
  eventId: number,
): ServerMessageOf<'agent_chat_response_part'> => ({
  type: 'agent_chat_response_part',
  text_response_part: { text, type, event_id: eventId },
});

/** What was really heard of an interrupted line, when it was less than was said. */
export const agentResponseCorrection = (
  original: string,
  corrected: string,
  eventId: number,
): ServerMessageOf<'agent_response_correction'> => ({
  type: 'agent_response_correction',
  agent_response_correction_event: { original_agent_response: original, corrected_agent_response: corrected, event_id: eventId },
});

export const userTranscript = (text: string, eventId: number): ServerMessageOf<'user_transcript'> => ({
  type: 'user_transcript',
  user_transcription_event: { user_transcript: text, event_id: eventId },
});

export const interruption = (eventId: number): ServerMessageOf<'interruption'> => ({
  type: 'interruption',
  interruption_event: { event_id: eventId },
});

/** `pingMs` is the estimated latency in milliseconds; unknown is null, never left out. */
export const ping = (eventId: number, pingMs: number | null = null): ServerMessageOf<'ping'> => ({
  type: 'ping',
  ping_event: { event_id: eventId, ping_ms: pingMs },
});

export type ToolCallFacts = {
  readonly tool_name: string;
  readonly tool_call_id: string;
  readonly tool_type: string;
  readonly event_id: number;
};

/**
 * The agent calls a tool. No answer is expected by default: one official client takes the request for a
 * client tool call and would answer it.
 */
export const agentToolRequest = (
  call: ToolCallFacts,
  how: {
    readonly expectsResponse?: boolean;
    readonly disableInterruptions?: boolean;
    readonly timeoutSecs?: number;
    readonly executionMode?: string;
  } = {},
): ServerMessageOf<'agent_tool_request'> => ({
  type: 'agent_tool_request',
  agent_tool_request: {
    tool_name: call.tool_name,
    tool_call_id: call.tool_call_id,
    tool_type: call.tool_type,
    event_id: call.event_id,
    expects_response: how.expectsResponse ?? false,
    disable_interruptions: how.disableInterruptions ?? false,
    response_timeout_secs: how.timeoutSecs ?? 20,
    execution_mode: how.executionMode ?? 'immediate',
  },
});

/** A tool has returned. Named `end_call` it makes the official client end its session at once. */
export const agentToolResponse = (call: ToolCallFacts, isError: boolean, isCalled = true): ServerMessageOf<'agent_tool_response'> => ({
  type: 'agent_tool_response',
  agent_tool_response: {
    tool_name: call.tool_name,
    tool_call_id: call.tool_call_id,
    tool_type: call.tool_type,
    is_error: isError,
    is_called: isCalled,
    event_id: call.event_id,
  },
});

/** Fatal: React shows any `error` as a failed session. `code` is one of ElevenLabs' close codes. */
export const fatalError = (code: 1000 | 1002 | 1008 | 1011, errorType: string, text: string): ServerMessageOf<'error'> => ({
  type: 'error',
  error_event: { code, error_type: errorType, message: text },
});

/** A notice about something that this client sent; its session goes on. */
export const clientError = (errorName: string, text: string, code = 1008): ServerMessageOf<'client_error'> => ({
  type: 'client_error',
  error_event: { code, error_name: errorName, message: text },
});
