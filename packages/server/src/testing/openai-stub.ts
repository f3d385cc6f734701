import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { isObject, parseJson } from '@backchannel/protocol';

/** What the stub does with one request. Times in milliseconds of real time. */
export type StubReply = {
  /** Pieces of text, each a delta of its own. */
  readonly tokens?: readonly string[];
  /** Instead of `tokens`: pieces as they come, so that a test decides when. */
  readonly told?: AsyncIterable<string>;
  readonly firstTokenMs?: number;
  readonly tokensPerSecond?: number;
  /** Says nothing more after so many tokens and keeps the stream open. */
  readonly stallAfter?: number;
  /** Drops the connection after so many tokens. */
  readonly cutAfter?: number;
  /** Each call is sent in as many deltas as it has pieces of arguments. */
  readonly toolCalls?: readonly { readonly id: string; readonly name: string; readonly pieces: readonly string[] }[];
  /** An HTTP error instead of a stream. */
  readonly status?: number;
  readonly error?: Readonly<Record<string, unknown>>;
  /** Raw lines after the tokens, for what no server should send. */
  readonly raw?: readonly string[];
  /** The stream stays open behind its last token, as if the server had forgotten it. */
  readonly neverCloses?: boolean;
};

export type StubRequest = {
  readonly headers: IncomingHttpHeaders;
  readonly path: string;
  /** The whole body as sent. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
};

export type StubOptions = {
  /** 400 unless at most one system message, first, and then user and assistant in turn, a user's last. */
  readonly strict?: boolean;
  /** Parameters that this server refuses with 400, by name. */
  readonly refuses?: readonly string[];
  /** `index` counts requests from 0. */
  readonly reply?: (request: StubRequest, index: number) => StubReply;
};

export type OpenAiStub = {
  /** To be used as base URL; ends in `/v1`. */
  readonly url: string;
  readonly requests: StubRequest[];
  /** Requests whose client hung up before the end. */
  readonly hungUp: number;
  close(): Promise<void>;
};

/** A real HTTP server that speaks streaming chat completions by a script. */
export async function startOpenAiStub(options: StubOptions = {}): Promise<OpenAiStub> {
  const requests: StubRequest[] = [];
  let hungUp = 0;
  const server = createServer((incoming, response) => {
    response.on('close', () => {
      if (!response.writableFinished) hungUp += 1;
    });
    response.on('error', () => {}); // the client went away; nothing is left to tell it
    serve(incoming, response, options, requests).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // listening on TCP, so it is one
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    get hungUp() {
      return hungUp;
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

async function serve(incoming: IncomingMessage, response: ServerResponse, options: StubOptions, requests: StubRequest[]): Promise<void> {
  const request = await readRequest(incoming);
  requests.push(request);
  const refused = options.refuses?.find((name) => name in request.body);
  if (refused !== undefined) return fail(response, 400, { message: `Unrecognized request argument supplied: ${refused}`, param: refused });
  const problem = options.strict ? promptProblem(request.messages) : undefined;
  if (problem !== undefined) return fail(response, 400, { message: problem });
  const reply = options.reply?.(request, requests.length - 1) ?? { tokens: ['Hello', ' from', ' the', ' stub.'] };
  if (reply.status !== undefined) return fail(response, reply.status, reply.error ?? { message: 'As the script says.' });
  await stream(response, reply, request.body);
}

async function stream(response: ServerResponse, reply: StubReply, body: StubRequest['body']): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (fields: object): boolean =>
    response.write(`data: ${JSON.stringify({ id: 'stub', object: 'chat.completion.chunk', ...fields })}\n\n`);
  const delta = (content: object, finish_reason: string | null = null): boolean =>
    send({ choices: [{ index: 0, delta: content, finish_reason }] });
  delta({ role: 'assistant', content: '' });
  const tokens = reply.tokens ?? [];
  for (const [at, token] of tokens.entries()) {
    const ms = at === 0 ? reply.firstTokenMs : reply.tokensPerSecond && 1_000 / reply.tokensPerSecond;
    if (ms) await wait(ms);
    if (at === reply.stallAfter || response.destroyed) return;
    if (at === reply.cutAfter) {
      // What was said must have left before the line is cut.
      await new Promise<unknown>((sent) => response.write(': cut\n\n', sent));
      response.destroy();
      return;
    }
    delta({ content: token });
  }
  for await (const token of reply.told ?? []) {
    if (response.destroyed) return;
    delta({ content: token });
  }
  if (reply.stallAfter === tokens.length) return;
  for (const [index, { id, name, pieces }] of (reply.toolCalls ?? []).entries()) {
    delta({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] });
    for (const piece of pieces) delta({ tool_calls: [{ index, function: { arguments: piece } }] });
  }
  for (const line of reply.raw ?? []) response.write(`${line}\n\n`);
  delta({}, reply.toolCalls ? 'tool_calls' : 'stop');
  if (reply.neverCloses) return;
  if (isObject(body.stream_options) && body.stream_options.include_usage === true) {
    send({ choices: [], usage: { prompt_tokens: 11, completion_tokens: tokens.length, total_tokens: 11 + tokens.length } });
  }
  response.end('data: [DONE]\n\n');
}

/** Why a strict server would refuse the prompt; undefined when it would not. */
export function promptProblem(messages: StubRequest['messages']): string | undefined {
  const turns = messages[0]?.role === 'system' ? messages.slice(1) : messages;
  for (const [at, { role }] of turns.entries()) {
    const wanted = at % 2 === 0 ? 'user' : 'assistant';
    if (role !== wanted)
      return `Conversation roles must alternate user/assistant/user/assistant; message ${at} behind the system is ${role}.`;
  }
  return turns.at(-1)?.role === 'user' ? undefined : 'The last message must be the user’s.';
}

function fail(response: ServerResponse, status: number, error: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { type: 'invalid_request_error', ...error } }));
}

async function readRequest(incoming: IncomingMessage): Promise<StubRequest> {
  let text = '';
  incoming.setEncoding('utf8');
  for await (const chunk of incoming) text += chunk;
  const parsed = parseJson(text);
  const body = parsed.ok && isObject(parsed.value) ? parsed.value : {};
  const messages = Array.isArray(body.messages) ? body.messages : [];
  return { headers: incoming.headers, path: incoming.url ?? '', body, messages };
}
