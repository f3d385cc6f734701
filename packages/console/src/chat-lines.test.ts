import { describe, expect, it } from 'vitest';
import { cut, heardPart, type Lines, noted, said, typed } from './chat-lines.js';

const part = (type: 'start' | 'delta' | 'stop', text: string, event_id: number) => ({ type, text, event_id });
const agent = (message: string, event_id: number) => ({ role: 'agent', message, event_id }) as const;
const user = (message: string, event_id: number) => ({ role: 'user', message, event_id }) as const;
const shown = (lines: Lines) => lines.map(({ by, text }) => `${by}: ${text}`);

describe('the lines of the chat', () => {
  it('[PG11] a reply grows piece by piece and becomes its whole text, once', () => {
    let lines = typed([], 'Hello', 1);
    lines = heardPart(lines, part('start', '', 2));
    lines = heardPart(lines, part('delta', 'Good ', 2));
    lines = heardPart(lines, part('delta', 'day', 2));
    expect(lines.at(-1)).toMatchObject({ text: 'Good day', growing: true });
    lines = said(lines, agent('Good day.', 2), false);
    lines = heardPart(lines, part('stop', '', 2));
    expect(shown(lines)).toEqual(['page: Hello', 'agent: Good day.']);
    expect(lines.at(-1)).not.toHaveProperty('growing');
  });

  it('[PG11] a reply that is cut says so, and nothing is added to it', () => {
    let lines = heardPart([], part('start', 'I would', 2));
    lines = cut(said(lines, agent('I would', 2), false), 2);
    lines = heardPart(lines, part('delta', ' more', 2));
    expect(lines).toEqual([{ key: 1, role: 'agent', by: 'agent', text: 'I would', eventId: 2, interrupted: true }]);
    expect(cut(lines, 9)).toBe(lines);
  });

  it('[PG11] what comes back after a rejoin is the same line, also what was typed here', () => {
    let lines = said(said([], agent('Hi', 1), false), user('From the backend', 2), false);
    lines = typed(lines, 'Mine', 1);
    for (const again of [agent('Hi', 1), user('From the backend', 2), user('Mine', 3)]) lines = said(lines, again, true);
    expect(shown(lines)).toEqual(['agent: Hi', 'backend: From the backend', 'page: Mine']);
  });

  it('[PG11] a backend that says what was typed here has said it too', () => {
    expect(shown(said(typed([], 'Hello', 1), user('Hello', 2), false))).toEqual(['page: Hello', 'backend: Hello']);
  });

  it('[PG11] lines have keys of their own', () => {
    const lines = noted(said(typed([], 'a', 1), agent('b', 1), false), 'msg_1', 'c');
    expect(lines.map(({ key }) => key)).toEqual([1, 2, 3]);
  });
});
