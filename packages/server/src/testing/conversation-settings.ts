import { LIMITS } from '../config.js';
import type { ConversationLimits, ConversationSettings } from '../conversation/state.js';

export const APOLOGY = 'Sorry, something went wrong.';

/** What a conversation is given in tests: the server's own limits, unless a test says otherwise. Times in milliseconds. */
export function conversationSettings({
  limits,
  ...settings
}: Partial<Omit<ConversationSettings, 'limits'>> & { readonly limits?: Partial<ConversationLimits> } = {}): ConversationSettings {
  const { resumeMs, idleMs, maxWaiting, maxKeys, maxContexts, maxContextBytes, maxReplyBytes } = LIMITS;
  const { typingMs, maxTypingMs, confirmMs, farewellMs } = LIMITS;
  return {
    maxDurationMessage: undefined,
    maxDurationMs: 24 * 3_600_000,
    silenceMs: undefined,
    limits: {
      resumeMs,
      idleMs,
      maxWaiting,
      maxKeys,
      maxContexts,
      maxContextBytes,
      maxReplyBytes,
      typingMs,
      maxTypingMs,
      confirmMs,
      farewellMs,
      apology: APOLOGY,
      ...limits,
    },
    ...settings,
  };
}
