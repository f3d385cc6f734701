import { z } from 'zod';
import { cutUtf8 } from '../errors.js';
import { allowedHost } from './allowed-host.js';
import { CappedVariables, Greeting, LastWords, PromptText } from './capped.js';
import type { DynamicVariables } from './client-message.js';
import { mergeConfig } from './config-merge.js';

/**
 * An agent's configuration in ElevenLabs' shape. It is stored as it was given (unknown fields too) and
 * completed with ElevenLabs' defaults when it is read, so that a default may change and null resets to it.
 */
const text = z.string().nullish();
const flag = z.boolean().nullish();
const amount = z.number().nullish();
const words = z.array(z.string()).nullish();

const Prompt = z.looseObject({
  prompt: PromptText.nullish(),
  llm: text,
  temperature: amount,
  max_tokens: z.int().nullish(),
  tool_ids: words,
  /** By tool name; a tool that is null or missing is off. */
  built_in_tools: z.record(z.string(), z.looseObject({}).nullable()).nullish(),
  /** Only looked at to refuse it: model URLs come from the server's environment. */
  custom_llm: z.looseObject({}).nullish(),
});

export const ConversationConfig = z.looseObject({
  agent: z
    .looseObject({
      first_message: Greeting.nullish(),
      language: text,
      disable_first_message_interruptions: flag,
      max_conversation_duration_message: LastWords.nullish(),
      dynamic_variables: z.looseObject({ dynamic_variable_placeholders: CappedVariables.nullish() }).nullish(),
      prompt: Prompt.nullish(),
    })
    .nullish(),
  conversation: z
    .looseObject({
      text_only: flag,
      max_duration_seconds: z.int().positive().nullish(),
      client_events: words,
      monitoring_enabled: flag,
      monitoring_events: words,
    })
    .nullish(),
  turn: z.looseObject({ turn_timeout: amount, silence_end_call_timeout: amount }).nullish(),
  tts: z.looseObject({ voice_id: text, model_id: text, agent_output_audio_format: text }).nullish(),
  asr: z.looseObject({ user_input_audio_format: text, keywords: words }).nullish(),
});

const MAX_ALLOWED = 10;
/** Kept as `host[:port]`, because that is what an origin is compared with. */
const allowed = z.string().transform((entry, context) => {
  const host = allowedHost(entry);
  if (host !== undefined) return host;
  const message = `“${cutUtf8(entry, 100)}” is no host; send host or host:port as the page’s address has it, such as app.example.com or localhost:3000.`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

export const PlatformSettings = z.looseObject({
  auth: z
    .looseObject({
      enable_auth: flag,
      allowlist: z
        .array(z.looseObject({ hostname: allowed }))
        .max(MAX_ALLOWED)
        .nullish(),
      require_origin_header: flag,
    })
    .nullish(),
  archived: flag,
  overrides: z.looseObject({ conversation_config_override: z.record(z.string(), z.unknown()).nullish() }).nullish(),
});

export const CreateAgentBody = z.looseObject({
  conversation_config: ConversationConfig,
  platform_settings: PlatformSettings.nullish(),
  workflow: z.unknown().optional(),
  name: text,
  tags: words,
});
export const PatchAgentBody = CreateAgentBody.partial();
export type CreateAgentBody = z.infer<typeof CreateAgentBody>;
export type PatchAgentBody = z.infer<typeof PatchAgentBody>;

/** As stored: what was given, without the members that are null. */
export type AgentConfig = Readonly<Record<string, unknown>>;

/** Complete: what may be read without asking whether it is there. Durations in seconds; -1 means no limit. */
export type FullAgentConfig = Readonly<Record<string, unknown>> & {
  readonly name: string;
  readonly tags: readonly string[];
  readonly conversation_config: FullConversationConfig;
  readonly platform_settings: {
    readonly auth: {
      readonly enable_auth: boolean;
      readonly allowlist: readonly { readonly hostname: string }[];
      readonly require_origin_header: boolean;
    };
    readonly overrides: { readonly conversation_config_override: Readonly<Record<string, unknown>> } & Readonly<Record<string, unknown>>;
    readonly archived: boolean;
  };
};

export type FullConversationConfig = Readonly<Record<string, unknown>> & {
  readonly agent: {
    readonly first_message: string;
    readonly language: string;
    readonly disable_first_message_interruptions: boolean;
    readonly max_conversation_duration_message: string;
    readonly dynamic_variables: { readonly dynamic_variable_placeholders: DynamicVariables };
    readonly prompt: {
      readonly prompt: string;
      readonly llm: string;
      readonly temperature: number;
      readonly max_tokens: number;
      readonly tool_ids: readonly string[];
      readonly built_in_tools: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    };
  };
  readonly conversation: {
    readonly text_only: boolean;
    readonly max_duration_seconds: number;
    readonly client_events: readonly string[];
    readonly monitoring_enabled: boolean;
    readonly monitoring_events: readonly string[];
  };
  readonly turn: { readonly turn_timeout: number; readonly silence_end_call_timeout: number };
  readonly tts: { readonly voice_id: string; readonly model_id: string; readonly agent_output_audio_format: string };
  readonly asr: { readonly user_input_audio_format: string; readonly keywords: readonly string[] };
};

/** Nothing may be overridden unless the agent says so; every switch is listed, as ElevenLabs lists them. */
const OVERRIDE_DEFAULTS = {
  conversation_config_override: {
    agent: {
      first_message: false,
      language: false,
      max_conversation_duration_message: false,
      prompt: { prompt: false, llm: false, tool_ids: false, tool_ids_strict: false, native_mcp_server_ids: false, knowledge_base: false },
    },
    tts: {
      model_id: false,
      voice_id: false,
      supported_voices: false,
      stability: false,
      speed: false,
      similarity_boost: false,
      pronunciation_dictionary_locators: false,
    },
    asr: { keywords: false },
    turn: { soft_timeout_config: { message: false } },
    conversation: { text_only: false, max_duration_seconds: false },
  },
  custom_llm_extra_body: false,
  enable_conversation_initiation_client_data_from_webhook: false,
  enable_starting_workflow_node_id_from_client: false,
  enable_procedure_ids_from_client: false,
};

/** ElevenLabs' own defaults; `client_events` names what is sent here, which is more than they send unasked. */
export const AGENT_DEFAULTS = {
  name: '',
  tags: [],
  conversation_config: {
    agent: {
      first_message: '',
      language: 'en',
      disable_first_message_interruptions: false,
      max_conversation_duration_message: '',
      dynamic_variables: { dynamic_variable_placeholders: {} },
      prompt: { prompt: '', llm: 'gemini-2.5-flash', temperature: 0, max_tokens: -1, tool_ids: [], built_in_tools: {} },
    },
    conversation: {
      text_only: false,
      max_duration_seconds: 600,
      client_events: [
        'conversation_initiation_metadata',
        'ping',
        'audio',
        'interruption',
        'user_transcript',
        'agent_response',
        'agent_response_correction',
        'agent_chat_response_part',
        'agent_tool_request',
        'agent_tool_response',
        'client_error',
      ],
      monitoring_enabled: false,
      monitoring_events: ['user_transcript', 'agent_response', 'agent_response_correction'],
    },
    turn: { turn_timeout: 7, silence_end_call_timeout: -1 },
    tts: { voice_id: 'cjVigY5qzO86Huf0OWal', model_id: 'eleven_flash_v2', agent_output_audio_format: 'pcm_16000' },
    asr: { user_input_audio_format: 'pcm_16000', keywords: [] },
  },
  platform_settings: {
    auth: { enable_auth: false, allowlist: [], require_origin_header: false },
    overrides: OVERRIDE_DEFAULTS,
    archived: false,
  },
} as const satisfies FullAgentConfig;

/** What a checked body leaves to store: nothing that is null, everything else as it came. */
export function newConfig(body: CreateAgentBody): AgentConfig {
  return mergeConfig({}, body);
}

/** The configuration with every default in place. `config` has passed the schemas above. */
export function fillDefaults(config: AgentConfig): FullAgentConfig {
  // The defaults have every member of the type, and the schemas let no member of another kind replace one.
  return mergeConfig(AGENT_DEFAULTS, config) as FullAgentConfig;
}
