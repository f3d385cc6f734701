import type { IncomingMessage } from 'node:http';
import type { JoinRequest } from '../../conversation/joining.js';

const PATH = '/v1/convai/conversation';
const SUBPROTOCOL = 'convai';
const BEARER = 'bearer.';

/** What the upgrade alone says about a client: copied out, so that the request itself can be forgotten. */
export type Arrival = Pick<JoinRequest, 'agentId' | 'signature' | 'apiKey' | 'origin' | 'source' | 'version' | 'history'>;

/**
 * True for an upgrade to the conversation socket. `prefix` is a path that may stand before ours, because not every
 * proxy takes its own away. A doubled slash is what an official client makes of an origin with a slash at its end.
 */
export function isConversationPath(request: IncomingMessage, prefix: string): boolean {
  const [path = ''] = (request.url ?? '').split('?', 1);
  const single = path.replace(/^\/{2,}/, '/');
  return single === PATH || single === `${prefix}${PATH}`;
}

export function readArrival(request: IncomingMessage): Arrival {
  const url = request.url ?? '';
  const mark = url.indexOf('?');
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
  return {
    agentId: given(query.get('agent_id')),
    signature: given(query.get('conversation_signature')) ?? given(query.get('token')) ?? bearerOf(request),
    apiKey: only(request.headers['xi-api-key']),
    origin: given(request.headers.origin),
    source: printable(query.get('source')),
    version: printable(query.get('version')),
    history: given(query.get('history')),
  };
}

/** Official web clients fail when nothing is selected, and whoever offers nothing must be answered with nothing. A bearer is never echoed. */
export const selectProtocol = (offered: ReadonlySet<string>): string | false => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false);

/** What a client calls itself goes to terminals and logs: up to 50 visible characters, or it counts as not given. */
export const printable = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[\x20-\x7e]{1,50}$/.test(value) ? value : undefined;

const given = (value: string | null | undefined): string | undefined => (value === null || value === '' ? undefined : value);
const only = (value: string | string[] | undefined): string | undefined => given(Array.isArray(value) ? value[0] : value);

function bearerOf(request: IncomingMessage): string | undefined {
  for (const offer of (request.headers['sec-websocket-protocol'] ?? '').split(',')) {
    const name = offer.trim();
    if (name.startsWith(BEARER)) return given(name.slice(BEARER.length));
  }
  return undefined;
}
