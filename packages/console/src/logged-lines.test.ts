import type { ConversationEvent } from '@backchannel/protocol';
import { describe, expect, it } from 'vitest';
import { heardPart, type Lines, noted, said, typed } from './chat-lines.js';
import { LoggedLines } from './logged-lines.js';

/** An event with what the chat reads of it. */
const event = (seq: number, type: string, members: object = {}): ConversationEvent =>
  ({ seq, epoch: 1, time: '', type, messages: [], ...members }) as unknown as ConversationEvent; // no more of it is read
const line = (seq: number, role: string, source: string, event_id: number, text: string, more: object = {}) =>
  event(seq, 'message.added', { role, source, event_id, text, ...more });
const accepted = (seq: number, source: string, message_type: string, text: string) =>
  event(seq, 'message.accepted', { message_id: `msg_${seq}`, source, message_type, text });
const agent = (message: string, event_id: number) => ({ role: 'agent', message, event_id }) as const;
const shown = (lines: Lines) => lines.map(({ by, text }) => `${by}: ${text}`);
const lost = (lines: Lines) => lines.filter((one) => one.lost).map(({ text }) => text);

/** The lines after all these events, while that session stands. */
const after = (lines: Lines, events: readonly ConversationEvent[], session = 1, logged = new LoggedLines()): Lines =>
  events.reduce((before, one) => logged.after(before, one, session), lines);

describe('the chat as the log has it', () => {
  it('[PG11] tells which lines of the agent are a backend’s, and numbers what was typed', () => {
    const heard = said(said([], agent('Hi', 1), false), agent('Your parcel is here.', 2), false);
    const events = [line(1, 'agent', 'greeting', 1, 'Hi'), line(3, 'agent', 'api', 2, 'Your parcel is here.')];
    const lines = after(typed(heard, 'Thanks', 1), [...events, line(5, 'user', 'client', 3, 'Thanks')]);
    expect(shown(lines)).toEqual(['agent: Hi', 'backend: Your parcel is here.', 'page: Thanks']);
    expect(lines.at(-1)?.eventId).toBe(3);
  });

  it('[PG11, PG22] brings back what was said before the page was loaded, once', () => {
    const events = [
      event(1, 'client.joined'),
      line(2, 'agent', 'greeting', 1, 'Hi'),
      accepted(3, 'client', 'user_message', 'Hello'),
      line(4, 'user', 'client', 2, 'Hello'),
      accepted(5, 'api', 'instruction', 'Be short'),
      line(6, 'agent', 'engine', 3, 'I am', { interrupted: true }),
      line(7, 'user', 'api', 4, 'Where?'),
    ];
    let lines = after([], events, 9);
    lines = said(lines, { role: 'user', message: 'Where?', event_id: 4 }, true);
    expect(shown(lines)).toEqual(['agent: Hi', 'page: Hello', 'backend: The agent was told: Be short', 'agent: I am', 'backend: Where?']);
    expect(lines[3]).toMatchObject({ interrupted: true });
    expect(lost(lines)).toEqual([]);
  });

  it('[PG22] puts what the agent was told before the answer that is being said already', () => {
    const logged = new LoggedLines();
    let lines = heardPart(said([], agent('Hi', 1), false), { type: 'start', text: 'As you', event_id: 2 });
    lines = after(lines, [line(1, 'agent', 'greeting', 1, 'Hi'), accepted(2, 'api', 'instruction', 'Be short')], 1, logged);
    lines = after(lines, [event(3, 'turn.started', { event_id: 2 })], 1, logged);
    expect(shown(lines)).toEqual(['agent: Hi', 'backend: The agent was told: Be short', 'agent: As you']);
    expect(lines.at(-1)?.growing).toBe(true);
    lines = after(lines, [accepted(4, 'api', 'contextual_update', 'Rain'), line(5, 'agent', 'engine', 2, 'As you wish')], 1, logged);
    expect(shown(lines).slice(2)).toEqual(['agent: As you', 'backend: The agent now knows: Rain']);
  });

  it('[PG22] leaves a note that was sent from here one, and puts it where the log has it', () => {
    let lines = noted(said([], agent('Hi', 1), false), 'msg_3', 'The agent now knows: Rain');
    lines = typed(lines, 'Hello', 1);
    lines = after(lines, [accepted(2, 'client', 'user_message', 'Hello'), accepted(3, 'api', 'contextual_update', 'Rain')]);
    expect(shown(lines)).toEqual(['agent: Hi', 'page: Hello', 'backend: The agent now knows: Rain']);
  });

  it('[PG21] what was typed into a line that broke is lost when the log goes on without it', () => {
    let lines = typed(typed(typed([], 'arrives', 1), 'same', 1), 'same', 1);
    lines = typed(lines, 'new', 2);
    const events = [accepted(1, 'client', 'user_message', 'arrives'), accepted(2, 'client', 'user_message', 'same')];
    lines = after(lines, [...events, event(3, 'client.joined')], 2);
    expect(lost(lines)).toEqual(['same']);
    expect(lines[2]).toMatchObject({ text: 'same', lost: true });
  });

  it('[PG21] what the log holds after all is not lost', () => {
    let lines = after(typed([], 'late', 1), [event(1, 'client.joined')], 2);
    expect(lost(lines)).toEqual(['late']);
    lines = after(lines, [accepted(2, 'client', 'user_message', 'late'), line(3, 'user', 'client', 1, 'late')], 2);
    expect([lost(lines), shown(lines)]).toEqual([[], ['page: late']]);
  });
});
