import { type OpenAiStub, type StubReply, type StubRequest, startOpenAiStub } from '@backchannel/server/testing';
import { ToldReply } from './told-reply.js';
import { until } from './until.js';

type Script = { readonly next: StubReply[]; otherwise: (request: StubRequest, index: number) => StubReply };

/** An OpenAI-compatible server that does what a test says: what `next` told, in the order of the requests, else `otherwise`. */
export class ScriptedModel {
  private constructor(
    private readonly stub: OpenAiStub,
    private readonly script: Script,
  ) {}

  /** `strict`: answers 400 unless the prompt is one leading system message, then user and assistant in turn. */
  static async start({ strict = false }: { readonly strict?: boolean } = {}): Promise<ScriptedModel> {
    const script: Script = { next: [], otherwise: (_request, index) => ({ tokens: ['Answer', ` ${index + 1}.`] }) };
    const stub = await startOpenAiStub({ strict, reply: (request, index) => script.next.shift() ?? script.otherwise(request, index) });
    return new ScriptedModel(stub, script);
  }

  /** Base URL, as `BACKCHANNEL_LLM_URL` takes it. */
  get url(): string {
    return this.stub.url;
  }

  /** What was asked, oldest first. */
  get requests(): readonly StubRequest[] {
    return this.stub.requests;
  }

  /** Requests that were given up before their end. */
  get hungUp(): number {
    return this.stub.hungUp;
  }

  next(...replies: readonly StubReply[]): void {
    this.script.next.push(...replies);
  }

  /** The next request is answered by hand. */
  nextByHand(): ToldReply {
    const told = new ToldReply();
    this.next({ told });
    return told;
  }

  otherwise(reply: Script['otherwise']): void {
    this.script.otherwise = reply;
  }

  /** Resolves with the request that came as number `count`, from 1. */
  asked(count: number): Promise<StubRequest> {
    return until(`${count} model calls`, () => this.requests[count - 1]);
  }

  close(): Promise<void> {
    return this.stub.close();
  }
}

/** A prompt as one text, a line for each message. */
export const promptText = (request: StubRequest | undefined): string =>
  (request?.messages ?? []).map(({ role, content }) => `${role}: ${content}`).join('\n');
