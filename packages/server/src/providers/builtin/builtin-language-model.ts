import { setImmediate, setTimeout } from 'node:timers/promises';
import type { LanguageModel, ModelPart, ModelRequest } from '../language-model.js';
import { answer } from './answer.js';
import type { BrainBook } from './brain-book.js';

/** Waits so many milliseconds; 0 is a turn of the event loop. Rejects when the signal aborts. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

const pauseInReality: Pause = (ms, signal) => (ms > 0 ? setTimeout(ms, undefined, { signal }) : setImmediate(undefined, { signal }));

/** The brain that needs no key: rules from a file, and what the conversation has told it. Not a language model, and says so. */
export class BuiltinLanguageModel implements LanguageModel {
  readonly name = 'builtin';

  constructor(
    private readonly book: BrainBook,
    private readonly pause: Pause = pauseInReality,
  ) {}

  async *stream(request: ModelRequest): AsyncGenerator<ModelPart> {
    const parts = answer(this.book, request);
    try {
      for (const [at, part] of parts.entries()) {
        const text = at === 0 ? part.text : ` ${part.text}`;
        for (const word of text.match(/\s*\S+/g) ?? []) {
          await this.pause(part.pace, request.signal);
          yield { type: 'text', text: word };
        }
      }
    } catch (error) {
      if (request.signal.aborted) return;
      throw error;
    }
    if (parts.some(({ hangUp }) => hangUp)) {
      yield { type: 'tool_call', id: '', name: 'end_call', arguments: { reason: 'The user asked to end the conversation.' } };
    }
  }
}
