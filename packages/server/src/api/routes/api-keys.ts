import { AppError, randomPart, refuse } from '@backchannel/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { hashKey, KEY_PREFIX, lastFour, newApiKey } from '../../lib/api-key.js';
import type { KeyRow } from '../../store/store.js';
import { type Api, BASE } from '../api.js';
import { type ApiKeyAnswer, CreateApiKeyBody } from '../api-key-schemas.js';
import { type Caller, callerOf } from '../caller.js';
import type { Made } from '../idempotent-posts.js';
import { sendJson } from '../json-reply.js';
import { CREATE_KEY, GET_KEY, LIST_KEYS, REVOKE_KEY } from '../operations/api-keys.js';
import { bodyOf, checkedBody } from '../request-body.js';

type OneKey = { Params: { key_id: string } };

const PATH = `${BASE}/api-keys`;
const ADMIN = { anyOf: ['admin'], reach: 'workspace' } as const;
const CREATE = { ...ADMIN, countsItself: true } as const;
/** So many keys of a workspace that were not revoked; a list is answered whole. */
const MOST_KEYS = 1_000;
/** How long the same request under the same Idempotency-Key means the same key. */
const SAME_MS = 24 * 3_600_000;

/** The workspace's API keys: made, listed without the keys themselves, revoked at once. */
export function apiKeyRoutes(app: FastifyInstance, api: Api): void {
  app.post(PATH, { config: { policy: CREATE, operation: CREATE_KEY } }, async (request, reply) => {
    const body = bodyOf(request);
    const caller = callerOf(request);
    reply.header('cache-control', 'no-store');
    const make = async (idPart: string | undefined) => create(api, caller, checkedBody(CreateApiKeyBody, body), idPart);
    // What is remembered of the answer has no key in it, so a retry cannot show it again.
    return api.posts.answer(request, reply, `POST ${PATH}`, body, make, (key_id) => refuse('api_key_shown_once', { extra: { key_id } }));
  });

  app.get(PATH, { config: { policy: ADMIN, operation: LIST_KEYS } }, async (request, reply) => {
    const rows = await api.store.keys.list(callerOf(request).workspaceId);
    return sendJson(reply, 200, { api_keys: rows.map(viewOf) });
  });

  app.get<OneKey>(`${PATH}/:key_id`, { config: { policy: ADMIN, operation: GET_KEY } }, async (request, reply) =>
    sendJson(reply, 200, viewOf(await ownKey(api, request))),
  );

  app.delete<OneKey>(`${PATH}/:key_id`, { config: { policy: ADMIN, operation: REVOKE_KEY } }, async (request, reply) => {
    const { keyId } = await ownKey(api, request);
    if ((await api.store.keys.revoke(keyId, api.clock.wall())) === 'last_admin') throw AppError.of('last_admin_key');
    api.keyEnds.revoked(keyId);
    api.log.info({ key_id: keyId, by: callerOf(request).keyId }, 'an API key was revoked');
    return sendJson(reply, 200, viewOf(await ownKey(api, request)));
  });
}

async function create(api: Api, { workspaceId, keyId: by }: Caller, wanted: CreateApiKeyBody, idPart: string | undefined): Promise<Made> {
  const now = api.clock.wall();
  const expiresAt = expiryOf(wanted, now);
  await demandAgents(api, workspaceId, wanted.agent_ids ?? []);
  if ((await api.store.keys.list(workspaceId)).length >= MOST_KEYS) return refuse('too_many_api_keys');
  const key = newApiKey();
  const row: KeyRow = {
    keyId: await idFor(api, idPart, now),
    workspaceId,
    name: wanted.name,
    hash: hashKey(key),
    scopes: [...new Set(wanted.scopes)],
    ...(wanted.agent_ids == null ? {} : { agentIds: [...new Set(wanted.agent_ids)] }),
    lastFour: lastFour(key),
    source: 'api',
    createdAt: now,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
  await api.store.keys.put(row);
  api.log.info({ key_id: row.keyId, by }, 'an API key was made');
  return { ok: true, status: 201, body: JSON.stringify({ ...viewOf(row), api_key: key }), kept: row.keyId };
}

/** Made just before a crash, the key was never shown: it is made anew in its place. */
async function idFor(api: Api, idPart: string | undefined, now: number): Promise<string> {
  const derived = idPart === undefined ? undefined : `key_${idPart}`;
  const before = derived === undefined ? undefined : await api.store.keys.get(derived);
  const isTaken = before !== undefined && (before.revokedAt !== undefined || now - before.createdAt >= SAME_MS);
  return derived === undefined || isTaken ? `key_${randomPart()}` : derived;
}

function expiryOf({ expires_at, expires_in_secs }: CreateApiKeyBody, now: number): number | undefined {
  if (expires_in_secs != null) return now + expires_in_secs * 1_000;
  if (expires_at == null) return undefined;
  const at = Date.parse(expires_at);
  if (at > now) return at;
  const problems = [{ loc: ['body', 'expires_at'], msg: 'Send a time that is still to come.', type: 'value_error' }];
  throw AppError.of('invalid_request', { problems });
}

async function demandAgents(api: Api, workspaceId: string, agentIds: readonly string[]): Promise<void> {
  for (const agentId of agentIds) {
    const agent = await api.store.agents.get(agentId);
    if (agent?.workspaceId !== workspaceId) throw AppError.of('agent_not_found', { param: 'agent_ids' });
  }
}

async function ownKey(api: Api, request: FastifyRequest<OneKey>): Promise<KeyRow> {
  const key = await api.store.keys.get(request.params.key_id);
  if (key?.workspaceId !== callerOf(request).workspaceId) throw AppError.of('api_key_not_found');
  return key;
}

function viewOf(key: KeyRow): ApiKeyAnswer {
  return {
    key_id: key.keyId,
    name: key.name,
    scopes: [...key.scopes],
    agent_ids: key.agentIds === undefined ? null : [...key.agentIds],
    prefix: key.source === 'environment' ? null : KEY_PREFIX,
    last_four: key.lastFour ?? null,
    source: key.source,
    created_at: time(key.createdAt),
    expires_at: time(key.expiresAt),
    last_used_at: time(key.lastUsedAt),
    revoked_at: time(key.revokedAt),
  };
}

const time = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());
