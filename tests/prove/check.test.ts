import { describe, expect, it } from 'vitest';
import { check, holds, reportOf } from './check.js';
import type { HistoryLine, LogEvent, SentMessage } from './history.js';
import type { Verdict } from './verdicts.js';

const CONVERSATION = 'conv_a';
const FIRST: SentMessage = { type: 'agent_message', text: 'first' };
const SECOND: SentMessage = { type: 'agent_message', text: 'second' };
const CONTEXT: SentMessage = { type: 'contextual_update', text: 'on page 2' };

/** A small history in which all is well: two lines and a context, a kill between the second line and its pong, the log. */
class HandMade {
  readonly lines: HistoryLine[] = [];
  readonly events: LogEvent[] = [];
  private op = 0;

  sent(message: SentMessage, answer?: { seq: number; level?: string; id?: string; again?: boolean }): this {
    const op = this.op++;
    this.lines.push({ t: this.lines.length, type: 'invoke', op, conversation: CONVERSATION, key: `key ${message.text}`, message });
    if (answer === undefined) return this;
    const { seq, level = 'accepted', id = `msg_${message.text}`, again = false } = answer;
    this.lines.push({ t: this.lines.length, type: 'ok', op, status: 202, message_id: id, seq, level, replayed: again });
    return this;
  }

  refused(message: SentMessage): this {
    this.sent(message);
    this.lines.push({ t: this.lines.length, type: 'fail', op: this.op - 1, status: 422, code: 'invalid_request' });
    return this;
  }

  joins(session: number): this {
    this.lines.push({ t: this.lines.length, type: 'join', session, conversation: CONVERSATION });
    return this;
  }

  shows(session: number, event_id: number, text: string): this {
    this.lines.push({ t: this.lines.length, type: 'frame', session, order: 0, frame: 'agent_response', event_id, text });
    return this;
  }

  /** The next event of the log; `seq` and `epoch` only where they are wrong. */
  logs(type: string, fields: Record<string, unknown>): this {
    this.events.push({ seq: this.events.length + 1, epoch: 1, type, ...fields });
    return this;
  }

  accepts({ type, text }: SentMessage, id = `msg_${text}`): this {
    return this.logs('message.accepted', { message_id: id, message_type: type, text, urgency: 'soon', reply: 'none', source: 'api' });
  }

  says(text: string, event_id: number, id = `msg_${text}`): this {
    return this.logs('message.added', { role: 'agent', text, source: 'api', event_id, messages: [id] });
  }

  reaches(text: string, level: string, fields: Record<string, unknown> = {}, id = `msg_${text}`): this {
    return this.logs('message.level', { message_id: id, level, ...fields });
  }

  spoken(text: string, event_id: number): this {
    return this.reaches(text, 'spoken', { event_id, basis: 'confirmed', final: true });
  }

  /** The whole of one message: accepted, said, applied, spoken. */
  goes(message: SentMessage, event_id: number): this {
    const { text } = message;
    return this.accepts(message).says(text, event_id).reaches(text, 'applied').spoken(text, event_id);
  }

  checked() {
    return check([...this.lines, { t: this.lines.length, type: 'log', conversation: CONVERSATION, events: this.events }]);
  }
}

const made = (): HandMade => new HandMade().logs('client.joined', {}).joins(1);

/** The verdicts that a history gets, with how often. */
function verdicts(history: HandMade): Partial<Record<Verdict, number>> {
  return Object.fromEntries(Object.entries(history.checked().findings.counts).filter(([, count]) => count > 0));
}

describe('a history in which all is well', () => {
  it('[PR1] holds, whatever nobody knows and whatever is shown again', () => {
    const history = made()
      .sent(FIRST, { seq: 2, level: 'applied' })
      .shows(1, 1, 'first')
      .sent(SECOND)
      .shows(1, 2, 'second')
      .joins(2)
      .shows(2, 2, 'second')
      .sent(SECOND, { seq: 6, again: true })
      .sent(CONTEXT, { seq: 10 })
      .sent({ type: 'agent_message', text: 'never arrived' })
      .goes(FIRST, 1)
      .goes(SECOND, 2)
      .accepts(CONTEXT)
      .logs('context.set', { message_id: 'msg_on page 2' })
      .reaches('on page 2', 'applied', { final: true });
    expect(verdicts(history)).toEqual({});
    expect(holds(history.checked())).toBe(true);
    expect(history.checked()).toMatchObject({ acknowledged: 3, unknown: 1, settled: 1, sessions: 2, frames: 3, again: 1 });
    expect(reportOf(history.checked())).toContain('0 lost, 0 doubled, 0 reordered, 0 gaps, 0 phantoms');
  });

  it('[PR2] shows nothing when nothing was acknowledged', () => {
    expect(holds(made().sent(FIRST).checked())).toBe(false);
  });

  it('[PR1] lets a context be replaced while both wait', () => {
    const history = made()
      .sent(CONTEXT, { seq: 2 })
      .accepts(CONTEXT)
      .reaches('on page 2', 'superseded', { reason: 'replaced', final: true });
    expect(verdicts(history)).toEqual({});
  });
});

describe('lost', () => {
  it('[PR3] is an acknowledged message that the log has not', () => {
    expect(verdicts(made().sent(FIRST, { seq: 2 }))).toEqual({ lost: 1 });
  });

  it('[PR3] is an acknowledged message whose log was never read', () => {
    expect(check(made().sent(FIRST, { seq: 2 }).lines).findings.counts.lost).toBe(1);
  });

  it('[PR3] is an applied message without its line', () => {
    const history = made().sent(FIRST, { seq: 2 }).accepts(FIRST).reaches('first', 'applied', { final: true });
    expect(verdicts(history)).toEqual({ lost: 1 });
  });
});

describe('doubled', () => {
  it('[PR4] is a message that is in the log twice', () => {
    const history = made()
      .sent(CONTEXT, { seq: 2 })
      .accepts(CONTEXT)
      .logs('context.set', { message_id: 'msg_on page 2' })
      .reaches('on page 2', 'applied', { final: true })
      .accepts(CONTEXT, 'msg_2')
      .logs('context.set', { message_id: 'msg_2' })
      .reaches('on page 2', 'applied', { final: true }, 'msg_2');
    expect(verdicts(history)).toEqual({ doubled: 1 });
  });

  it('[PR4] is a line that is in the log twice, or one event_id for two lines', () => {
    const history = made().sent(FIRST, { seq: 2 }).shows(1, 1, 'first').accepts(FIRST).says('first', 1).says('first', 1);
    expect(verdicts(history.reaches('first', 'applied').spoken('first', 1))).toMatchObject({ doubled: 2 });
  });

  it('[PR4] is a line that one connection was shown twice', () => {
    const history = made().sent(FIRST, { seq: 2 }).shows(1, 1, 'first').shows(1, 1, 'first').goes(FIRST, 1);
    expect(verdicts(history)).toEqual({ doubled: 1 });
  });
});

describe('reordered', () => {
  it('[PR5] is a message behind one that was sent when the other was acknowledged', () => {
    const history = made().sent(FIRST, { seq: 6 }).sent(SECOND, { seq: 2 }).shows(1, 1, 'second').shows(1, 2, 'first');
    expect(verdicts(history.goes(SECOND, 1).goes(FIRST, 2))).toEqual({ reordered: 1 });
  });

  it('[PR5] is not what was under way at the same time', () => {
    const history = made().sent(FIRST).sent(SECOND, { seq: 2 }).sent(FIRST, { seq: 6, again: true });
    expect(verdicts(history.shows(1, 1, 'second').shows(1, 2, 'first').goes(SECOND, 1).goes(FIRST, 2))).toEqual({});
  });

  it('[PR5] is a line of one kind said before an older one', () => {
    const history = made().sent(FIRST, { seq: 2 }).sent(SECOND, { seq: 3 }).shows(1, 1, 'second').shows(1, 2, 'first');
    history.accepts(FIRST).accepts(SECOND).says('second', 1).reaches('second', 'applied').says('first', 2).reaches('first', 'applied');
    expect(verdicts(history.spoken('second', 1).spoken('first', 2))).toEqual({ reordered: 1 });
  });

  it('[PR5] is a line that a client was shown before an older one, on one connection or over two', () => {
    const one = made().sent(FIRST, { seq: 2 }).sent(SECOND, { seq: 6 }).shows(1, 2, 'second').shows(1, 1, 'first');
    expect(verdicts(one.goes(FIRST, 1).goes(SECOND, 2))).toEqual({ reordered: 1 });
    const two = made().sent(FIRST, { seq: 2 }).sent(SECOND, { seq: 6 }).shows(1, 2, 'second').joins(2).shows(2, 1, 'first');
    expect(verdicts(two.goes(FIRST, 1).goes(SECOND, 2))).toEqual({ reordered: 1 });
  });
});

describe('gaps, phantoms, epochs', () => {
  it('[PR6] finds a seq that is left out and one that comes again', () => {
    const history = made().logs('conversation.opened', { seq: 3 }).logs('conversation.warned', { seq: 3 });
    expect(verdicts(history)).toEqual({ gaps: 2 });
  });

  it('[PR6] finds an epoch that goes back', () => {
    const history = made().logs('conversation.opened', { epoch: 2 }).logs('conversation.warned', { epoch: 1 });
    expect(verdicts(history)).toEqual({ epochs: 1 });
  });

  it('[PR7] finds a message that nobody sent, and one that was refused', () => {
    const history = made().refused(SECOND).shows(1, 1, 'first').shows(1, 2, 'second');
    expect(verdicts(history.goes(FIRST, 1).goes(SECOND, 2))).toEqual({ phantoms: 2 });
  });

  it('[PR7] finds a line of no message, and one that only a client saw', () => {
    const history = made().shows(1, 1, 'out of nowhere').says('out of nowhere', 1, 'msg_unknown').shows(1, 7, 'seen once');
    expect(verdicts(history)).toEqual({ phantoms: 2 });
  });
});

describe('receipts', () => {
  const said = (): HandMade =>
    made().sent(FIRST, { seq: 2 }).shows(1, 1, 'first').accepts(FIRST).says('first', 1).reaches('first', 'applied');

  it('[PR8] are unequal when a retry was answered with another message, or a level was claimed that never was', () => {
    expect(verdicts(said().sent(FIRST, { seq: 9, again: true }).spoken('first', 1))).toEqual({ unequal: 1 });
    expect(verdicts(said().sent(FIRST, { seq: 2, level: 'replied' }).spoken('first', 1))).toEqual({ unequal: 1 });
  });

  it('[PR9] are unfinished without an end', () => {
    expect(verdicts(said())).toEqual({ unfinished: 1 });
  });

  it('[PR9] go backward when a level comes again, after a higher one, or after the end', () => {
    expect(verdicts(said().reaches('first', 'applied').spoken('first', 1))).toEqual({ backward: 1 });
    expect(verdicts(said().spoken('first', 1).spoken('first', 1))).toEqual({ backward: 1 });
  });

  it('[PR9] are undelivered when an acknowledged message ends badly', () => {
    const history = said().reaches('first', 'undeliverable', { reason: 'outcome_unknown', final: true });
    expect(verdicts(history)).toEqual({ undelivered: 1 });
  });

  it('[PR10] are unreceived when a line counts as confirmed that no client was shown', () => {
    const history = made().sent(FIRST, { seq: 2 }).goes(FIRST, 1);
    expect(verdicts(history)).toEqual({ unreceived: 1, missed: 1 });
  });
});

describe('missed', () => {
  it('[PR11] is a line that no client was ever shown, once one had been there', () => {
    const history = made().sent(FIRST, { seq: 2 }).accepts(FIRST).says('first', 1).reaches('first', 'applied');
    expect(verdicts(history.reaches('first', 'spoken', { event_id: 1, basis: 'written', final: true }))).toEqual({ missed: 1 });
  });

  it('[PR11] is not what was said before the first client, or typed by one', () => {
    const history = new HandMade().joins(1).says('before', 1, 'msg_x').logs('client.joined', {});
    history.logs('message.added', { role: 'user', text: 'typed', source: 'client', event_id: 2, messages: [], session_id: 'sess_1' });
    expect(verdicts(history).missed).toBeUndefined();
  });
});
