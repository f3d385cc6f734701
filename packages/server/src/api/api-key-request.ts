import { AGENT_ID } from '@backchannel/protocol';
import { z } from 'zod';
import { ELEVENLABS_SCOPES, SCOPES } from './scopes.js';

const TEN_YEARS_SECS = 10 * 366 * 86_400;
const MOST_AGENTS = 100;

/**
 * `POST api-keys`. Restricted to `agent_ids` where some are named; it ends at `expires_at` (RFC 3339) or after `expires_in_secs`,
 * and otherwise only when it is revoked.
 */
export const CreateApiKeyBody = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    scopes: z.array(z.enum([...SCOPES, ...ELEVENLABS_SCOPES])).min(1),
    agent_ids: z
      .array(z.string().regex(AGENT_ID, { error: 'Send agent ids.' }))
      .min(1, { error: 'Name an agent, or leave agent_ids out for all.' })
      .max(MOST_AGENTS)
      .nullish(),
    expires_at: z.iso.datetime({ offset: true }).nullish(),
    expires_in_secs: z.int().min(1).max(TEN_YEARS_SECS).nullish(),
  })
  .refine((body) => body.expires_at == null || body.expires_in_secs == null, {
    error: 'Send expires_at or expires_in_secs, not both.',
    path: ['expires_in_secs'],
  })
  .refine((body) => body.agent_ids == null || !body.scopes.includes('admin'), {
    error: 'Whoever makes keys reaches every agent: leave admin or agent_ids out.',
    path: ['agent_ids'],
  });
export type CreateApiKeyBody = z.infer<typeof CreateApiKeyBody>;
