import { AGENT_DEFAULTS, fillDefaults } from '@backchannel/protocol/convai';
import { describe, expect, it } from 'vitest';
import type { EngineInput, EngineSession } from '../../conversation/engine.js';
import type { ConversationRecord } from '../../conversation/record.js';
import { EventLog } from '../../testing/event-log.js';
import { RecordingHost } from '../../testing/recording-host.js';
import { ScriptedLanguageModel, text } from '../../testing/scripted-language-model.js';
import { settle } from '../../testing/settle.js';
import { NativeEngine } from './native-engine.js';

const LIMITS = { windowBytes: 10_000, firstTokenMs: 20_000, betweenTokensMs: 10_000 };
const CONFIG = fillDefaults({ conversation_config: { agent: { prompt: { prompt: 'You help.', built_in_tools: { end_call: {} } } } } });
// The engine reads no more of a record than this.
const RECORD = { agentId: 'agent_a', conversationId: 'conv_a', createdAt: 0, init: {}, contexts: {} } as unknown as ConversationRecord;

type Start = { log?: EventLog; record?: ConversationRecord; config?: typeof CONFIG; host?: RecordingHost; limits?: typeof LIMITS };

function start({ log = new EventLog(), record = RECORD, config = CONFIG, host = new RecordingHost(), limits = LIMITS }: Start = {}) {
  const model = new ScriptedLanguageModel();
  const asked: string[] = [];
  const modelFor = (llm: string) => {
    asked.push(llm);
    return model;
  };
  host.past = [...log.events];
  const engine = new NativeEngine({ config, modelFor, limits });
  const session = engine.start(host, record);
  return { engine, session, host, model, asked, log };
}
const reply = (turn: string, ...instructions: string[]): EngineInput => ({ type: 'reply', turn, instructions });
const prompt = (model: ScriptedLanguageModel, call = 0): string[] =>
  model.requests[call]?.messages.slice(1).map(({ role, content }) => `${role}: ${content}`) ?? [];
const tell = (session: EngineSession, log: EventLog, from: number): void => {
  for (const event of log.events.slice(from)) session.handle({ type: 'event', event });
};

describe('the native engine', () => {
  it('[TN1] answers a turn from its past, with the agent’s prompt, model and tools', async () => {
    const log = new EventLog();
    log.exchange('first', 'answer', '1');
    log.user('second', 'm2');
    log.turn('t2', 'm2');
    const { engine, session, host, model, asked } = start({ log });
    model.next(text('Sure', '.'));
    session.handle(reply('t2', 'be brief'));
    await settle();
    expect(engine.can).toEqual({ turns: 'conversation', verbatim: true, instruct: true, context: true, interrupt: true });
    expect(asked).toEqual(['gemini-2.5-flash']);
    expect(prompt(model)).toEqual(['user: first', 'assistant: answer', 'user: second']);
    expect(model.requests[0]).toMatchObject({
      prompt: 'You help.',
      temperature: 0,
      instructions: ['be brief'],
      tools: [{ name: 'end_call' }],
    });
    expect(model.requests[0]).not.toHaveProperty('maxTokens');
    expect(host.said('t2')).toBe('Sure.');
    expect(host.reports.at(-1)).toMatchObject({ type: 'reply.done', turn_id: 't2' });
  });

  it('[TN3] takes events that arrive while the past is read once, and in their place', async () => {
    const log = new EventLog();
    log.user('one', 'm1');
    log.turn('t1', 'm1');
    const { session, host, model } = start({ log });
    let ready = () => {};
    host.pastReady = new Promise((resolve) => (ready = resolve));
    model.next(text('First.')).next(text('Second.'));
    session.handle(reply('t1'));
    const before = log.events.length;
    log.agent('By the way.');
    host.past = [...log.events]; // the store is read after this was committed
    tell(session, log, before);
    ready();
    await settle();
    expect(prompt(model, 0)).toEqual(['user: one']);
    const then = log.events.length;
    log.agent('First.', { turn_id: 't1' });
    log.ended('t1');
    log.user('two', 'm2');
    log.turn('t2', 'm2');
    tell(session, log, then);
    session.handle(reply('t2'));
    await settle();
    expect(prompt(model, 1)).toEqual(['user: one', 'assistant: By the way.\nFirst.', 'user: two']);
  });

  it('[TN2] runs no reply whose turn ended while the past was read', async () => {
    const log = new EventLog();
    log.user('one', 'm1');
    log.turn('t1', 'm1');
    const { session, host, model } = start({ log });
    session.handle(reply('t1'));
    log.ended('t1', 'interrupted');
    log.turn('t2', 'm1');
    tell(session, log, 2);
    session.handle(reply('t2'));
    model.next(text('Once.'));
    await settle();
    expect(model.requests).toHaveLength(1);
    expect(host.said('t2')).toBe('Once.');
  });

  it('[TN2] runs no reply that was aborted before its past was there', async () => {
    const { session, host, model } = start();
    session.handle(reply('t1'));
    session.handle({ type: 'abort', turn: 't1' });
    await settle();
    expect(model.requests).toEqual([]);
    expect(host.reports).toEqual([]);
  });

  it('[TN2] runs no reply whose abort overtook it', async () => {
    const { session, host, model } = start();
    await settle();
    session.handle({ type: 'abort', turn: 't1' });
    session.handle(reply('t1'));
    model.next(text('Both.'));
    session.handle(reply('t2'));
    await settle();
    expect(model.requests).toHaveLength(1);
    expect(host.said('t2')).toBe('Both.');
  });

  it('[TN2] stops a reply at its abort or at the close of the session, and only that one', async () => {
    const { session, host, model } = start();
    model.next(text('a'), { type: 'wait' }, text('b')).next(text('c'), { type: 'wait' }, text('d'));
    session.handle(reply('t1'));
    await settle();
    session.handle({ type: 'abort', turn: 'another' });
    expect(model.requests[0]?.signal.aborted).toBe(false);
    session.handle({ type: 'abort', turn: 't1' });
    session.handle(reply('t2'));
    await settle();
    await session.close('ended');
    model.release();
    await settle();
    session.handle(reply('t3'));
    await settle();
    expect(host.reports.map((report) => (report.type === 'reply.delta' ? report.text : report.type))).toEqual(['a', 'c']);
    expect(model.requests).toHaveLength(2);
  });

  it('[TN4] fails the replies whose past cannot be read, and reads it again for the next', async () => {
    const log = new EventLog();
    log.user('one', 'm1');
    const host = new RecordingHost();
    host.pastReady = Promise.reject(new Error('store down'));
    const { session, model } = start({ log, host });
    session.handle(reply('t1'));
    await settle();
    expect(host.reports).toEqual([{ type: 'reply.failed', turn_id: 't1', reason: 'model_error' }]);
    host.pastReady = Promise.resolve();
    model.next(text('Back.'));
    session.handle(reply('t2'));
    await settle();
    expect(prompt(model)).toEqual(['user: one']);
    expect(host.said('t2')).toBe('Back.');
  });

  it('[TN26] reads back until its window is full, and knows the keyed contexts from before', async () => {
    const log = new EventLog();
    for (let i = 0; i < 600; i++) log.exchange(`q${i}`, 'a', `${i}`);
    const contexts = { '=page': { contextId: 'page', messageId: 'c1', text: 'cart' } };
    const { session, host, model } = start({ log, record: { ...RECORD, contexts }, limits: { ...LIMITS, windowBytes: 1_000 } });
    model.next(text('Yes.'));
    session.handle(reply('t1'));
    await settle();
    expect(host.asked).toEqual([512, 2_048]);
    expect(model.requests[0]?.contexts).toEqual([{ id: 'page', text: 'cart' }]);
    expect(host.reports.at(-1)).toHaveProperty('left_out');
  });

  it('[TN5] makes a conversation’s prompt from its overrides and variables', async () => {
    const config = fillDefaults({
      conversation_config: {
        agent: {
          prompt: { prompt: 'You are {{name}} of {{shop}}.', llm: 'builtin', max_tokens: 50 },
          dynamic_variables: { dynamic_variable_placeholders: { name: 'Ada', shop: 'Books' } },
        },
      },
    });
    const init = { overrides: { agent: { prompt: { llm: 'other' } } }, dynamic_variables: { name: 'Bo' } };
    const { session, model, asked } = start({ config, record: { ...RECORD, init } });
    model.next(text('Hi.'));
    session.handle(reply('t1'));
    await settle();
    expect(asked).toEqual(['other']);
    expect(model.requests[0]).toMatchObject({ prompt: 'You are Bo of Books.', maxTokens: 50, tools: [] });
    expect(AGENT_DEFAULTS.conversation_config.agent.prompt.llm).toBe('gemini-2.5-flash');
  });
});
