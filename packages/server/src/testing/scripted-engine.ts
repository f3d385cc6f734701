import type { EngineCommand, TurnId } from '@backchannel/protocol';
import type { Engine, EngineHost, EngineInput, EngineSession } from '../conversation/engine.js';

type Report<T extends EngineCommand['type']> = Omit<Extract<EngineCommand, { type: T }>, 'type' | 'turn_id'>;

/** An engine that says what a test tells it to, for the reply that it was asked for last. */
export class ScriptedEngine implements Engine {
  readonly can = { turns: 'conversation', verbatim: true, instruct: true, context: true, interrupt: true } as const;
  /** What it was told, in order; how often it was started and closed. */
  readonly inputs: EngineInput[] = [];
  starts = 0;
  readonly closes: string[] = [];
  /** Called with every input, before `handle` returns: an engine that answers at once. */
  onInput: (input: EngineInput) => void = () => {};
  private host: EngineHost | undefined;
  private turn: TurnId = 'turn_none';

  start(host: EngineHost): EngineSession {
    this.host = host;
    this.starts += 1;
    return {
      handle: (input) => {
        this.inputs.push(input);
        if (input.type === 'reply') this.turn = input.turn;
        this.onInput(input);
      },
      close: async (reason) => {
        this.closes.push(reason);
      },
    };
  }

  delta(text: string, turn = this.turn): void {
    this.host?.dispatch({ type: 'reply.delta', turn_id: turn, text });
  }

  done(more: Partial<Report<'reply.done'>> = {}, turn = this.turn): void {
    this.host?.dispatch({ type: 'reply.done', turn_id: turn, ...more });
  }

  failed(reason: Report<'reply.failed'>['reason'] = 'model_error', turn = this.turn): void {
    this.host?.dispatch({ type: 'reply.failed', turn_id: turn, reason });
  }

  /** The turns it was asked to reply in, and was told to stop. */
  turnsOf(type: 'reply' | 'abort'): TurnId[] {
    return this.inputs.flatMap((input) => (input.type === type ? input.turn : []));
  }
}
