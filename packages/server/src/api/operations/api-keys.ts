import { ApiKeyAnswer, ApiKeyCreated, ApiKeyListAnswer, CreateApiKeyBody } from '../api-key-schemas.js';
import type { Operation } from '../operation.js';

export const CREATE_KEY: Operation = {
  id: 'createApiKey',
  tag: 'API keys',
  summary: 'Make an API key',
  description:
    'The answer shows it, this once. A retry under the same Idempotency-Key makes no second one and cannot show the first again: it is 409 ' +
    '`api_key_shown_once` with the `key_id`.',
  body: {
    schema: CreateApiKeyBody,
    example: { name: 'Parcel bot', scopes: ['conversations:read', 'messages:write'], expires_in_secs: 86_400 },
  },
  answers: { 201: { description: 'Made.', schema: ApiKeyCreated } },
  errors: ['agent_not_found', 'api_key_shown_once', 'too_many_api_keys'],
  idempotent: true,
};

export const LIST_KEYS: Operation = {
  id: 'listApiKeys',
  tag: 'API keys',
  summary: 'List the API keys',
  description: 'All of the workspace that were not revoked, newest first, without the keys themselves.',
  answers: { 200: { description: 'The keys.', schema: ApiKeyListAnswer } },
};

export const GET_KEY: Operation = {
  id: 'getApiKey',
  tag: 'API keys',
  summary: 'Read about an API key',
  description: 'Also about one that was revoked.',
  answers: { 200: { description: 'The key, without itself.', schema: ApiKeyAnswer } },
  errors: ['api_key_not_found'],
};

export const REVOKE_KEY: Operation = {
  id: 'revokeApiKey',
  tag: 'API keys',
  summary: 'Revoke an API key',
  description:
    'From now on it is 401 `api_key_revoked`; the clients that it let in are closed, and its waiting requests are answered with what is known. ' +
    'Again is the same answer. The last good key with `admin` stays.',
  answers: { 200: { description: 'Revoked.', schema: ApiKeyAnswer } },
  errors: ['api_key_not_found', 'last_admin_key'],
};
