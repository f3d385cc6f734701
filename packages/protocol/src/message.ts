import { z } from 'zod';

/** The words a message is described with: `contract.md`'s §3 in types. */
export const MessageType = z.enum(['user_message', 'contextual_update', 'agent_message', 'instruction', 'human_message']);
export type MessageType = z.infer<typeof MessageType>;

/** immediate interrupts, soon waits for the current speech to end, later is considered at the next natural turn. */
export const Urgency = z.enum(['immediate', 'soon', 'later']);
export type Urgency = z.infer<typeof Urgency>;

export const ReplyMode = z.enum(['auto', 'none']);
export type ReplyMode = z.infer<typeof ReplyMode>;

export const AgentState = z.enum(['listening', 'thinking', 'speaking', 'human']);
export type AgentState = z.infer<typeof AgentState>;

export const UserState = z.enum(['quiet', 'speaking', 'typing', 'away']);
export type UserState = z.infer<typeof UserState>;

/** How far a message has got, in this order; a level without meaning for a type is left out. */
export const LEVELS = ['accepted', 'delivered', 'applied', 'replied', 'spoken'] as const;
export const GoodLevel = z.enum(LEVELS);
export type GoodLevel = z.infer<typeof GoodLevel>;

export const BadEnd = z.enum(['expired', 'superseded', 'cancelled', 'refused', 'undeliverable', 'failed']);
export type BadEnd = z.infer<typeof BadEnd>;

export const Level = z.enum([...LEVELS, ...BadEnd.options]);
export type Level = z.infer<typeof Level>;

/** Why `spoken` is believed: measured by the transport, ponged by the client, counted by the audio clock, or only written. */
export const SpokenBasis = z.enum(['reported', 'confirmed', 'estimated', 'written']);
export type SpokenBasis = z.infer<typeof SpokenBasis>;

/** The combinations of type, urgency and reply that exist; the first of each list is the default. */
export const MESSAGE_RULES: Readonly<
  Record<
    MessageType,
    { readonly urgencies: readonly Urgency[]; readonly replies: readonly ReplyMode[]; readonly levels: readonly GoodLevel[] }
  >
> = {
  user_message: {
    urgencies: ['soon', 'immediate', 'later'],
    replies: ['auto', 'none'],
    levels: ['accepted', 'delivered', 'applied', 'replied', 'spoken'],
  },
  contextual_update: { urgencies: ['later'], replies: ['none'], levels: ['accepted', 'delivered', 'applied'] },
  agent_message: { urgencies: ['soon', 'immediate'], replies: ['none'], levels: ['accepted', 'delivered', 'applied', 'spoken'] },
  instruction: {
    urgencies: ['soon', 'immediate', 'later'],
    replies: ['auto', 'none'],
    levels: ['accepted', 'delivered', 'applied', 'replied', 'spoken'],
  },
  human_message: { urgencies: ['soon', 'immediate'], replies: ['none'], levels: ['accepted', 'delivered', 'applied', 'spoken'] },
};

/** Flat strings, numbers and booleans that the app keeps with a conversation. */
export const AppMetadata = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
export type AppMetadata = z.infer<typeof AppMetadata>;
