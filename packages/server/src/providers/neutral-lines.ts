/**
 * What stands in a prompt where a strict server wants a user's turn and the user said nothing. Part of the
 * language-model port, so that a model which is not a language model can tell them from a person's words.
 */
export const NEUTRAL_LINES = {
  /** Before an agent's line that opens the conversation. */
  opening: '(The conversation begins.)',
  /** After an agent's line that nobody has answered. */
  silence: '(The user has said nothing new.)',
} as const;

export const isNeutralLine = (text: string): boolean => text === NEUTRAL_LINES.opening || text === NEUTRAL_LINES.silence;
