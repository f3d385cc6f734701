import { isObject } from '@backchannel/protocol';
import {
  applyOverrides,
  conversationVariables,
  type DynamicVariables,
  type FullAgentConfig,
  fillVariables,
  PROMPT_BYTES,
} from '@backchannel/protocol/convai';
import type { ConversationRecord } from '../../conversation/record.js';
import { END_CALL } from './end-call.js';

/** What of an agent's configuration a conversation's replies are made with. Fixed when the conversation began. */
export type AgentSetup = {
  readonly prompt: string;
  readonly llm: string;
  readonly temperature: number;
  /** Undefined: as many as the model gives. */
  readonly maxTokens: number | undefined;
  /** The agent may end the conversation by itself. */
  readonly endCall: boolean;
};

type Beginning = Pick<ConversationRecord, 'agentId' | 'conversationId' | 'createdAt'>;

const FALLBACK_PROMPT = 'You are a helpful assistant.';

/** The agent's configuration with the conversation's overrides and variables in it. */
export function agentSetup(config: FullAgentConfig, record: Beginning & Pick<ConversationRecord, 'init'>): AgentSetup {
  const { agent, conversation } = applyOverrides(config, record.init.overrides);
  const placeholders = agent.dynamic_variables.dynamic_variable_placeholders;
  const system = systemVariables(record, { textOnly: conversation.text_only, timezone: textOf(agent.prompt, 'timezone') });
  const variables = conversationVariables(placeholders, record.init.dynamic_variables, system);
  // What has no value, or grows too long, was refused when the conversation began; should it be here all the same, its places stay empty.
  const text =
    fillVariables(agent.prompt.prompt, variables, PROMPT_BYTES) ?? fillVariables(agent.prompt.prompt, {}, Number.MAX_SAFE_INTEGER) ?? '';
  const { llm, temperature, max_tokens, built_in_tools } = agent.prompt;
  return {
    prompt: [text.trim() === '' ? FALLBACK_PROMPT : text, speak(agent.language)].filter((part) => part !== '').join('\n\n'),
    llm,
    temperature,
    maxTokens: max_tokens > 0 ? max_tokens : undefined,
    endCall: isObject(built_in_tools[END_CALL.name]) || hasInlineTool(agent.prompt, END_CALL.name),
  };
}

/** ElevenLabs' reserved variables, as they were when the conversation began. */
export function systemVariables(
  { agentId, conversationId, createdAt }: Beginning,
  { textOnly, timezone = 'UTC' }: { readonly textOnly: boolean; readonly timezone?: string | undefined },
): DynamicVariables {
  const began = new Date(createdAt);
  return {
    system__agent_id: agentId,
    system__current_agent_id: agentId,
    system__conversation_id: conversationId,
    system__call_duration_secs: 0,
    system__time_utc: began.toISOString(),
    system__time: timeIn(timezone, began),
    system__timezone: timezone,
    system__agent_turns: 0,
    system__is_text_only: textOnly,
    system__conversation_history: '',
  };
}

/** A time zone or language that the agent was given may not exist. */
function timeIn(timeZone: string, at: Date): string {
  try {
    return formatOf(timeZone).format(at);
  } catch {
    return at.toUTCString();
  }
}

/** Made once a zone: making one costs more time and memory than opening the rest of a conversation. */
const formats = new Map<string, Intl.DateTimeFormat>();
const MAX_FORMATS = 100;

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'short', timeZone });
  if (formats.size >= MAX_FORMATS) formats.clear();
  formats.set(timeZone, made);
  return made;
}

function speak(language: string): string {
  if (language === '' || language === 'en') return '';
  try {
    return `Answer in ${new Intl.DisplayNames('en', { type: 'language' }).of(language) ?? language}.`;
  } catch {
    return `Answer in the language "${language}".`;
  }
}

function textOf(prompt: object, name: string): string | undefined {
  const value = isObject(prompt) ? prompt[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Older SDKs list system tools inline. */
function hasInlineTool(prompt: object, name: string): boolean {
  const tools = isObject(prompt) ? prompt.tools : undefined;
  return Array.isArray(tools) && tools.some((tool) => isObject(tool) && tool.type === 'system' && tool.name === name);
}
