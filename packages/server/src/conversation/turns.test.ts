import { describe, expect, it } from 'vitest';
import { APOLOGY, conversationSettings } from '../testing/conversation-settings.js';
import { Rehearsal } from '../testing/rehearsal.js';

const replying = (maxReplyBytes = 65_536) => {
  const r = Rehearsal.opened({ settings: conversationSettings({ limits: { maxReplyBytes } }) });
  r.post('M', 'user_message');
  return r;
};

const deltas = (r: Rehearsal): string =>
  r.wires.sent
    .flatMap(({ frame }) =>
      frame.type === 'agent_chat_response_part' && frame.text_response_part.type === 'delta' ? frame.text_response_part.text : [],
    )
    .join('');

describe('a reply that is too long', () => {
  it('[MS23] ends at 64 KiB, incomplete, and its line is what was streamed', () => {
    const r = replying();
    r.delta('a'.repeat(60_000));
    r.post('A', 'agent_message');
    const over = r.delta('b'.repeat(6_000));
    expect(over.aborts).toEqual(['T']);
    expect(over.append).toEqual([
      '11 message.added agent #3',
      '12 level M replied reply_too_long complete:false',
      '13 turn.ended',
      '14 message.added A #4',
      '15 level A applied',
    ]);
    expect(over.leaves).toEqual(['delta#3', 'agent_response#3', 'stop#3', 'agent_response#4', 'ping']);
    expect(over.events[0]).toMatchObject({ text: `${'a'.repeat(60_000)}${'b'.repeat(5_536)}` });
    expect(over.events[2]).toMatchObject({ outcome: 'complete', reason: 'reply_too_long' });
    expect(deltas(r)).toHaveLength(65_536);
    expect(r.pong().append).toContain('17 level M spoken complete:false');
  });

  it('[MS23] is cut between graphemes', () => {
    const r = replying(24);
    r.delta('Us: ');
    r.delta('👩‍👩‍👧👩‍👩‍👧');
    expect(r.record.turn).toBeUndefined();
    expect(deltas(r)).toBe('Us: 👩‍👩‍👧');
  });

  it('[MS23] may be exactly that long', () => {
    const r = replying(4);
    expect(r.delta('four').append).toEqual([]);
    expect(r.done().append[1]).toBe('11 level M replied');
  });
});

describe('a report', () => {
  it('[CV35] for a turn that is not open is ignored', () => {
    const r = replying();
    const turn = r.openTurn;
    r.delta('Done.');
    r.done();
    for (const step of [
      r.delta('more', turn),
      r.done({ turn_id: turn }),
      r.perform({ type: 'reply.failed', turn_id: turn, reason: 'model_error' }),
    ]) {
      expect(step).toMatchObject({ answer: { ok: true }, append: [], leaves: [] });
    }
  });

  it('[CV35] of an empty piece leaves the turn wordless', () => {
    const r = replying();
    expect(r.delta('')).toMatchObject({ append: [], leaves: [] });
    expect(r.situation).toBe('thinking');
  });

  it('[MS26] of a reply without a word ends its causes: there is nothing to be spoken', () => {
    const r = replying();
    expect(r.done().append).toEqual(['10 level M replied', '11 turn.ended']);
    expect(r.log[9]).toMatchObject({ final: true });
    expect(r.record.open).toEqual({});
  });

  it('[CV35] keeps what the engine knows of its work', () => {
    const r = replying();
    r.delta('Done.');
    const facts = { left_out: 3, model: 'm', usage: { input_tokens: 10, output_tokens: 2 }, first_token_ms: 120 };
    expect(r.done(facts).events.at(-1)).toMatchObject({ type: 'turn.ended', outcome: 'complete', ...facts });
  });
});

describe('a model that fails', () => {
  it('[MS24] ends every cause as failed, and the conversation goes on', () => {
    const r = replying();
    r.post('M2', 'user_message');
    r.post('A', 'agent_message');
    const failed = r.failed('model_timeout');
    expect(failed.append.filter((line) => line.includes('level'))).toEqual([
      expect.stringMatching(/M failed model_timeout$/),
      expect.stringMatching(/M2 failed model_timeout$/),
    ]);
    r.pong();
    expect(r.levels('M')).toEqual(['accepted', 'applied', 'failed']);
    expect(r.typed('U').append.at(-1)).toMatch(/turn.started/);
  });

  it('[MS24] in a conversation without a client says its apology to the log', () => {
    const r = Rehearsal.begunByBackend('Hello');
    r.post('M', 'user_message');
    expect(r.failed().events[0]).toMatchObject({ type: 'message.added', text: APOLOGY });
  });
});

describe('a reply that is cut after words', () => {
  it('[MS25] leaves what was streamed, and closes the stream of whoever saw it begin', () => {
    const r = replying();
    r.delta('Let ');
    r.delta('me');
    const cut = r.typed('U');
    expect(cut.events.slice(1, 3)).toMatchObject([
      { text: 'Let me', interrupted: true },
      { reason: 'immediate', heard_text: 'Let me' },
    ]);
    expect(cut.frames[0]?.frame).toMatchObject({ agent_response_event: { agent_response: 'Let me' } });
    expect(deltas(r)).toBe('Let me');
  });

  it('[CV6] shows one that joined in its middle no piece of it, only the whole line', () => {
    const r = replying();
    r.delta('Let ');
    r.leave();
    r.join('s2');
    r.ready();
    expect(r.delta('me').leaves).toEqual([]);
    expect(r.done().leaves).toEqual(['agent_response#3', 'ping']);
  });

  it('[CV6] shows one that joined before its first word the stream from the start', () => {
    const r = replying();
    r.leave();
    r.join('s2');
    r.ready();
    expect(r.delta('Let ').leaves).toEqual(['start#3', 'delta#3']);
  });
});
