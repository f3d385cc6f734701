import type { MessageType } from '@backchannel/protocol';

/** What an API key may do. */
export const SCOPES = [
  'conversations:read',
  'messages:write',
  'messages:speak',
  'monitor:read',
  'takeover:write',
  'agents:write',
  'tokens:mint',
  'admin',
] as const;
export type Scope = (typeof SCOPES)[number];

/** The scope that sending each type needs: whoever may put words in the agent's mouth needs more than a line. */
export const SCOPE_OF_MESSAGE: Readonly<Record<MessageType, Scope>> = {
  user_message: 'messages:write',
  contextual_update: 'messages:write',
  agent_message: 'messages:speak',
  instruction: 'messages:speak',
  human_message: 'takeover:write',
};

/** ElevenLabs' own words, for keys that are made with them. */
export const ELEVENLABS_SCOPES = ['convai_write', 'convai_read'] as const;

/** Every scope that a stored list grants: `convai_write` all but `admin`, and `admin` everything, since it can make any key. */
export function grantedScopes(stored: readonly string[]): ReadonlySet<Scope> {
  if (stored.includes('admin')) return new Set(SCOPES);
  if (stored.includes('convai_write')) return new Set(SCOPES.filter((scope) => scope !== 'admin'));
  const words = stored.includes('convai_read') ? [...stored, 'conversations:read'] : stored;
  return new Set(SCOPES.filter((scope) => words.includes(scope)));
}
