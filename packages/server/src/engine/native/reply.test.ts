import { describe, expect, it } from 'vitest';
import { ModelError } from '../../providers/model-error.js';
import { RecordingHost } from '../../testing/recording-host.js';
import { ScriptedLanguageModel, type ScriptStep, text, toolCall } from '../../testing/scripted-language-model.js';
import { settle } from '../../testing/settle.js';
import { Reply } from './reply.js';

const REQUEST = {
  messages: [{ role: 'user', content: 'a secret question' }],
  prompt: '',
  contexts: [],
  instructions: [],
  tools: [],
} as const;
const LIMITS = { firstTokenMs: 20_000, betweenTokensMs: 10_000 };

async function start(steps: (ScriptStep | ScriptStep[])[], leftOut = 0) {
  const host = new RecordingHost();
  const model = new ScriptedLanguageModel().next(...steps);
  const reply = new Reply(host, { turn: 'turn_1', model, request: REQUEST, leftOut }, LIMITS);
  const done = reply.run();
  await settle();
  return { host, model, reply, done, end: () => host.reports.at(-1) };
}

describe('Reply', () => {
  it('[TN1] streams each piece and reports the end once, with usage, model, time to the first text and what was left out', async () => {
    const { host, model } = await start(
      [{ type: 'wait' }, text('Hello', ' there.'), { type: 'usage', input_tokens: 7, output_tokens: 2 }],
      3,
    );
    host.clock.advance(1_500);
    model.release();
    await settle();
    expect(host.reports).toEqual([
      { type: 'reply.delta', turn_id: 'turn_1', text: 'Hello' },
      { type: 'reply.delta', turn_id: 'turn_1', text: ' there.' },
      {
        type: 'reply.done',
        turn_id: 'turn_1',
        model: 'scripted',
        left_out: 3,
        usage: { input_tokens: 7, output_tokens: 2 },
        first_token_ms: 1_500,
      },
    ]);
    expect(host.clock.pending).toBe(0);
  });

  it('[TN2] says nothing more after an abort, and tells the model to stop', async () => {
    const { host, model, reply, done } = await start([text('Let'), { type: 'wait' }, text(' me')]);
    reply.abort();
    expect(model.requests[0]?.signal.aborted).toBe(true);
    await done;
    host.clock.advance(60_000);
    expect(host.reports).toEqual([{ type: 'reply.delta', turn_id: 'turn_1', text: 'Let' }]);
    expect(host.clock.pending).toBe(0);
  });

  it('[TN10] ends as model_timeout when the first text takes 20 s, however long the model stays connected', async () => {
    const { host, model, end } = await start([{ type: 'stall' }]);
    host.clock.advance(19_999);
    expect(host.reports).toEqual([]);
    host.clock.advance(1);
    expect(end()).toEqual({ type: 'reply.failed', turn_id: 'turn_1', reason: 'model_timeout', model: 'scripted' });
    await settle();
    expect(host.reports).toHaveLength(1);
    expect(model.requests[0]?.signal.aborted).toBe(true);
  });

  it('[TN10] ends as model_timeout when 10 s pass between two pieces', async () => {
    const { host, model, end } = await start([text('Let'), { type: 'wait' }, text(' me'), { type: 'stall' }]);
    host.clock.advance(9_000);
    model.release();
    await settle();
    host.clock.advance(9_999);
    expect(host.reports).toHaveLength(2);
    host.clock.advance(1);
    expect(end()).toMatchObject({ type: 'reply.failed', reason: 'model_timeout', first_token_ms: 0 });
  });

  it('[TN10] takes pieces without text for no sign of an answer', async () => {
    const { host, model, end } = await start([text('', '\n'), { type: 'wait' }, text(' '), { type: 'stall' }]);
    host.clock.advance(15_000);
    model.release();
    await settle();
    host.clock.advance(5_000);
    expect(end()).toMatchObject({ type: 'reply.failed', reason: 'model_timeout' });
  });

  it('[TN11] ends as model_error when the model throws, and logs status and code but never the prompt', async () => {
    const error = new ModelError(
      'echo: a secret question',
      { status: 503, code: 'overloaded' },
      { cause: new TypeError('a secret question') },
    );
    const { host, end } = await start([text('Let'), { type: 'throw', error }]);
    expect(end()).toMatchObject({ type: 'reply.failed', reason: 'model_error' });
    const [warning] = host.logged.filter(({ level }) => level === 'warn');
    expect(warning?.fields).toEqual({
      turn_id: 'turn_1',
      model: 'scripted',
      reason: 'model_error',
      cause: 'ModelError: TypeError',
      status: 503,
      code: 'overloaded',
    });
    const shown = host.logged.filter(({ level }) => level !== 'debug');
    expect(JSON.stringify(shown)).not.toContain('secret');
  });

  it('[TN11] ends as model_error when the model says nothing and calls nothing', async () => {
    const { host, end } = await start([text('\n '), { type: 'usage', input_tokens: 1, output_tokens: 1 }]);
    expect(end()).toMatchObject({ type: 'reply.failed', reason: 'model_error', usage: { input_tokens: 1, output_tokens: 1 } });
    expect(host.logged[0]?.fields).toMatchObject({ code: 'no_text' });
  });

  it('[TN13] reports end_call with its reason and last words', async () => {
    const { end } = await start([text('Bye.'), toolCall('end_call', { reason: 'done', message: ' Goodbye! ' }, 'call_7')]);
    expect(end()).toEqual({
      type: 'reply.done',
      turn_id: 'turn_1',
      end_call: { tool_call_id: 'call_7', reason: 'done', message: 'Goodbye!' },
      model: 'scripted',
      first_token_ms: 0,
    });
  });

  it('[TN13] takes an end_call alone, without an id and with arguments of the wrong kind', async () => {
    const { end } = await start([toolCall('end_call', { reason: 5, message: '' }, '')]);
    expect(end()).toMatchObject({
      type: 'reply.done',
      end_call: { tool_call_id: 'call_1', reason: 'The agent ended the conversation.' },
    });
  });

  it('[TN13] ignores a tool that was not offered', async () => {
    const { host, end } = await start([toolCall('delete_everything', {}), text('Done.')]);
    expect(end()).not.toHaveProperty('end_call');
    expect(host.logged[0]).toMatchObject({ level: 'warn', fields: { tool_name: 'delete_everything' } });
  });
});
