import { z } from 'zod';
import { Level } from '../message.js';
import { UserId } from './client-message.js';
import { MetadataParam } from './metadata.js';
import { flag, page, whole } from './query-values.js';

/** Query strings. Parameters that are not known here are ignored, as ElevenLabs does; the lists (`list-query.ts`) say so. */

/** `GET conversation/get-signed-url`. `conversation_id` names the conversation to join again. */
export const SignedUrlQuery = z.looseObject({
  agent_id: z.string().min(1),
  include_conversation_id: flag.default(false).describe('Give the conversation its id now, and answer it.'),
  conversation_id: z.string().min(1).optional().describe('The conversation to come back to.'),
  join: z.enum(['resume', 'attach']).optional().describe('`resume` takes a present client’s place.'),
  user_id: UserId.optional().describe('Vouched for by the backend that mints.'),
  app_metadata: MetadataParam.optional().meta({ type: 'string', description: 'URL-encoded JSON: one flat object.' }),
});
export type SignedUrlQuery = z.infer<typeof SignedUrlQuery>;

/** `GET …/events`; `after` is a cursor. */
export const EventsQuery = z.looseObject({ after: z.string().optional().describe('A cursor.'), limit: whole(1, 1000).default(100) });
export type EventsQuery = z.infer<typeof EventsQuery>;

/** `GET …/messages`; `status` is the level reached. */
export const ListMessagesQuery = z.looseObject({ ...page, status: Level.optional().describe('The level reached.') });
export type ListMessagesQuery = z.infer<typeof ListMessagesQuery>;

export const LiveCountQuery = z.looseObject({ agent_id: z.string().optional() });
export type LiveCountQuery = z.infer<typeof LiveCountQuery>;
