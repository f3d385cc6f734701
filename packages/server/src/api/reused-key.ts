import type { ConversationId, MessageRequest, Refusal, SendMessage } from '@backchannel/protocol';
import type { Api } from './api.js';

/** No state is in an empty list: the owner answers a known key and takes nothing new. */
export const NEVER: NonNullable<MessageRequest['if']> = { agent_state: [] };

const NEVER_TAKEN: MessageRequest = { type: 'contextual_update', text: '', urgency: 'later', reply: 'none', if: NEVER };

/** The refusal, when a message of this conversation has used the key for anything else than `print` stands for. */
export async function reusedKey(api: Api, id: ConversationId, key: string, print: string): Promise<Refusal | undefined> {
  const probe: SendMessage = { type: 'message.send', message: NEVER_TAKEN, source: 'api', idempotency_key: key, fingerprint: print };
  const answer = await api.router.send(id, probe);
  return !answer.ok && answer.code === 'idempotency_key_reused' ? answer : undefined;
}
