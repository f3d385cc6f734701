import { raw, socketOf } from '../cases/stage.js';
import type { TestServer } from '../harness/start-server.js';
import type { CallerOfMatrix } from './callers.js';

/** How the conversation socket answers these headers: `in`, or the code that its close begins with. */
export async function knock(server: TestServer, agentId: string, { headers }: CallerOfMatrix): Promise<string> {
  const client = await raw(socketOf(server, agentId), { headers: { ...headers } });
  client.init();
  const first = await Promise.race([client.next(), client.closed]);
  client.cut();
  if ('type' in first) return first.type === 'conversation_initiation_metadata' ? 'in' : first.type;
  return first.code === 3000 ? 'agent_not_found' : (first.reason.split(':')[0] ?? '');
}

/** On the socket a bearer header and a token are nothing; whoever has no key is anybody. */
export function socketExpected({ headers, is }: CallerOfMatrix, isPrivate: boolean): string {
  if (headers['xi-api-key'] === undefined) return isPrivate ? 'authorization_required' : 'in';
  if ('refused' in is) return is.refused === 'invalid_token' ? 'invalid_api_key' : is.refused;
  if (is.of.endsWith('conversation')) return 'invalid_api_key';
  if (!is.scopes.includes('messages:write')) return 'missing_scope';
  // A private agent of its own, which a key for this agent does not reach either.
  const isElsewhere = is.of === 'another workspace' || is.of === 'another agent' || (isPrivate && is.of === 'this agent');
  return isElsewhere ? 'agent_not_found' : 'in';
}
