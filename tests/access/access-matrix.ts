import { isObject, parseJson } from '@backchannel/protocol';
import type { CallerOfMatrix, Fixtures, Standing } from './callers.js';
import type { DeclaredRoute } from './declared-routes.js';

/** What became of one request: let in, or refused with status and code. */
export type Cell = {
  readonly route: DeclaredRoute;
  readonly caller: CallerOfMatrix;
  readonly got: string;
  /** Which of the ids there are the answer names. */
  readonly named: readonly string[];
};

const NOBODYS = { agent_id: 'agent_nobody', conversation_id: 'conv_nobody', key_id: 'key_nobody' };
export const SCOPE_OF_MESSAGE: Readonly<Record<string, string>> = {
  user_message: 'messages:write',
  contextual_update: 'messages:write',
  agent_message: 'messages:speak',
  instruction: 'messages:speak',
};
const NARROW = ['workspace', 'agents', 'conversation'];

/**
 * What a caller must be answered with, from what the route declares alone: `in` is any answer but a fault of the server's, 401, 403 and,
 * where the request names something, 404; and an answer that names what is not the caller's is none of them.
 */
export function expected(route: DeclaredRoute, { is }: CallerOfMatrix): string {
  if (route.scopes === undefined || route.reach === undefined) return 'in';
  if ('refused' in is) return `401 ${is.refused}`;
  if (NARROW.indexOf(route.reach) < narrowness(is)) return '403 narrowed_key';
  if (!scopesFor(route, route.scopes).some((scope) => is.scopes.includes(scope))) return '403 missing_scope';
  return names(route) !== undefined && is.of.startsWith('another') ? `404 ${names(route)}_not_found` : 'in';
}

/** Each type of message has a scope of its own, of those that the route declares. */
function scopesFor({ example }: DeclaredRoute, scopes: readonly string[]): readonly string[] {
  const type = example !== undefined && 'type' in example ? String(example.type) : '';
  const own = SCOPE_OF_MESSAGE[type];
  return own === undefined ? scopes : scopes.filter((scope) => scope === own);
}

function narrowness({ of }: Standing): number {
  if (of.endsWith('conversation')) return 2;
  return of.endsWith('agent') ? 1 : 0;
}

/** What the request names that belongs to somebody; undefined where it is about the caller's own, such as a list. */
function names({ path, query, example }: DeclaredRoute): string | undefined {
  if (path.includes('{conversation_id}')) return 'conversation';
  if (path.includes('{key_id}')) return 'api_key';
  const inBody = example !== undefined && 'agent_id' in example;
  return path.includes('{agent_id}') || query.includes('agent_id') || inBody ? 'agent' : undefined;
}

export type Ask = {
  readonly url: string;
  /** What the requests are about; asked for before each, since some of them take it away. */
  readonly fixtures: () => Promise<Place>;
  /** What there is besides. */
  readonly others: Pick<Fixtures, 'otherAgentId' | 'otherConversationId'>;
};

/** Sends every request of the matrix, one after the other. */
export async function runMatrix(routes: readonly DeclaredRoute[], callers: readonly CallerOfMatrix[], ask: Ask): Promise<Cell[]> {
  const cells: Cell[] = [];
  for (const route of routes) {
    for (const caller of callers) {
      const place = await ask.fixtures();
      const real = await send(ask.url, route, caller, place);
      let got = outcome(route, real);
      if (got.startsWith('404')) {
        const other = await send(ask.url, route, caller, { ...NOBODYS, message_id: place.message_id });
        if (other.text !== real.text || other.status !== real.status) got += `, and an unknown id ${other.status} ${other.text}`;
      }
      const ids = { ...place, ...ask.others };
      const named = Object.values(ids).filter((id) => real.text.includes(id));
      const foreign = foreignTo(caller, ids).filter((id) => named.includes(id));
      if (foreign.length > 0) got += `, and names ${foreign.join(' and ')}`;
      cells.push({ route, caller, got, named });
    }
  }
  return cells;
}

type Ids = Place & Ask['others'];

/** What no answer to this caller may name. Both conversations are of the one agent. */
function foreignTo({ is }: CallerOfMatrix, ids: Ids): readonly string[] {
  const { agent_id, conversation_id, key_id, otherAgentId, otherConversationId } = ids;
  const ofAgent = [conversation_id, otherConversationId];
  if ('refused' in is) return [agent_id, otherAgentId, key_id, ...ofAgent];
  const foreign: Readonly<Record<Standing['of'], readonly string[]>> = {
    workspace: [],
    'this agent': [otherAgentId, key_id],
    'another agent': [agent_id, key_id, ...ofAgent],
    'this conversation': [otherConversationId, otherAgentId, key_id],
    'another conversation': [conversation_id, otherAgentId, key_id],
    'another workspace': [agent_id, otherAgentId, key_id, ...ofAgent],
  };
  return foreign[is.of];
}

export type Place = Readonly<Record<'agent_id' | 'conversation_id' | 'key_id' | 'message_id', string>>;
type Sent = { readonly status: number; readonly text: string };

async function send(
  url: string,
  { method, path, query, example }: DeclaredRoute,
  { headers }: CallerOfMatrix,
  place: Place,
): Promise<Sent> {
  const at = path.replace(/\{(\w+)\}/g, (_, name: keyof Place) => place[name]);
  const search = query.includes('agent_id') ? `?agent_id=${place.agent_id}` : '';
  const body =
    example === undefined ? undefined : JSON.stringify('agent_id' in example ? { ...example, agent_id: place.agent_id } : example);
  const response = await fetch(`${url}${at}${search}`, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, text: (await response.text()).replace(/req_\w+/, 'req_') };
}

function outcome(route: DeclaredRoute, { status, text }: Sent): string {
  if (status >= 500) return `${status} ${text}`;
  const parsed = parseJson(text);
  const detail = parsed.ok && isObject(parsed.value) ? parsed.value.detail : undefined;
  const code = isObject(detail) ? detail.code : undefined;
  // Of a message, only its conversation is somebody's.
  const isRefused = status === 401 || (status === 403 && !ofRequest(route, code)) || code === `${names(route)}_not_found`;
  return isRefused ? `${status} ${code}` : 'in';
}

/** An open route may refuse where a request comes from, whoever sends it. */
const ofRequest = ({ scopes }: DeclaredRoute, code: unknown): boolean =>
  scopes === undefined && code !== 'missing_scope' && code !== 'narrowed_key';

/** One line for each cell that is not as `declare` says its route is. */
export function contradictions(cells: readonly Cell[], declare: (route: DeclaredRoute) => DeclaredRoute = (route) => route): string[] {
  return cells.flatMap(({ route, caller, got }) => {
    const wanted = expected(declare(route), caller);
    return got === wanted ? [] : [`${route.method} ${route.path} with ${caller.name}: ${got}, not ${wanted}`];
  });
}
