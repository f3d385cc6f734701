import { type ConversationEvent, parseJson } from '@backchannel/protocol';

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  /** As parsed; a body that is no JSON as its text. */
  readonly body: unknown;
};

/** What the API answers about one message, as far as tests look at it. */
export type Message = {
  readonly message_id: string;
  readonly seq: number;
  readonly cursor: string;
  readonly status: string;
  readonly reason?: string;
  readonly agent_state: string;
  readonly user_state: string;
  readonly downgraded?: boolean;
  readonly reply?: { readonly text: string; readonly event_id: number; readonly complete: boolean };
};
export type Level = {
  readonly level: string;
  readonly seq: number;
  readonly event_id?: number;
  readonly complete?: boolean;
  readonly basis?: string;
};
export type Timeline = Message & { readonly timeline: readonly Level[] };
export type Sent = Message & { readonly http: number };

export type ListItem = { readonly conversation_id: string; readonly status: string; readonly termination_reason: string | null };

type Call = { readonly headers?: Readonly<Record<string, string>>; readonly signal?: AbortSignal };
type MessageBody = { readonly type: string; readonly text: string } & Readonly<Record<string, unknown>>;

/** What wants a different answer than it got says what it got. */
export class UnexpectedAnswer extends Error {
  constructor(what: string, { status, body }: Answer) {
    super(`${what} answered ${status}: ${JSON.stringify(body)}`);
  }
}

/** A backend's view of the server: requests as any HTTP client sends them. */
export class Api {
  constructor(
    /** Up to where the server's own paths begin, without a slash at its end. */
    readonly url: string,
    readonly key: string,
  ) {}

  /** `path` is behind `/v1/convai`. A `body` makes it JSON. */
  async call(method: string, path: string, body?: object, { headers = {}, signal }: Call = {}): Promise<Answer> {
    const response = await fetch(`${this.url}/v1/convai${path}`, {
      method,
      headers: { 'xi-api-key': this.key, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    const text = await response.text();
    const parsed = parseJson(text);
    return { status: response.status, headers: response.headers, body: parsed.ok ? parsed.value : text };
  }

  get(path: string): Promise<Answer> {
    return this.call('GET', path);
  }

  post(path: string, body: object, call?: Call): Promise<Answer> {
    return this.call('POST', path, body, call);
  }

  /** The body of an answer that must be a good one. */
  async ask<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await this.call(method, path, body);
    if (answer.status >= 300) throw new UnexpectedAnswer(`${method} ${path}`, answer);
    // The shape is what the caller expects; a test that reads what is not there fails by itself.
    return answer.body as T;
  }

  /** The agent's id. */
  async createAgent(body: object): Promise<string> {
    return (await this.ask<{ agent_id: string }>('POST', '/agents/create', body)).agent_id;
  }

  /** A conversation without a client. */
  async open(agentId: string, more: object = {}): Promise<string> {
    return (await this.ask<{ conversation_id: string }>('POST', '/conversations', { agent_id: agentId, ...more })).conversation_id;
  }

  /** A signed URL; `query` as the endpoint takes it. */
  async mint(agentId: string, query: Readonly<Record<string, string>> = {}): Promise<{ signedUrl: string; conversationId: string }> {
    const search = new URLSearchParams({ agent_id: agentId, ...query });
    const body = await this.ask<{ signed_url: string; conversation_id?: string }>('GET', `/conversation/get-signed-url?${search}`);
    return { signedUrl: body.signed_url, conversationId: body.conversation_id ?? '' };
  }

  /** A message that must be accepted. */
  async send(conversationId: string, message: MessageBody, call?: Call): Promise<Sent> {
    const answer = await this.post(`/conversations/${conversationId}/messages`, message, call);
    if (answer.status !== 202 && answer.status !== 200) throw new UnexpectedAnswer(message.type, answer);
    return { http: answer.status, ...(answer.body as Message) }; // the answer of this route, as the contract says
  }

  message(conversationId: string, messageId: string): Promise<Timeline> {
    return this.ask('GET', `/conversations/${conversationId}/messages/${messageId}`);
  }

  conversation<T>(conversationId: string): Promise<T> {
    return this.ask('GET', `/conversations/${conversationId}`);
  }

  end(conversationId: string, body: object = {}): Promise<Answer> {
    return this.post(`/conversations/${conversationId}/end`, body);
  }

  /** The whole log, page by page. */
  async events(conversationId: string): Promise<ConversationEvent[]> {
    type Page = { events: ConversationEvent[]; cursor: string; has_more: boolean };
    const events: ConversationEvent[] = [];
    for (let after = ''; ; ) {
      const page = await this.ask<Page>('GET', `/conversations/${conversationId}/events?limit=1000${after}`);
      events.push(...page.events);
      if (!page.has_more) return events;
      after = `&after=${page.cursor}`;
    }
  }

  /** Every conversation that fits the filter, page by page. */
  async list(query: Readonly<Record<string, string>> = {}): Promise<ListItem[]> {
    type Page = { conversations: ListItem[]; next_cursor: string | null };
    const all: ListItem[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const search: string = new URLSearchParams({ page_size: '100', ...query, ...(cursor === '' ? {} : { cursor }) }).toString();
      const page: Page = await this.ask('GET', `/conversations?${search}`);
      all.push(...page.conversations);
      cursor = page.next_cursor;
    }
    return all;
  }

  async liveCount(): Promise<number> {
    return (await this.ask<{ count: number }>('GET', '/analytics/live-count')).count;
  }
}
