import type { LogEvent, SentMessage } from './history.js';

const REQUEST_AT_MOST_MS = 15_000;
const BASE = '/v1/convai';

/** What came of one request: an answer, or nobody knows. */
export type Reply = { readonly status: number; readonly body: Readonly<Record<string, unknown>>; readonly replayed: boolean };

/** A backend that uses the server's API with one key. Requests reject when no whole answer came. */
export class Backend {
  constructor(
    private readonly url: string,
    private readonly apiKey: string,
    private readonly agentId: string,
  ) {}

  /** A signed URL: of a new conversation, or of one that is to be joined again. */
  mint(conversation?: string): Promise<Reply> {
    const named = conversation === undefined ? 'include_conversation_id=true' : `conversation_id=${conversation}&join=resume`;
    return this.#ask('GET', `/conversation/get-signed-url?agent_id=${this.agentId}&${named}`);
  }

  send(conversation: string, key: string, message: SentMessage): Promise<Reply> {
    return this.#ask('POST', `/conversations/${conversation}/messages`, { key, body: message });
  }

  /** A page of the log behind `cursor`. */
  async events(conversation: string, cursor: string | undefined): Promise<{ events: LogEvent[]; cursor: string; more: boolean }> {
    const after = cursor === undefined ? '' : `&after=${cursor}`;
    const { status, body } = await this.#ask('GET', `/conversations/${conversation}/events?limit=1000${after}`);
    if (status !== 200 || body.recovered === false)
      throw new Error(`The log of ${conversation} cannot be read: ${status} ${JSON.stringify(body)}`);
    // What the events are is for the checker to judge.
    return { events: body.events as LogEvent[], cursor: String(body.cursor), more: body.has_more === true };
  }

  async #ask(method: string, path: string, sent?: { readonly key: string; readonly body: SentMessage }): Promise<Reply> {
    const response = await fetch(`${this.url}${BASE}${path}`, {
      method,
      headers: {
        'xi-api-key': this.apiKey,
        ...(sent === undefined ? {} : { 'idempotency-key': sent.key, 'content-type': 'application/json' }),
      },
      ...(sent === undefined ? {} : { body: JSON.stringify(sent.body) }),
      signal: AbortSignal.timeout(REQUEST_AT_MOST_MS),
    });
    const body = (await response.json()) as Reply['body'];
    return { status: response.status, body, replayed: response.headers.get('idempotent-replayed') === 'true' };
  }
}

/** The code of an error, as the contract shapes it; validation problems have none. */
export function codeOf({ body }: Reply): string {
  const { detail } = body;
  return typeof detail === 'object' && detail !== null && 'code' in detail ? String(detail.code) : 'invalid';
}
