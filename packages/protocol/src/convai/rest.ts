import { z } from 'zod';
import type { Answer } from '../errors.js';
import { refuse } from '../errors.js';
import { CappedVariables, Greeting } from './capped.js';
import { ConversationConfigOverride, UserId } from './client-message.js';
import { longerThan, TEXT_BYTES } from './limits.js';
import { FlatMetadata, MetadataPatch } from './metadata.js';
import { readBy } from './problems.js';

/**
 * Bodies of REST requests. Ours are strict, so that a typo is never silently dropped; ElevenLabs' own
 * (agents: `agent-config.ts`, feedback) keep unknown fields. Messages: `message-request.ts`.
 */

/** `POST conversations`: a text conversation without a client. An empty `first_message` means no greeting. */
export const CreateConversationBody = z.strictObject({
  agent_id: z.string().min(1),
  user_id: UserId.optional(),
  dynamic_variables: CappedVariables.optional(),
  app_metadata: FlatMetadata.optional(),
  conversation_config_override: ConversationConfigOverride.optional(),
  first_message: Greeting.optional(),
});
export type CreateConversationBody = z.infer<typeof CreateConversationBody>;

export const PatchConversationBody = z.strictObject({ app_metadata: MetadataPatch });
export type PatchConversationBody = z.infer<typeof PatchConversationBody>;

/** `POST …/end`: the agent's last line, if it should say one. */
export const EndConversationBody = z.strictObject({ message: z.string().min(1).optional() });
export type EndConversationBody = z.infer<typeof EndConversationBody>;

/** The body of `POST …/end`, which may be missing altogether. */
export function readEndBody(body: unknown): Answer<{ readonly message?: string }> {
  const read = readBy(EndConversationBody, body ?? {});
  if (!read.ok) return read;
  const { message } = read.value;
  if (message === undefined) return { ok: true };
  return longerThan(message, TEXT_BYTES) ? refuse('text_too_long', { param: 'message' }) : { ok: true, message };
}

/** ElevenLabs' overall feedback: a thumb, or a rating with a comment. */
export const FeedbackBody = z
  .looseObject({
    feedback: z.enum(['like', 'dislike']).nullish(),
    rating: z.number().nullish(),
    comment: z
      .string()
      .refine((text) => !longerThan(text, TEXT_BYTES), { error: `Send a comment of at most ${TEXT_BYTES} bytes.` })
      .nullish(),
  })
  .refine((body) => typeof body.feedback === 'string' || typeof body.rating === 'number', {
    error: 'Add feedback (like or dislike) or rating (a number).',
    path: ['feedback'],
  });
export type FeedbackBody = z.infer<typeof FeedbackBody>;
