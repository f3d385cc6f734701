import type { TurnId } from '@backchannel/protocol';
import type { EngineHost, EngineInput, EngineSession } from '../../conversation/engine.js';
import type { ConversationRecord } from '../../conversation/record.js';
import type { LanguageModel } from '../../providers/language-model.js';
import type { AgentSetup } from './agent-prompt.js';
import { END_CALL } from './end-call.js';
import { failureFields } from './failure.js';
import { readPast } from './past.js';
import { buildPrompt } from './prompt.js';
import { Reply, type ReplyLimits } from './reply.js';
import { Window, type WindowLimits } from './window.js';

export type NativeLimits = WindowLimits & ReplyLimits;

type Ordered = Exclude<EngineInput, { type: 'abort' }>;

export type SessionParts = {
  readonly setup: AgentSetup;
  readonly model: LanguageModel;
  readonly limits: NativeLimits;
  readonly loose: boolean;
};

/**
 * The native engine in one conversation: keeps the window of what a model is shown, and runs one reply at a
 * time. It is made at the first turn, so it reads its past first; what comes in meanwhile waits behind it.
 */
export class NativeSession implements EngineSession {
  private window: Window | undefined;
  /** Inputs that wait for the past; undefined when nothing is being read. */
  private waiting: Ordered[] | undefined;
  private reply: { readonly turn: TurnId; readonly reply: Reply } | undefined;
  /** Turns that ended before their reply was asked for. */
  private readonly aborted = new Set<TurnId>();
  private closed = false;

  constructor(
    private readonly host: EngineHost,
    private readonly record: ConversationRecord,
    private readonly parts: SessionParts,
  ) {
    void this.load();
  }

  handle(input: EngineInput): void {
    if (this.closed) return;
    if (input.type === 'abort') {
      this.abortTurn(input.turn);
      return;
    }
    // Reading the past has failed before; events that nobody keeps will stand in it when it is read again.
    if (this.window === undefined && this.waiting === undefined && input.type === 'reply') void this.load();
    if (this.waiting !== undefined) this.waiting.push(input);
    else if (this.window !== undefined) this.act(this.window, input);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.waiting = undefined;
    this.abort();
  }

  private act(window: Window, input: Ordered): void {
    if (input.type === 'event') window.fold(input.event);
    else if (!this.aborted.delete(input.turn)) this.answer(window, input.turn, input.instructions);
  }

  /** An abort goes around the gate, so it may come before its reply does. */
  private abortTurn(turn: TurnId): void {
    if (this.reply?.turn === turn) this.abort();
    else this.aborted.add(turn);
  }

  private answer(window: Window, turn: TurnId, instructions: readonly string[]): void {
    this.abort();
    this.aborted.clear();
    const { setup, model, limits, loose } = this.parts;
    const view = window.view();
    const request = buildPrompt({
      prompt: setup.prompt,
      view,
      instructions,
      tools: setup.endCall ? [END_CALL] : [],
      temperature: setup.temperature,
      ...(setup.maxTokens === undefined ? {} : { maxTokens: setup.maxTokens }),
      loose,
    });
    const reply = new Reply(this.host, { turn, model, request, leftOut: view.leftOut }, limits);
    this.reply = { turn, reply };
    void reply.run().then(() => {
      // A long conversation must not keep its last prompt until the next one.
      if (this.reply?.reply === reply) this.reply = undefined;
    });
  }

  private abort(): void {
    this.reply?.reply.abort();
    this.reply = undefined;
  }

  /** Never rejects. */
  private async load(): Promise<void> {
    this.waiting = [];
    const window = await this.readWindow();
    if (this.closed) return;
    const waiting = this.waiting ?? [];
    this.waiting = undefined;
    this.window = window;
    for (const input of waiting) if (input.type === 'event' && input.event.type === 'turn.ended') this.aborted.add(input.event.turn_id);
    for (const input of waiting) {
      if (window !== undefined) this.act(window, input);
      else if (input.type === 'reply' && !this.aborted.delete(input.turn))
        this.host.dispatch({ type: 'reply.failed', turn_id: input.turn, reason: 'model_error' });
    }
  }

  private async readWindow(): Promise<Window | undefined> {
    const window = new Window(this.parts.limits);
    try {
      const past = await readPast(this.host, this.parts.limits.windowBytes);
      window.seed(Object.values(this.record.contexts));
      // What was committed while the past was read stands in it too; it is taken in its own time, after the replies before it.
      const next = this.waiting?.find((input) => input.type === 'event');
      for (const event of past) if (next === undefined || event.seq < next.event.seq) window.fold(event);
      return window;
    } catch (error) {
      this.host.log.warn(
        { conversation_id: this.record.conversationId, ...failureFields(error) },
        'The past of a conversation cannot be read.',
      );
      return undefined;
    }
  }
}
