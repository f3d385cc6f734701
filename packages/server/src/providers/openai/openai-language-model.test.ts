import { parseJson } from '@backchannel/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../lib/log.js';
import { type OpenAiStub, type StubOptions, type StubReply, startOpenAiStub } from '../../testing/openai-stub.js';
import type { ModelPart, ModelRequest } from '../language-model.js';
import { ModelError } from '../model-error.js';
import { OpenAiLanguageModel } from './openai-language-model.js';

const decode = (text: string): unknown => {
  const parsed = parseJson(text);
  return parsed.ok ? parsed.value : undefined;
};
const TOOL = { name: 'end_call', description: 'Ends it.', parameters: { type: 'object' } };
const request = (more: Partial<ModelRequest> = {}): ModelRequest => ({
  messages: [
    { role: 'system', content: 'You help.' },
    { role: 'user', content: 'Hi' },
  ],
  prompt: 'You help.',
  contexts: [],
  instructions: [],
  tools: [],
  signal: new AbortController().signal,
  ...more,
});

const open: OpenAiStub[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((stub) => stub.close()));
});

async function serve(options: StubOptions | StubReply, key = 'sk-test') {
  const stub = await startOpenAiStub(
    'reply' in options || 'refuses' in options ? (options as StubOptions) : { reply: () => options as StubReply },
  );
  open.push(stub);
  const warnings: object[] = [];
  const log = { ...silentLog, warn: (fields: object) => warnings.push(fields) };
  return { stub, warnings, model: new OpenAiLanguageModel({ url: stub.url, key, model: 'm-1', decode, log }) };
}
async function collect(model: OpenAiLanguageModel, more?: Partial<ModelRequest>, parts: ModelPart[] = []): Promise<ModelPart[]> {
  for await (const part of model.stream(request(more))) parts.push(part);
  return parts;
}
const failure = async (model: OpenAiLanguageModel): Promise<unknown> =>
  collect(model).then(
    () => undefined,
    (error: unknown) => error,
  );

describe('OpenAiLanguageModel', () => {
  it('[TN40] streams text as it comes, then the usage', async () => {
    const { stub, model } = await serve({ tokens: ['Hel', 'lo.'] });
    expect(await collect(model, { temperature: 0.5, maxTokens: 9 })).toEqual([
      { type: 'text', text: 'Hel' },
      { type: 'text', text: 'lo.' },
      { type: 'usage', input_tokens: 11, output_tokens: 2 },
    ]);
    expect(model.name).toBe('m-1');
    expect(stub.requests[0]?.path).toBe('/v1/chat/completions');
    expect(stub.requests[0]?.body).toEqual({
      model: 'm-1',
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0.5,
      max_tokens: 9,
      messages: [
        { role: 'system', content: 'You help.' },
        { role: 'user', content: 'Hi' },
      ],
    });
  });

  it('[TN41] sends the key it was given, none where there is none, and nothing about this machine', async () => {
    const { stub, model } = await serve({ tokens: ['a'] });
    await collect(model);
    expect(stub.requests[0]?.headers.authorization).toBe('Bearer sk-test');
    const keyless = await serve({ tokens: ['a'] }, '');
    await collect(keyless.model);
    expect(keyless.stub.requests[0]?.headers).not.toHaveProperty('authorization');
    expect(Object.keys(keyless.stub.requests[0]?.headers ?? {}).filter((name) => /stainless|organization|project/.test(name))).toEqual([]);
  });

  it('[TN42] puts tool calls together from their pieces', async () => {
    const { stub, model } = await serve({
      tokens: ['Bye.'],
      toolCalls: [
        { id: 'call_1', name: 'end_call', pieces: ['{"reason":', '"done"', '}'] },
        { id: 'call_2', name: 'other', pieces: [] },
      ],
    });
    const parts = await collect(model, { tools: [TOOL] });
    expect(parts.filter(({ type }) => type === 'tool_call')).toEqual([
      { type: 'tool_call', id: 'call_1', name: 'end_call', arguments: { reason: 'done' } },
      { type: 'tool_call', id: 'call_2', name: 'other', arguments: {} },
    ]);
    expect(stub.requests[0]?.body.tools).toEqual([{ type: 'function', function: TOOL }]);
  });

  it('[TN42] fails on arguments that are no JSON object', async () => {
    const { model } = await serve({ toolCalls: [{ id: 'c', name: 'end_call', pieces: ['{"reason":'] }] });
    expect(await failure(model)).toBeInstanceOf(ModelError);
  });

  it('[TN43] does without what the endpoint refuses, and remembers it', async () => {
    const { stub, model, warnings } = await serve({ refuses: ['temperature', 'stream_options'] });
    expect(await collect(model, { temperature: 0 })).toHaveLength(4);
    expect(await collect(model, { temperature: 0 })).toHaveLength(4);
    expect(stub.requests.map(({ body }) => ['stream_options' in body, 'temperature' in body])).toEqual([
      [true, true],
      [true, false],
      [false, false],
      [false, false],
    ]);
    expect(warnings).toEqual([
      { model: 'm-1', parameter: 'temperature' },
      { model: 'm-1', parameter: 'stream_options' },
    ]);
  });

  it('[TN43] suspects the usage option of an unexplained refusal, once', async () => {
    const refusals = [400, 400, undefined, 400];
    const { stub, model } = await serve({
      reply: (_, index) => {
        const status = refusals[index];
        return status === undefined ? { tokens: ['ok'] } : { status, error: { message: 'Unknown field.' } };
      },
    });
    expect(await failure(model)).toMatchObject({ name: 'ModelError', status: 400 });
    expect(await collect(model)).toContainEqual({ type: 'text', text: 'ok' });
    expect(await failure(model)).toMatchObject({ status: 400 });
    expect(stub.requests.map(({ body }) => 'stream_options' in body)).toEqual([true, false, true, true]);
  });

  it('[TN44] tells status and code of what went wrong, and tries a failing endpoint twice at most', async () => {
    const { stub, model } = await serve({ status: 503, error: { message: 'busy', code: 'overloaded' } });
    expect(await failure(model)).toMatchObject({ name: 'ModelError', status: 503, code: 'overloaded' });
    expect(stub.requests).toHaveLength(2);
    const closed = await startOpenAiStub();
    await closed.close();
    const gone = new OpenAiLanguageModel({ url: closed.url, key: '', model: 'm', decode, log: silentLog });
    expect(await failure(gone)).toMatchObject({ name: 'ModelError', status: undefined, code: 'ECONNREFUSED' });
  });

  it('[TN44] fails when the stream breaks off, carries an error, or is not what it should be', async () => {
    const cut = await serve({ tokens: ['a', 'b'], cutAfter: 1 });
    const said: ModelPart[] = [];
    await expect(collect(cut.model, {}, said)).rejects.toBeInstanceOf(ModelError);
    expect(said).toEqual([{ type: 'text', text: 'a' }]);
    const broken = await serve({ tokens: ['a'], raw: ['data: {"error":{"message":"boom","code":"server_error"}}'] });
    expect(await failure(broken.model)).toMatchObject({ name: 'ModelError', code: 'server_error' });
    const noise = await serve({ raw: ['data: {"choices"'] });
    expect(await failure(noise.model)).toBeInstanceOf(ModelError);
  });

  it('[TN45] hangs up when it is aborted, and ends without an error', async () => {
    const { stub, model } = await serve({ tokens: ['a', 'b'], stallAfter: 1 });
    const stop = new AbortController();
    const parts: ModelPart[] = [];
    for await (const part of model.stream(request({ signal: stop.signal }))) {
      parts.push(part);
      stop.abort();
    }
    expect(parts).toEqual([{ type: 'text', text: 'a' }]);
    await expect.poll(() => stub.hungUp).toBe(1);
  });

  it('[TN45] ends with the reply where the server keeps the stream open', async () => {
    const { stub, model } = await serve({ tokens: ['a'], neverCloses: true });
    expect(await collect(model)).toEqual([{ type: 'text', text: 'a' }]);
    await expect.poll(() => stub.hungUp).toBe(1);
  });
});
