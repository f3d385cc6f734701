import { parseOwn } from '../parse.js';
import { type AgentConfig, fillDefaults } from './agent-config.js';

/** A stored agent: `config` is its JSON, times in milliseconds since 1970. */
export type StoredAgent = {
  readonly agentId: string;
  readonly name: string;
  readonly config: string;
  readonly createdAt: number;
  readonly updatedAt: number;
};

const seconds = (ms: number): number => Math.floor(ms / 1000);

/** Every key is required by the official REST client; there are no users here, so the key's holder is who made it. */
const accessInfo = () => ({ is_creator: true, creator_name: '', creator_email: '', role: 'admin' as const });

/** ElevenLabs' get shape, and `warnings`: what of the configuration is not served here. */
export function toAgentResponse(agent: StoredAgent, warnings: readonly string[] = []) {
  const { name: _stored, conversation_config, platform_settings, tags, ...others } = fillDefaults(parseOwn<AgentConfig>(agent.config));
  return {
    ...others,
    agent_id: agent.agentId,
    name: agent.name,
    conversation_config,
    platform_settings,
    metadata: { created_at_unix_secs: seconds(agent.createdAt), updated_at_unix_secs: seconds(agent.updatedAt) },
    phone_numbers: [],
    access_info: accessInfo(),
    tags,
    warnings,
  };
}

/** One entry of ElevenLabs' list. */
export function toAgentListItem(agent: StoredAgent) {
  const full = fillDefaults(parseOwn<AgentConfig>(agent.config));
  return {
    agent_id: agent.agentId,
    name: agent.name,
    voice_id: full.conversation_config.tts.voice_id,
    tags: full.tags,
    created_at_unix_secs: seconds(agent.createdAt),
    updated_at_unix_secs: seconds(agent.updatedAt),
    access_info: accessInfo(),
    last_call_time_unix_secs: null,
    archived: full.platform_settings.archived === true,
  };
}
