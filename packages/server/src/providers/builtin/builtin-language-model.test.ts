import { expect, it } from 'vitest';
import type { ModelPart, ModelRequest } from '../language-model.js';
import { BuiltinLanguageModel } from './builtin-language-model.js';
import { loadBrain } from './load-brain.js';

const BOOK = loadBrain();
const request = (content: string, more: Partial<ModelRequest> = {}): ModelRequest => ({
  messages: [{ role: 'user', content }],
  prompt: '',
  contexts: [],
  instructions: [],
  tools: [],
  signal: new AbortController().signal,
  ...more,
});

async function collect(model: BuiltinLanguageModel, asked: ModelRequest): Promise<ModelPart[]> {
  const parts: ModelPart[] = [];
  for await (const part of model.stream(asked)) parts.push(part);
  return parts;
}
const text = (parts: readonly ModelPart[]): string => parts.map((part) => (part.type === 'text' ? part.text : '')).join('');

it('[TN58] streams word by word, and gives the event loop a turn between two words', async () => {
  const model = new BuiltinLanguageModel(BOOK);
  let turns = 0;
  const counting = setInterval(() => turns++, 0);
  const parts = await collect(model, request('my name is Ada\nHello'));
  clearInterval(counting);
  expect(model.name).toBe('builtin');
  expect(text(parts)).toBe('Nice to meet you, Ada. Hello! What can I do for you?');
  expect(parts.slice(0, 2)).toEqual([
    { type: 'text', text: 'Nice' },
    { type: 'text', text: ' to' },
  ]);
  expect(parts).toHaveLength(12);
});

it('[TN58] tells a long story at a pace that can be seen, and stops in the middle when it is aborted', async () => {
  const pauses: number[] = [];
  const stop = new AbortController();
  const model = new BuiltinLanguageModel(BOOK, async (ms, signal) => {
    pauses.push(ms);
    if (pauses.length === 150) stop.abort();
    signal.throwIfAborted();
  });
  const parts = await collect(model, request('Tell me a long story', { signal: stop.signal }));
  expect(parts).toHaveLength(149);
  expect(new Set(pauses)).toEqual(new Set([30]));
});

it('[TN56] calls end_call behind its last word', async () => {
  const tools = [{ name: 'end_call', description: '', parameters: {} }];
  const parts = await collect(new BuiltinLanguageModel(BOOK), request('hang up', { tools }));
  expect(text(parts)).toBe('Goodbye! I am hanging up now.');
  expect(parts.at(-1)).toMatchObject({ type: 'tool_call', name: 'end_call', arguments: { reason: expect.any(String) } });
});
