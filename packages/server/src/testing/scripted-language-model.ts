import type { LanguageModel, ModelPart, ModelRequest } from '../providers/language-model.js';

/**
 * What a scripted model does next: give a part, throw, wait until the test calls `release()`, or stall until it
 * is aborted.
 */
export type ScriptStep =
  | ModelPart
  | { readonly type: 'throw'; readonly error: Error }
  | { readonly type: 'wait' }
  | { readonly type: 'stall' };

export const text = (...pieces: readonly string[]): ScriptStep[] => pieces.map((piece) => ({ type: 'text', text: piece }));

export const toolCall = (name: string, args: Readonly<Record<string, unknown>>, id = 'call_scripted'): ScriptStep => ({
  type: 'tool_call',
  id,
  name,
  arguments: args,
});

/** A language model that plays one script a call, in the order they were given, and keeps every request. */
export class ScriptedLanguageModel implements LanguageModel {
  readonly requests: ModelRequest[] = [];
  private readonly scripts: (readonly ScriptStep[])[] = [];
  private readonly held: (() => void)[] = [];

  constructor(readonly name = 'scripted') {}

  /** The script of the next call that has none yet. */
  next(...steps: readonly (ScriptStep | readonly ScriptStep[])[]): this {
    this.scripts.push(steps.flat());
    return this;
  }

  /** Lets every call that waits go on. */
  release(): void {
    for (const go of this.held.splice(0)) go();
  }

  /** How many calls wait for `release()`. */
  get waiting(): number {
    return this.held.length;
  }

  async *stream(request: ModelRequest): AsyncGenerator<ModelPart> {
    const script = this.scripts[this.requests.push(request) - 1];
    if (script === undefined) throw new Error(`The test gave no script for call ${this.requests.length}.`);
    for (const step of script) {
      if (request.signal.aborted) return;
      if (step.type === 'throw') throw step.error;
      else if (step.type === 'stall') await aborted(request.signal);
      else if (step.type === 'wait') await Promise.race([new Promise<void>((go) => this.held.push(go)), aborted(request.signal)]);
      else yield step;
    }
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
