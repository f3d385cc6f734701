import type { ReplyFacts, TurnId } from '@backchannel/protocol';
import type { EngineHost } from '../../conversation/engine.js';
import type { LanguageModel, ModelPart, ModelRequest } from '../../providers/language-model.js';
import { ModelError } from '../../providers/model-error.js';
import { Deadline } from './deadline.js';
import { END_CALL, type EndCall, readEndCall } from './end-call.js';
import { failureFields } from './failure.js';
import { Pieces } from './pieces.js';

export type ReplyLimits = {
  /** Milliseconds until the first text, and from one piece to the next. */
  readonly firstTokenMs: number;
  readonly betweenTokensMs: number;
};

export type ReplyOrder = {
  readonly turn: TurnId;
  readonly model: LanguageModel;
  readonly request: Omit<ModelRequest, 'signal'>;
  readonly leftOut: number;
};

/**
 * One reply: streams the model into the conversation and reports its end exactly once. After an abort or a
 * report nothing more is said, however long the model goes on.
 */
export class Reply {
  private readonly stop = new AbortController();
  private readonly pieces = new Pieces();
  private readonly deadline: Deadline;
  private readonly startedAt: number;
  private over = false;
  private said = false;
  private firstTokenMs: number | undefined;
  private usage: ReplyFacts['usage'];
  private endCall: EndCall | undefined;

  constructor(
    private readonly host: EngineHost,
    private readonly order: ReplyOrder,
    private readonly limits: ReplyLimits,
  ) {
    this.startedAt = host.clock.mono();
    this.deadline = new Deadline(host.clock, () => this.fail('model_timeout'));
  }

  /** Resolves when the model has stopped; never rejects. */
  async run(): Promise<void> {
    const { model, request } = this.order;
    this.deadline.set(this.limits.firstTokenMs);
    try {
      for await (const part of model.stream({ ...request, signal: this.stop.signal })) {
        if (this.over) return;
        this.take(part);
      }
      if (!this.over) this.finish();
    } catch (error) {
      if (!this.over) this.fail('model_error', error);
    }
  }

  /** Nothing is reported any more, and the model is told to stop. */
  abort(): void {
    this.over = true;
    this.deadline.clear();
    this.stop.abort();
  }

  private take(part: ModelPart): void {
    switch (part.type) {
      case 'text':
        this.say(this.pieces.take(part.text));
        break;
      case 'tool_call':
        this.deadline.set(this.limits.betweenTokensMs);
        if (part.name === END_CALL.name) this.endCall ??= readEndCall(part, this.order.turn.replace(/^turn_/, 'call_'));
        else this.host.log.warn({ turn_id: this.order.turn, tool_name: part.name }, 'The model called a tool that it was not offered.');
        break;
      case 'usage':
        this.usage = { input_tokens: part.input_tokens, output_tokens: part.output_tokens };
        break;
    }
  }

  private say(text: string): void {
    // A piece without text is a sign of life of the connection, not of an answer: the deadline stays.
    if (text === '') return;
    this.said = true;
    this.firstTokenMs ??= Math.round(this.host.clock.mono() - this.startedAt);
    this.deadline.set(this.limits.betweenTokensMs);
    this.host.dispatch({ type: 'reply.delta', turn_id: this.order.turn, text });
  }

  private finish(): void {
    this.say(this.pieces.rest());
    // The last piece may have been one too many for the conversation.
    if (this.over) return;
    if (!this.said && this.endCall === undefined) {
      this.fail('model_error', new ModelError('The model answered without a text.', { code: 'no_text' }));
      return;
    }
    this.abort();
    this.host.dispatch({
      type: 'reply.done',
      turn_id: this.order.turn,
      ...(this.endCall === undefined ? {} : { end_call: this.endCall }),
      ...this.facts(),
    });
  }

  private fail(reason: 'model_timeout' | 'model_error', error?: unknown): void {
    this.abort();
    const { turn, model } = this.order;
    this.host.log.warn({ turn_id: turn, model: model.name, reason, ...failureFields(error) }, 'The language model failed.');
    if (error instanceof Error)
      this.host.log.debug({ turn_id: turn, error: error.message.slice(0, 1_000) }, 'What the language model said about it.');
    this.host.dispatch({ type: 'reply.failed', turn_id: turn, reason, ...this.facts() });
  }

  private facts(): ReplyFacts {
    return {
      model: this.order.model.name,
      ...(this.order.leftOut === 0 ? {} : { left_out: this.order.leftOut }),
      ...(this.usage === undefined ? {} : { usage: this.usage }),
      ...(this.firstTokenMs === undefined ? {} : { first_token_ms: this.firstTokenMs }),
    };
  }
}
