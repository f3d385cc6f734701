import { describe, expect, it } from 'vitest';
import { EventLog } from '../../testing/event-log.js';
import { Window, type WindowLimits } from './window.js';

const ROOMY: WindowLimits = { windowBytes: 10_000 };
const fold = (log: EventLog, limits = ROOMY, from = 1): Window => {
  const window = new Window(limits);
  for (const event of log.events.slice(from - 1)) window.fold(event);
  return window;
};
const lines = (window: Window): string[] => window.view().lines.map(({ text }) => text);
const contexts = (window: Window): string[] => window.view().contexts.map(({ id, text }) => (id === undefined ? text : `${id}=${text}`));

describe('Window', () => {
  it('[TN20] sets the lines that the open turn answers apart, and keeps all others in the order they were applied', () => {
    const log = new EventLog();
    log.agent('greeting');
    log.user('not to be answered', 'm0');
    log.user('question', 'm1');
    log.turn('t1', 'm1');
    log.agent('still looking');
    const { lines: turns, unanswered } = fold(log).view();
    expect(turns.map(({ text }) => text)).toEqual(['greeting', 'not to be answered', 'still looking']);
    expect(unanswered.map(({ text }) => text)).toEqual(['question']);
  });

  it('[TN20] carries the lines of a wordless turn over to the turn that replaced it', () => {
    const log = new EventLog();
    log.user('one', 'm1');
    log.turn('t1', 'm1');
    log.add({ type: 'turn.interrupted', turn_id: 't1', reason: 'immediate' });
    log.ended('t1', 'interrupted');
    log.user('two', 'm2');
    log.turn('t2', 'm1', 'm2');
    expect(
      fold(log)
        .view()
        .unanswered.map(({ text }) => text),
    ).toEqual(['one', 'two']);
  });

  it('[TN21] lists unkeyed contexts first and keyed ones last, each key once and where it was set last', () => {
    const log = new EventLog();
    log.context('cart', 'c1', 'page');
    log.context('Ada', 'c2', 'name');
    log.context('rain', 'c3');
    log.context('address', 'c4', 'page');
    log.context('wind', 'c5');
    log.context('gone', 'c6', 'old');
    log.add({ type: 'context.removed', context_id: 'old' });
    expect(contexts(fold(log))).toEqual(['rain', 'wind', 'name=Ada', 'page=address']);
  });

  it('[TN22] lets unkeyed contexts go before lines, the oldest first, and counts what left', () => {
    const log = new EventLog();
    for (let i = 0; i < 8; i++) log.context('c'.repeat(99) + i, `c${i}`);
    log.context('k'.repeat(100), 'c9', 'key');
    for (let i = 0; i < 8; i++) log.exchange(`q${i}`.padEnd(50, '.'), `a${i}`.padEnd(50, '.'), `${i}`);
    const window = fold(log, { windowBytes: 1_000 });
    expect(contexts(window).map((text) => text.slice(-1))).toEqual(['6', '7', 'k']);
    expect(
      lines(window)
        .map((text) => text.slice(0, 2))
        .join(' '),
    ).toBe('q1 a1 q2 a2 q3 a3 q4 a4 q5 a5 q6 a6 q7 a7');
    expect(window.view().leftOut).toBe(8);
  });

  it('[TN23] never lets keyed contexts, the last lines or an unanswered line go, whatever their size', () => {
    const log = new EventLog();
    log.context('k'.repeat(5_000), 'c1', 'key');
    log.exchange('old question', 'old answer', '1');
    log.user('unanswered', 'm9');
    for (let i = 0; i < 8; i++) log.agent(`note ${i}`.padEnd(500, '.'));
    log.context('loose', 'c2');
    log.turn('t9', 'm9');
    const window = fold(log, { windowBytes: 1_000 });
    expect(contexts(window)).toEqual([`key=${'k'.repeat(5_000)}`]);
    expect(lines(window).map((text) => text.slice(0, 6))).toEqual(['note 2', 'note 3', 'note 4', 'note 5', 'note 6', 'note 7']);
    expect(window.view().unanswered.map(({ text }) => text)).toEqual(['unanswered']);
  });

  it('[TN24] stays within its budget however long the conversation lasts', () => {
    const window = new Window({ windowBytes: 131_072 });
    const log = new EventLog();
    for (let i = 0; i < 300; i++) {
      log.context('x'.repeat(16_384), `c${i}`);
      log.user('y'.repeat(16_384), `n${i}`);
      log.exchange('z'.repeat(16_384), 'answer', `${i}`);
    }
    let most = 0;
    for (const event of log.events) {
      window.fold(event);
      const view = window.view();
      most = Math.max(
        most,
        [...view.lines, ...view.unanswered, ...view.contexts].reduce((sum, { text }) => sum + text.length, 0),
      );
    }
    expect(most).toBeLessThanOrEqual(131_072);
    expect(window.view().leftOut).toBeGreaterThan(1_000);
  });

  it('[TN24] bounds what nobody answers too', () => {
    const window = new Window({ windowBytes: 1_000 });
    const log = new EventLog();
    for (let i = 0; i < 2_000; i++) window.fold(log.user(`line ${i}`.padEnd(100, '.'), `m${i}`));
    const { lines: held, leftOut } = window.view();
    expect(held).toHaveLength(128);
    expect(held.at(-1)?.text).toContain('line 1999');
    expect(leftOut).toBe(1_872);
  });

  it('[TN25] takes each event once, in order', () => {
    const log = new EventLog();
    log.exchange('q', 'a', '1');
    const window = fold(log);
    for (const event of log.events) window.fold(event);
    expect(lines(window)).toEqual(['q', 'a']);
    expect(window.lastSeq).toBe(4);
  });

  it('[TN26] knows how many lines came before a past that begins in mid-conversation, and the keyed contexts of then', () => {
    const log = new EventLog();
    log.context('cart', 'c1', 'page');
    log.agent('greeting');
    for (let i = 0; i < 5; i++) log.user(`line ${i}`, `m${i}`);
    const window = new Window(ROOMY);
    window.seed([{ contextId: 'page', text: 'cart' }]);
    for (const event of log.events.slice(4)) window.fold(event);
    expect(lines(window)).toEqual(['line 2', 'line 3', 'line 4']);
    expect(contexts(window)).toEqual(['page=cart']);
    expect(window.view().leftOut).toBe(3);
  });
});
