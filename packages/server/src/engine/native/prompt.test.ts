import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isNeutralLine, NEUTRAL_LINES } from '../../providers/neutral-lines.js';
import { EventLog } from '../../testing/event-log.js';
import { promptProblem } from '../../testing/openai-stub.js';
import { buildPrompt, type PromptParts } from './prompt.js';
import { Window } from './window.js';

const build = (log: EventLog, more: Partial<PromptParts> = {}) => {
  const window = new Window({ windowBytes: 100_000 });
  for (const event of log.events) window.fold(event);
  return buildPrompt({ prompt: 'You help.', view: window.view(), instructions: [], tools: [], loose: false, ...more });
};
const turns = (log: EventLog, more?: Partial<PromptParts>) =>
  build(log, more)
    .messages.slice(1)
    .map(({ role, content }) => `${role}: ${content}`);

describe('buildPrompt', () => {
  it('[TN27] writes one leading system message: the prompt, unkeyed contexts, keyed contexts, instructions', () => {
    const log = new EventLog();
    log.context('cart', 'c1', 'page');
    log.context('It rains.', 'c2');
    log.user('Hi', 'm1');
    const { messages, contexts, prompt } = build(log, { instructions: ['ask for the postcode'] });
    expect(messages.map(({ role }) => role)).toEqual(['system', 'user']);
    const system = messages[0]?.content ?? '';
    const order = ['You help.', 'It rains.', '[page] cart', 'ask for the postcode'].map((part) => system.indexOf(part));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order[0]).toBe(0);
    expect(contexts).toEqual([{ text: 'It rains.' }, { id: 'page', text: 'cart' }]);
    expect(prompt).toBe('You help.');
  });

  it('[TN28] merges neighbours of one role and puts the unanswered user lines last', () => {
    const log = new EventLog();
    log.exchange('first', 'answer', '1');
    log.agent('By the way.');
    log.user('second', 'm2');
    log.user('third', 'm3');
    log.turn('t2', 'm2', 'm3');
    log.agent('Still looking…');
    expect(turns(log)).toEqual(['user: first', 'assistant: answer\nBy the way.\nStill looking…', 'user: second\nthird']);
  });

  it('[TN28] shows an interrupted reply as it was heard, and an apology as it was said', () => {
    const log = new EventLog();
    log.user('one', 'm1');
    log.turn('t1', 'm1');
    log.agent('Let me', { turn_id: 't1', source: 'engine', interrupted: true });
    log.ended('t1', 'interrupted');
    log.user('two', 'm2');
    log.turn('t2', 'm2');
    log.agent('Sorry.', { turn_id: 't2', source: 'engine' });
    log.ended('t2', 'failed');
    log.user('three', 'm3');
    log.turn('t3', 'm3');
    expect(turns(log)).toEqual(['user: one', 'assistant: Let me', 'user: two', 'assistant: Sorry.', 'user: three']);
  });

  it('[TN29] gives a strict server a user line first and last, and a loose one only what was said', () => {
    const log = new EventLog();
    log.agent('greeting');
    expect(turns(log)).toEqual([`user: ${NEUTRAL_LINES.opening}`, 'assistant: greeting', `user: ${NEUTRAL_LINES.silence}`]);
    expect(turns(new EventLog())).toEqual([`user: ${NEUTRAL_LINES.silence}`]);
    expect(turns(log, { loose: true })).toEqual(['assistant: greeting']);
  });

  it('[TN30] after any history alternates and shows every text of the window once, in applied order', () => {
    const step = fc.constantFrom('line', 'ask', 'note', 'reply', 'cut', 'wordless', 'fail', 'context', 'keyed');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.boolean(), fc.nat({ max: 2 }), (steps, openTurn, instructions) => {
        const said = new History();
        for (const name of steps) said.act(name);
        if (openTurn) said.open();
        const window = new Window({ windowBytes: 1_000_000 });
        for (const event of said.log.events) window.fold(event);
        const wanted = Array.from({ length: instructions }, (_, i) => `<i${i}>`);
        const { messages } = buildPrompt({ prompt: '<p>', view: window.view(), instructions: wanted, tools: [], loose: false });
        expect(messages.filter(({ role }) => role === 'system')).toHaveLength(1);
        expect(promptProblem(messages)).toBeUndefined();
        const shown = (text: string): string[] => text.match(/<\w+>/g) ?? [];
        expect(shown(messages[0]?.content ?? '')).toEqual(['<p>', ...said.loose, ...said.keyed.values(), ...wanted]);
        const body = messages.slice(1).filter(({ content }) => !isNeutralLine(content));
        expect(body.flatMap(({ content }) => shown(content))).toEqual([
          ...said.spoken.filter((text) => !said.asked.includes(text)),
          ...said.asked,
        ]);
      }),
    );
  });
});

/** A random history and, kept beside it by other means, what a prompt has to show. */
class History {
  readonly log = new EventLog();
  readonly spoken: string[] = [];
  readonly loose: string[] = [];
  readonly keyed = new Map<string, string>();
  /** Texts that the open turn answers. */
  asked: string[] = [];
  private due: { text: string; id: string }[] = [];
  private count = 0;

  act(step: string): void {
    const id = `${++this.count}`;
    const text = `<${step}${id}>`;
    switch (step) {
      case 'line':
        this.log.user(text, `m${id}`);
        break;
      case 'ask':
        this.log.user(text, `m${id}`);
        this.due.push({ text, id: `m${id}` });
        break;
      case 'note':
        this.log.agent(text);
        break;
      case 'context':
        this.log.context(text, `c${id}`);
        this.loose.push(text);
        return;
      case 'keyed': {
        const key = `k${this.count % 2}`;
        this.log.context(text, `c${id}`, key);
        this.keyed.delete(key);
        this.keyed.set(key, text);
        return;
      }
      default: {
        this.log.turn(`t${id}`, ...this.due.map((line) => line.id));
        if (step !== 'wordless') this.log.agent(text, { turn_id: `t${id}`, source: 'engine', interrupted: step === 'cut' });
        this.log.ended(`t${id}`, step === 'reply' ? 'complete' : step === 'fail' ? 'failed' : 'interrupted');
        if (step === 'wordless') return;
        this.due = [];
      }
    }
    this.spoken.push(text);
  }

  open(): void {
    this.log.turn('tOpen', ...this.due.map((line) => line.id));
    this.asked = this.due.map((line) => line.text);
  }
}
