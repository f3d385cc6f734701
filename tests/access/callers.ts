import { SCOPES } from '../../packages/server/dist/api/scopes.js';
import type { Api } from '../harness/api.js';
import type { TestServer } from '../harness/start-server.js';

/** Somebody who asks: with these headers, known to the server as this. */
export type CallerOfMatrix = {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Why nobody is let in by these headers, or what they stand for. */
  readonly is: { readonly refused: string } | Standing;
};

export type Standing = {
  readonly scopes: readonly string[];
  /** How much of the workspace there is for it. */
  readonly of: 'workspace' | 'this agent' | 'another agent' | 'this conversation' | 'another conversation' | 'another workspace';
};

export type Fixtures = {
  readonly agentId: string;
  readonly otherAgentId: string;
  readonly conversationId: string;
  readonly otherConversationId: string;
};

const ALL_BUT_ADMIN = SCOPES.filter((scope) => scope !== 'admin');
const TOKEN = ['conversations:read', 'messages:write', 'messages:speak'];

type Made = { readonly key_id: string; readonly api_key: string };
const make = (api: Api, scopes: readonly string[], more: object = {}): Promise<Made> =>
  api.ask('POST', '/api-keys', { name: scopes.join(), scopes, ...more });

/** Everybody who may ever knock. Those who must not be let in are first. */
export async function everyCaller(
  server: TestServer,
  { agentId, otherAgentId, conversationId, otherConversationId }: Fixtures,
): Promise<CallerOfMatrix[]> {
  const { api, running, store } = server;
  const { workspaceId } = running.installation;
  const key = (text: string) => ({ 'xi-api-key': text });
  const bearer = (text: string) => ({ authorization: `Bearer ${text}` });
  const whole = async (...scopes: string[]) => ({
    headers: key((await make(api, scopes)).api_key),
    is: { scopes, of: 'workspace' as const },
  });

  const revoked = await make(api, ['convai_write', 'admin']);
  await api.call('DELETE', `/api-keys/${revoked.key_id}`);
  const expired = await make(api, ['convai_write', 'admin'], { expires_in_secs: 3_600 });
  const row = await store.keys.get(expired.key_id);
  if (row !== undefined) await store.keys.put({ ...row, expiresAt: row.createdAt });
  const elsewhere = await make(api, ['convai_write', 'admin']);
  const theirs = await store.keys.get(elsewhere.key_id);
  await store.keys.createWorkspace('ws_elsewhere', 'elsewhere');
  if (theirs !== undefined) await store.keys.put({ ...theirs, workspaceId: 'ws_elsewhere' });
  const signature = new URL((await api.mint(agentId)).signedUrl).searchParams.get('conversation_signature') ?? '';
  const token = running.tokens.mint(workspaceId, conversationId).token;
  const otherToken = running.tokens.mint(workspaceId, otherConversationId).token;
  const ofAgent = async (id: string) => key((await make(api, ['convai_write'], { agent_ids: [id] })).api_key);

  return [
    { name: 'no key', headers: {}, is: { refused: 'missing_api_key' } },
    { name: 'an API key as bearer', headers: bearer(server.key), is: { refused: 'missing_api_key' } },
    { name: 'an unknown key', headers: key('bck_unknown'), is: { refused: 'invalid_api_key' } },
    { name: 'a signature in the key header', headers: key(signature), is: { refused: 'invalid_api_key' } },
    { name: 'an unknown token', headers: key('bct_unknown'), is: { refused: 'invalid_token' } },
    { name: 'an expired key', headers: key(expired.api_key), is: { refused: 'api_key_expired' } },
    { name: 'a revoked key', headers: key(revoked.api_key), is: { refused: 'api_key_revoked' } },
    { name: 'another workspace', headers: key(elsewhere.api_key), is: { scopes: SCOPES, of: 'another workspace' } },
    { name: 'a key for another agent', headers: await ofAgent(otherAgentId), is: { scopes: ALL_BUT_ADMIN, of: 'another agent' } },
    { name: 'a token for another conversation', headers: key(otherToken), is: { scopes: TOKEN, of: 'another conversation' } },
    { name: 'a token for this conversation', headers: key(token), is: { scopes: TOKEN, of: 'this conversation' } },
    { name: 'the same as bearer', headers: bearer(token), is: { scopes: TOKEN, of: 'this conversation' } },
    { name: 'a key for this agent', headers: await ofAgent(agentId), is: { scopes: ALL_BUT_ADMIN, of: 'this agent' } },
    { name: 'convai_read', headers: (await whole('convai_read')).headers, is: { scopes: ['conversations:read'], of: 'workspace' } },
    { name: 'convai_write', headers: (await whole('convai_write')).headers, is: { scopes: ALL_BUT_ADMIN, of: 'workspace' } },
    ...(await Promise.all(
      SCOPES.map(async (scope) => ({
        name: `${scope} alone`,
        ...(await whole(scope)),
        ...(scope === 'admin' ? { is: { scopes: SCOPES, of: 'workspace' as const } } : {}),
      })),
    )),
  ];
}
