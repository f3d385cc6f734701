import OpenAI from 'openai';
import type { Stream } from 'openai/streaming';
import type { Log } from '../../lib/log.js';
import type { LanguageModel, ModelPart, ModelRequest } from '../language-model.js';
import { asModelError, isRefusal, parameterRefused } from './endpoint-error.js';
import { partsOf } from './stream-parts.js';

export type OpenAiOptions = {
  /** Of an OpenAI-compatible endpoint, as it stands before `/chat/completions`. */
  readonly url: string;
  /** Empty: no Authorization header is sent, as local servers like it. */
  readonly key: string;
  readonly model: string;
  /** Reads the JSON of a tool call's arguments; undefined when it is none. */
  readonly decode: (text: string) => unknown;
  readonly log: Log;
};

type Chunks = Stream<OpenAI.Chat.Completions.ChatCompletionChunk>;
type Body = OpenAI.Chat.Completions.ChatCompletionCreateParamsStreaming;
/** What a server may refuse and we can do without, for example a temperature that its model does not have. */
const DISPENSABLE = ['stream_options', 'temperature', 'max_tokens', 'tools'] as const;
type Dispensable = (typeof DISPENSABLE)[number];

/** The SDK would tell every endpoint about this machine; nobody needs to know. */
const UNSENT = ['Lang', 'Package-Version', 'OS', 'Arch', 'Runtime', 'Runtime-Version', 'Retry-Count', 'Timeout'];

/** Streaming chat completions of any compatible endpoint: a cloud, vLLM, llama.cpp, Ollama. */
export class OpenAiLanguageModel implements LanguageModel {
  readonly name: string;
  private readonly client: OpenAI;
  /** Parameters that this endpoint has refused. */
  private readonly without = new Set<Dispensable>();
  /** It has taken `stream_options` before. */
  private tellsUsage = false;

  constructor(private readonly options: OpenAiOptions) {
    this.name = options.model;
    this.client = new OpenAI({
      baseURL: options.url,
      // The SDK insists on one, and would take another from the environment.
      apiKey: options.key === '' ? 'none' : options.key,
      organization: null,
      project: null,
      defaultHeaders: {
        ...Object.fromEntries(UNSENT.map((name) => [`X-Stainless-${name}`, null])),
        ...(options.key === '' ? { Authorization: null } : {}),
      },
      // A kept-alive connection may die under the first request; more would only use up the deadline for the first token.
      maxRetries: 1,
      logLevel: 'off',
    });
  }

  async *stream(request: ModelRequest): AsyncGenerator<ModelPart> {
    let chunks: Chunks | undefined;
    try {
      chunks = await this.open(request);
      yield* partsOf(chunks, this.options.decode);
    } catch (error) {
      if (!request.signal.aborted) throw asModelError(error, this.options.key);
    } finally {
      // The server may keep a stream open that is over for us.
      chunks?.controller.abort();
    }
  }

  /** Asks until the endpoint takes the request, or refuses it for a reason that we cannot do anything about. */
  private async open(request: ModelRequest): Promise<Chunks> {
    const tried = new Set(this.without);
    for (;;) {
      const body = this.body(request, tried);
      try {
        const chunks = await this.client.chat.completions.create(body, { signal: request.signal });
        this.remember(tried);
        this.tellsUsage ||= body.stream_options !== undefined;
        return chunks;
      } catch (error) {
        const refused = this.dispensableIn(error, body);
        if (refused === undefined) throw error;
        tried.add(refused);
      }
    }
  }

  private dispensableIn(error: unknown, body: Body): Dispensable | undefined {
    if (!isRefusal(error)) return undefined;
    const sent = DISPENSABLE.filter((name) => name in body);
    const [newest] = sent;
    // Servers that only say "unknown field" mean the newest one, unless they have taken it before.
    return parameterRefused(error, sent) ?? (newest === 'stream_options' && !this.tellsUsage ? newest : undefined);
  }

  private remember(tried: ReadonlySet<Dispensable>): void {
    for (const name of tried) {
      if (this.without.has(name)) continue;
      this.without.add(name);
      this.options.log.warn({ model: this.name, parameter: name }, 'The model endpoint refuses a parameter; it is left out from now on.');
    }
  }

  private body(request: ModelRequest, without: ReadonlySet<Dispensable>): Body {
    const { messages, tools, temperature, maxTokens } = request;
    const body: Body = { model: this.name, messages: messages.map(({ role, content }) => ({ role, content })), stream: true };
    if (!without.has('stream_options')) body.stream_options = { include_usage: true };
    if (temperature !== undefined && !without.has('temperature')) body.temperature = temperature;
    if (maxTokens !== undefined && !without.has('max_tokens')) body.max_tokens = maxTokens;
    if (tools.length > 0 && !without.has('tools')) {
      body.tools = tools.map(({ name, description, parameters }) => ({ type: 'function', function: { name, description, parameters } }));
    }
    return body;
  }
}
