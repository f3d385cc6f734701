import { createHash } from 'node:crypto';
import { isObject, parseOwn } from '@backchannel/protocol';
import { type AgentConfig, type FullAgentConfig, fillDefaults } from '@backchannel/protocol/convai';
import { LIMITS } from './config.js';
import type { ConversationLimits, ConversationSettings } from './conversation/state.js';
import { NativeEngine, type NativeOptions } from './engine/native/native-engine.js';
import type { Log } from './lib/log.js';
import type { AgentRuntime } from './routing/registry.js';
import type { Store } from './store/store.js';

export type Warning = { readonly code: string; readonly message: string };

export type LoadedAgent = AgentRuntime & {
  readonly config: FullAgentConfig;
  /** What of it is not served here, as `metadata.warnings` says it. */
  readonly warnings: readonly Warning[];
};

/** An agent's configuration as it was at the start of its conversations: loaded, and made an engine, once. */
export type AgentRuntimes = (hash: string) => Promise<LoadedAgent>;

/** Configurations kept in memory; one that is used again after this many others is loaded again. */
const KEPT = 256;

export function createAgentRuntimes(
  store: Pick<Store, 'agents'>,
  limits: ConversationLimits,
  engine: Pick<NativeOptions, 'modelFor' | 'limits' | 'loose'>,
  warningsFor: (stored: AgentConfig) => readonly Warning[],
  log: Log,
): AgentRuntimes {
  const kept = new Map<string, Promise<LoadedAgent>>();
  const load = async (hash: string): Promise<LoadedAgent> => {
    const text = await store.agents.configByHash(hash);
    if (text === undefined) throw new Error(`No agent configuration is stored under ${hash}.`);
    const stored = parseOwn<AgentConfig>(text);
    const config = fillDefaults(stored);
    const warnings = warningsFor(stored);
    for (const { code, message } of warnings) log.warn({ agent: config.name, code }, message);
    return { config, warnings, settings: settingsOf(config, limits), engine: new NativeEngine({ ...engine, config }) };
  };
  return (hash) => {
    const known = kept.get(hash);
    if (known !== undefined) return known;
    const loading = load(hash);
    loading.catch(() => kept.delete(hash));
    kept.set(hash, loading);
    const [oldest] = kept.keys();
    if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
    return loading;
  };
}

function settingsOf(config: FullAgentConfig, limits: ConversationLimits): ConversationSettings {
  const { agent, conversation, turn } = config.conversation_config;
  const message = agent.max_conversation_duration_message;
  const silence = turn.silence_end_call_timeout;
  return {
    maxDurationMs: durationMs(conversation.max_duration_seconds),
    maxDurationMessage: message === '' ? undefined : message,
    silenceMs: silence > 0 ? silence * 1_000 : undefined,
    limits,
  };
}

/** ElevenLabs writes "no limit" as -1. */
const durationMs = (secs: number): number => (secs > 0 ? secs * 1_000 : Number.MAX_SAFE_INTEGER);

export const conversationLimits = (apology: string): ConversationLimits => ({
  resumeMs: LIMITS.resumeMs,
  idleMs: LIMITS.idleMs,
  maxWaiting: LIMITS.maxWaiting,
  maxKeys: LIMITS.maxKeys,
  maxContexts: LIMITS.maxContexts,
  maxContextBytes: LIMITS.maxContextBytes,
  maxReplyBytes: LIMITS.maxReplyBytes,
  typingMs: LIMITS.typingMs,
  maxTypingMs: LIMITS.maxTypingMs,
  confirmMs: LIMITS.confirmMs,
  farewellMs: LIMITS.farewellMs,
  apology,
});

/** The name under which a configuration is kept for the conversations that started with it. */
export const hashConfig = (config: string): string => createHash('sha256').update(config).digest('hex');

/** The model that a stored configuration names; one that names none takes what is served, without a warning. */
export function llmOf(stored: AgentConfig): string | undefined {
  let at: unknown = stored.conversation_config;
  for (const key of ['agent', 'prompt', 'llm']) at = isObject(at) ? at[key] : undefined;
  return typeof at === 'string' ? at : undefined;
}
