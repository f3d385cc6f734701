import type { ChatCompletionChunk as Chunk } from 'openai/resources/chat/completions';
import type { ModelPart } from '../language-model.js';
import { ModelError } from '../model-error.js';

type CallDelta = Chunk.Choice.Delta.ToolCall;
type Call = { id: string; name: string; arguments: string };

/** How long the usage, which comes behind the last word, is waited for. */
const USAGE_WAIT_MS = 1_000;

/**
 * Chunks of a streamed completion as parts: text as it comes, tool calls once they are whole, usage if it is
 * told. Ends with the reply, even where the server forgets to close the stream.
 */
export async function* partsOf(chunks: AsyncIterable<Chunk>, decode: (text: string) => unknown): AsyncGenerator<ModelPart> {
  const calls = new Map<number, Call>();
  const iterator = chunks[Symbol.asyncIterator]();
  let finished = false;
  for (;;) {
    const next: IteratorResult<Chunk> | undefined = await (finished ? atMost(USAGE_WAIT_MS, iterator.next()) : iterator.next());
    if (next === undefined || next.done) break;
    const { choices, usage }: Chunk = next.value;
    const choice: Chunk.Choice | undefined = choices?.[0];
    // A refusal is what the model says, in another field.
    const text = choice?.delta?.content || choice?.delta?.refusal;
    if (text) yield { type: 'text', text };
    for (const delta of choice?.delta?.tool_calls ?? []) collect(calls, delta);
    finished ||= Boolean(choice?.finish_reason);
    if (usage) yield { type: 'usage', input_tokens: usage.prompt_tokens, output_tokens: usage.completion_tokens };
    if (finished && usage) break;
  }
  for (const call of calls.values()) yield whole(call, decode);
}

/** Some servers repeat id and name in each delta, some send no index. */
function collect(calls: Map<number, Call>, { index = 0, id, function: piece }: CallDelta): void {
  const call = calls.get(index) ?? { id: '', name: '', arguments: '' };
  if (id) call.id = id;
  if (piece?.name) call.name = piece.name;
  call.arguments += piece?.arguments ?? '';
  calls.set(index, call);
}

function whole({ id, name, arguments: text }: Call, decode: (text: string) => unknown): ModelPart {
  const value = text.trim() === '' ? {} : decode(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ModelError(`The arguments of ${name} are no JSON object.`);
  return { type: 'tool_call', id, name, arguments: value as Readonly<Record<string, unknown>> }; // a JSON object, just seen
}

async function atMost<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
