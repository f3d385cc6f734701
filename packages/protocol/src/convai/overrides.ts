import { isObject } from '../parse.js';
import type { FullAgentConfig, FullConversationConfig } from './agent-config.js';
import { mergeConfig, sameJson } from './config-merge.js';

/**
 * What a client may change of an agent for one conversation. Every official client sends override objects
 * that ask for nothing, so only a value that differs from the agent's own counts.
 */
const SWITCHES = 'platform_settings.overrides.conversation_config_override';
/** With `override_error: ` in front a close reason has 123 bytes. */
const REASON_BYTES = 107;

type Tree = Readonly<Record<string, unknown>>;

/** Fields that have a switch at ElevenLabs; others are no overrides, but something to tell the sender about. */
const FIELDS: ReadonlySet<string> = new Set([
  'agent.first_message',
  'agent.language',
  'agent.max_conversation_duration_message',
  'agent.prompt.prompt',
  'agent.prompt.llm',
  'agent.prompt.tool_ids',
  'agent.prompt.native_mcp_server_ids',
  'agent.prompt.knowledge_base',
  'tts.model_id',
  'tts.voice_id',
  'tts.supported_voices',
  'tts.stability',
  'tts.speed',
  'tts.similarity_boost',
  'tts.pronunciation_dictionary_locators',
  'asr.keywords',
  'turn.soft_timeout_config.message',
  'conversation.text_only',
  'conversation.max_duration_seconds',
]);

/** An override's part, or a wrapper around the whole, at the top of an init: it means nothing there. */
const NOT_AT_THE_TOP = [
  'conversation_initiation_client_data',
  'conversation_config',
  'agent',
  'tts',
  'asr',
  'turn',
  'conversation',
  'first_message',
  'language',
  'prompt',
  'llm',
  'text_only',
];
/** How many of the fields that mean nothing are named. */
const MOST_IGNORED = 8;

const MAY_BE_EMPTY: ReadonlySet<string> = new Set(['agent.first_message', 'agent.max_conversation_duration_message']);

export type OverrideCheck =
  /** `overrides`: the effective ones, in the shape of `conversation_config`. `ignored`: paths that mean nothing here. */
  | { readonly ok: true; readonly overrides: Record<string, unknown>; readonly ignored: readonly string[] }
  /** `permission` is the path of the switch that would permit `field`; `message` fits into a close reason behind its code. */
  | {
      readonly ok: false;
      readonly field: string;
      readonly fields: readonly string[];
      readonly permission: string;
      readonly message: string;
    };

/** `override`: a client's `conversation_config_override`, or nothing. */
export function checkOverrides(config: FullAgentConfig, override: Tree | null | undefined): OverrideCheck {
  const permitted = config.platform_settings.overrides.conversation_config_override;
  const refused: string[] = [];
  const ignored: string[] = [];
  let overrides: Record<string, unknown> = {};
  for (const [path, value] of asked(override ?? {}, [])) {
    const name = path.join('.');
    const own = valueAt(config.conversation_config, path);
    if (sameJson(value, own) || (own === undefined && Array.isArray(value) && value.length === 0)) continue;
    // Clients write a field that nobody filled in as an empty text. It asks for something only where the agent may fall silent by it.
    if (value === '' && !(MAY_BE_EMPTY.has(name) && valueAt(permitted, path) === true)) continue;
    if (!FIELDS.has(name)) ignored.push(name);
    else if (name !== 'conversation.text_only' && valueAt(permitted, path) !== true) refused.push(name);
    else overrides = mergeConfig(overrides, nest(path, value));
  }
  const [field] = refused;
  if (field === undefined) return { ok: true, overrides, ignored: ignored.slice(0, MOST_IGNORED) };
  return { ok: false, field, fields: refused, permission: `${SWITCHES}.${field}`, message: refusal(refused) };
}

/** Paths of an init that ask for something where it means nothing (one level too high or too low): its sender should be told. */
export function misplacedInInit(init: Tree): string[] {
  const top = NOT_AT_THE_TOP.filter((name) => [...asked({ [name]: init[name] }, [])].length > 0);
  const override = init.conversation_config_override;
  const inside = isObject(override) ? [...asked(override, [])].map(([path]) => path.join('.')).filter((name) => !FIELDS.has(name)) : [];
  return [...top, ...inside.map((name) => `conversation_config_override.${name}`)].slice(0, MOST_IGNORED);
}

/** The agent's conversation configuration as one conversation runs it. */
export function applyOverrides(config: FullAgentConfig, overrides: Tree | undefined): FullConversationConfig {
  // Overrides have passed the client's schema, so no member changes its kind.
  return overrides ? (mergeConfig(config.conversation_config, overrides) as FullConversationConfig) : config.conversation_config;
}

/** Every leaf that is given, with its path; a top-level `text_only` (Python) counts as `conversation.text_only`. */
function* asked(tree: Tree, path: readonly string[]): Generator<readonly [readonly string[], unknown]> {
  for (const [key, value] of Object.entries(tree)) {
    if (value === null || value === undefined) continue;
    const at = path.length === 0 && key === 'text_only' ? ['conversation', 'text_only'] : [...path, key];
    if (isObject(value)) yield* asked(value, at);
    else yield [at, value];
  }
}

function valueAt(tree: Tree, path: readonly string[]): unknown {
  let at: unknown = tree;
  for (const key of path) {
    if (!isObject(at) || !Object.hasOwn(at, key)) return undefined;
    at = at[key];
  }
  return at;
}

const nest = (path: readonly string[], value: unknown): Tree =>
  path.reduceRight<Tree>((inner, key, i) => ({ [key]: i === path.length - 1 ? value : inner }), {});

/** Names as many fields as fit, and where their switches are. */
function refusal(fields: readonly string[]): string {
  for (let named = fields.length; named > 1; named--) {
    const rest = fields.length - named;
    const text = `permit ${fields.slice(0, named).join(', ')}${rest === 0 ? '' : ` +${rest}`} in ${SWITCHES}`;
    if (text.length <= REASON_BYTES) return text;
  }
  return `permit ${fields[0]}${fields.length > 1 ? ` +${fields.length - 1}` : ''} in ${SWITCHES}`;
}
