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

const Time = z.string().nullable().describe('RFC 3339');

/** A key as it is shown: whatever there is but the key and its hash. */
export const ApiKeyAnswer = z
  .object({
    key_id: z.string(),
    name: z.string(),
    scopes: z.array(z.string()),
    agent_ids: z.array(z.string()).nullable().describe('null: all.'),
    prefix: z.string().nullable().describe('What keys that are made here begin with; null for one from the environment.'),
    last_four: z.string().nullable(),
    source: z.enum(['installation', 'environment', 'api']),
    created_at: Time,
    expires_at: Time,
    last_used_at: Time.describe('RFC 3339, a minute old at most.'),
    revoked_at: Time,
  })
  .meta({ id: 'ApiKey' });
export type ApiKeyAnswer = z.infer<typeof ApiKeyAnswer>;

export const ApiKeyCreated = ApiKeyAnswer.extend({ api_key: z.string().describe('The key itself, this once.') }).meta({
  id: 'ApiKeyCreated',
});
export const ApiKeyListAnswer = z.object({ api_keys: z.array(ApiKeyAnswer) });
