import type { ServerMessageOf, ServerMessageType } from './server-message.js';

/** One valid frame of each kind, and what it is for: for documents, and for whoever tries a server or a client with them. */
export type Sample<T> = { readonly summary: string; readonly sample: T };

/** What clients send. `user_audio_chunk` is the one frame without a `type`. */
export const CLIENT_SAMPLES = {
  conversation_initiation_client_data: {
    summary: 'The first frame: what this client wants of the agent for this conversation.',
    sample: {
      type: 'conversation_initiation_client_data',
      conversation_config_override: { agent: { language: 'en' }, conversation: { text_only: true } },
      dynamic_variables: { name: 'Ada' },
      source_info: { source: 'js_sdk', version: '1.25.0' },
    },
  },
  user_message: { summary: 'What the user typed. It interrupts the agent.', sample: { type: 'user_message', text: 'Hello' } },
  contextual_update: {
    summary: 'Background that the agent knows from now on; with a context_id it replaces the earlier one.',
    sample: { type: 'contextual_update', text: 'The cart has 3 items.', context_id: 'cart' },
  },
  user_activity: { summary: 'The user is typing: the agent waits.', sample: { type: 'user_activity' } },
  pong: { summary: 'Answers a ping with its event_id; it confirms every line up to there.', sample: { type: 'pong', event_id: 1 } },
  feedback: { summary: 'A thumb for one line; null takes it back.', sample: { type: 'feedback', event_id: 1, score: 'like' } },
  multimodal_message: {
    summary: 'Text with files. Files are not taken here.',
    sample: { type: 'multimodal_message', text: { type: 'user_message', text: 'What is this?' } },
  },
  client_tool_result: {
    summary: 'What a tool of the client’s has answered. No tool is called here, so it is ignored.',
    sample: { type: 'client_tool_result', tool_call_id: 'call_1', result: 'done', is_error: false },
  },
  mcp_tool_approval_result: {
    summary: 'Whether the user lets a tool be called. None is called here, so it is ignored.',
    sample: { type: 'mcp_tool_approval_result', tool_call_id: 'call_1', is_approved: true },
  },
  enclave_setup_config: {
    summary: 'Sent before the first frame by clients that are set up for a self-hosted socket; ignored.',
    sample: { type: 'enclave_setup_config' },
  },
  user_audio_chunk: {
    summary: 'Sound in base64, without a type. Nothing is heard here; it is ignored.',
    sample: { user_audio_chunk: 'AAAA' },
  },
} as const satisfies Readonly<Record<string, Sample<object>>>;

const eventId = 1;
const toolCall = { tool_name: 'end_call', tool_call_id: 'call_1', tool_type: 'system', event_id: eventId };

/** What clients are sent; `sent` by this server today, the others are known of ElevenLabs' wire. */
export const SERVER_SAMPLES: {
  readonly [T in ServerMessageType]: Sample<ServerMessageOf<T>> & { readonly sent?: true };
} = {
  conversation_initiation_metadata: {
    summary: 'The first frame, alone for 100 ms: the conversation’s id.',
    sent: true,
    sample: {
      type: 'conversation_initiation_metadata',
      conversation_initiation_metadata_event: {
        conversation_id: 'conv_7pR2mB',
        agent_output_audio_format: 'pcm_16000',
        user_input_audio_format: 'pcm_16000',
      },
    },
  },
  user_transcript: {
    summary: 'A line of the user’s that this client did not type itself.',
    sent: true,
    sample: { type: 'user_transcript', user_transcription_event: { user_transcript: 'Hello', event_id: eventId } },
  },
  agent_response: {
    summary: 'A whole line of the agent’s.',
    sent: true,
    sample: { type: 'agent_response', agent_response_event: { agent_response: 'Hello! How can I help?', event_id: eventId } },
  },
  agent_chat_response_part: {
    summary: 'A piece of a line while it grows: start, deltas, stop. The whole follows as agent_response before the stop.',
    sent: true,
    sample: { type: 'agent_chat_response_part', text_response_part: { text: 'Hello', type: 'delta', event_id: eventId } },
  },
  interruption: {
    summary: 'The line with this event_id was cut.',
    sent: true,
    sample: { type: 'interruption', interruption_event: { event_id: eventId } },
  },
  ping: {
    summary: 'Sent behind lines; the pong confirms that they arrived.',
    sent: true,
    sample: { type: 'ping', ping_event: { event_id: 7, ping_ms: null } },
  },
  agent_tool_request: {
    summary: 'The agent calls a tool.',
    sent: true,
    sample: {
      type: 'agent_tool_request',
      agent_tool_request: {
        ...toolCall,
        expects_response: false,
        disable_interruptions: false,
        response_timeout_secs: 20,
        execution_mode: 'immediate',
      },
    },
  },
  agent_tool_response: {
    summary: 'A tool has answered. With end_call the official client ends its session.',
    sent: true,
    sample: { type: 'agent_tool_response', agent_tool_response: { ...toolCall, is_error: false, is_called: true } },
  },
  error: {
    summary: 'The session is over, and why.',
    sent: true,
    sample: {
      type: 'error',
      error_event: { code: 1000, error_type: 'max_duration_exceeded', message: 'The conversation has reached its maximum duration.' },
    },
  },
  client_error: {
    summary: 'Something that this client sent was not taken; the session goes on.',
    sent: true,
    sample: {
      type: 'client_error',
      error_event: { code: 1008, error_name: 'invalid_request', message: 'user_message: Add text: a string.' },
    },
  },
  agent_response_correction: {
    summary: 'What was really heard of a line that was cut.',
    sample: {
      type: 'agent_response_correction',
      agent_response_correction_event: {
        original_agent_response: 'Hello! How can I help?',
        corrected_agent_response: 'Hello!',
        event_id: eventId,
      },
    },
  },
  audio: {
    summary: 'Sound of the agent’s in base64.',
    sample: { type: 'audio', audio_event: { audio_base_64: 'AAAA', event_id: eventId } },
  },
  tentative_user_transcript: {
    summary: 'What the user seems to be saying.',
    sample: { type: 'tentative_user_transcript', tentative_user_transcription_event: { user_transcript: 'Hel', event_id: eventId } },
  },
  agent_reasoning_response_part: {
    summary: 'A piece of what the model thinks.',
    sample: { type: 'agent_reasoning_response_part', reasoning_response_part: { text: 'The user', type: 'delta', event_id: '1' } },
  },
  agent_response_complete: {
    summary: 'Nothing more comes of this reply.',
    sample: { type: 'agent_response_complete', agent_response_complete_event: { event_id: eventId } },
  },
  agent_response_metadata: {
    summary: 'What a model of the customer’s said beside its text.',
    sample: { type: 'agent_response_metadata', agent_response_metadata_event: { metadata: {}, event_id: eventId } },
  },
  client_tool_call: {
    summary: 'A tool of the client’s is called.',
    sample: {
      type: 'client_tool_call',
      client_tool_call: { tool_name: 'show_map', tool_call_id: 'call_1', parameters: {}, event_id: eventId, expects_response: true },
    },
  },
  agent_tool_response_full_payload: {
    summary: 'A tool has answered, with the answer.',
    sample: {
      type: 'agent_tool_response_full_payload',
      agent_tool_response_full_payload: { ...toolCall, is_error: false, is_called: true, full_tool_result: 'done' },
    },
  },
  mcp_tool_call: {
    summary: 'Where the call of an MCP tool stands.',
    sample: {
      type: 'mcp_tool_call',
      mcp_tool_call: {
        service_id: 'svc_1',
        tool_call_id: 'call_1',
        tool_name: 'search',
        parameters: {},
        timestamp: '2030-01-01T00:00:00Z',
        state: 'loading',
      },
    },
  },
  mcp_connection_status: {
    summary: 'Which MCP servers are connected.',
    sample: {
      type: 'mcp_connection_status',
      mcp_connection_status: {
        integrations: [{ integration_id: 'mcp_1', integration_type: 'mcp_server', is_connected: true, tool_count: 1 }],
      },
    },
  },
  vad_score: { summary: 'How likely the user is speaking.', sample: { type: 'vad_score', vad_score_event: { vad_score: 0.9 } } },
  context_usage: {
    summary: 'How full the model’s context is.',
    sample: {
      type: 'context_usage',
      context_usage_event: { event_id: eventId, model: 'a-model', context_tokens: 1_000, context_limit_tokens: 100_000 },
    },
  },
  asr_initiation_metadata: {
    summary: 'Hearing has begun.',
    sample: { type: 'asr_initiation_metadata', asr_initiation_metadata_event: {} },
  },
  guardrail_triggered: {
    summary: 'A guardrail has stepped in.',
    sample: { type: 'guardrail_triggered', guardrail_triggered_event: { guardrail_name: 'content' } },
  },
  rich_content: {
    summary: 'Something to show, such as buttons.',
    sample: { type: 'rich_content', rich_content: { rich_content_id: 'rich_1', component: 'buttons', props: {}, event_id: eventId } },
  },
  agent_typing: { summary: 'The agent is typing.', sample: { type: 'agent_typing', agent_typing_event: { is_typing: true } } },
  external_agent_connected: {
    summary: 'A person has taken over.',
    sample: { type: 'external_agent_connected', external_agent_connected_event: {} },
  },
  external_agent_disconnected: {
    summary: 'The person has handed back.',
    sample: { type: 'external_agent_disconnected', external_agent_disconnected_event: {} },
  },
  queue_status: {
    summary: 'The caller waits for a free agent.',
    sample: { type: 'queue_status', queue_status_event: { status: 'waiting' } },
  },
  internal_turn_probability: {
    summary: 'How likely the user has finished.',
    sample: { type: 'internal_turn_probability', turn_probability_internal_event: { turn_probability: 0.5 } },
  },
  internal_tentative_agent_response: {
    summary: 'What the agent would say.',
    sample: { type: 'internal_tentative_agent_response', tentative_agent_response_internal_event: { tentative_agent_response: 'Hel' } },
  },
  dtmf_request: { summary: 'Telephony only.', sample: { type: 'dtmf_request' } },
};
