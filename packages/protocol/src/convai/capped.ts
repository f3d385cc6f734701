import { z } from 'zod';
import { DynamicVariables } from './client-message.js';
import { longerThan, PROMPT_BYTES, TEXT_BYTES, VARIABLES_BYTES } from './limits.js';

/**
 * Texts in the bodies of requests, each with its limit. A client's init has the same limits and is read without them:
 * it is refused when the conversation begins, with a close instead of a complaint.
 */
const atMost = (name: string, bytes: number): z.ZodString =>
  z.string().refine((text) => !longerThan(text, bytes), { error: `Send a ${name} of at most ${bytes} bytes.` });

/** What the agent says by itself is as long as a message may be. */
export const Greeting = atMost('first_message', TEXT_BYTES);
export const LastWords = atMost('max_conversation_duration_message', TEXT_BYTES);
export const PromptText = atMost('prompt', PROMPT_BYTES);

export const CappedVariables = DynamicVariables.refine((variables) => !longerThan(JSON.stringify(variables), VARIABLES_BYTES), {
  error: `Send variables of at most ${VARIABLES_BYTES} bytes of JSON.`,
});
