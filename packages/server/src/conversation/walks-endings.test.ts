import { describe, expect, it } from 'vitest';
import { APOLOGY, conversationSettings } from '../testing/conversation-settings.js';
import { Rehearsal } from '../testing/rehearsal.js';

/** Walks through replies that are cut, that fail, and that are the last. */

describe('walk 6: a streaming text reply is interrupted', () => {
  it('[MS25] the deltas stop at once, and the stream closes as heard', () => {
    const r = Rehearsal.opened();
    r.typed('M1');
    expect(r.delta('Let me').leaves).toEqual(['start#3', 'delta#3']);
    const first = r.openTurn;

    const cut = r.typed('M2');
    expect(cut.aborts).toEqual(['T']);
    expect(cut.append).toEqual([
      '10 message.accepted M2',
      '11 message.added agent "Let me" #3 interrupted',
      '12 turn.interrupted',
      '13 level M1 replied complete:false',
      '14 turn.ended',
      '15 message.added user #4',
      '16 level M2 applied',
      '17 turn.started T2 #5',
    ]);
    expect(cut.leaves).toEqual(['agent_response#3', 'stop#3', 'interruption#3', 'ping', 'engine: reply T2']);

    expect(r.delta(' think', first)).toMatchObject({ append: [], leaves: [] });
    expect(r.done({ turn_id: first })).toMatchObject({ append: [], leaves: [] });
    const pong = r.pong();
    expect(pong.append).toEqual(['18 client.confirmed through 17', '19 level M1 spoken complete:false']);
    expect(pong.rides).toBe(true);

    expect(r.delta('Sure').leaves).toEqual(['start#5', 'delta#5']);
    const done = r.done();
    expect(done.append).toEqual(['20 message.added agent #5', '21 level M2 replied', '22 turn.ended']);
    expect(done.leaves).toEqual(['agent_response#5', 'stop#5', 'ping']);
    expect(r.pong().append).toEqual(['23 client.confirmed through 22', '24 level M2 spoken']);
  });

  it('[MS5] had nothing been streamed: no frames, and the new turn answers both', () => {
    const r = Rehearsal.opened();
    r.typed('M1');
    const cut = r.typed('M2');
    expect(cut.aborts).toEqual(['T']);
    expect(cut.append).toEqual([
      '10 message.accepted M2',
      '11 turn.interrupted',
      '12 turn.ended',
      '13 message.added user #4',
      '14 level M2 applied',
      '15 turn.started T2 #5 for M1 M2',
    ]);
    expect(cut.leaves).toEqual(['engine: reply T2']);
    r.delta('Both');
    const done = r.done();
    expect(done.append).toEqual(['16 message.added agent #5', '17 level M1 replied', '18 level M2 replied', '19 turn.ended']);
    expect(done.events.filter(({ type }) => type === 'message.level')).toMatchObject([{ event_id: 5 }, { event_id: 5 }]);
    expect(r.pong().append).toEqual(['20 client.confirmed through 19', '21 level M1 spoken', '22 level M2 spoken']);
  });
});

describe('walk 11: the model fails', () => {
  it('[MS24] before a token: the apology is a line of its own', () => {
    const r = Rehearsal.opened();
    r.typed('M1');
    const failed = r.failed('model_timeout');
    expect(failed.append).toEqual(['10 message.added agent #3', '11 level M1 failed model_timeout', '12 turn.ended failed']);
    expect(failed.leaves).toEqual(['agent_response#3', 'ping']);
    expect(failed.events[0]).toMatchObject({ text: APOLOGY });
    expect(r.pong().append).toEqual(['13 client.confirmed through 12']);
  });

  it('[MS24] in mid-stream: the apology is the end of the same reply', () => {
    const r = Rehearsal.opened();
    r.typed('M1');
    r.delta('Let me');
    const failed = r.failed('model_error');
    expect(failed.append).toEqual(['10 message.added agent #3', '11 level M1 failed model_error', '12 turn.ended failed']);
    expect(failed.leaves).toEqual(['delta#3', 'agent_response#3', 'stop#3', 'ping']);
    expect(failed.events[0]).toMatchObject({ text: `Let me ${APOLOGY}` });
    expect(failed.frames[0]?.frame).toMatchObject({ text_response_part: { text: ` ${APOLOGY}` } });
  });
});

describe('walk 12: the agent ends the call', () => {
  const call = { tool_call_id: 'call_1', reason: 'said goodbye' };
  const hungUp = () => {
    const r = Rehearsal.opened();
    r.typed('M1');
    r.delta('Goodbye.');
    const done = r.done({ end_call: call });
    expect(done.append).toEqual(['10 message.added agent #3', '11 tool.called', '12 level M1 replied', '13 turn.ended']);
    expect(done.leaves).toEqual(['agent_response#3', 'stop#3', 'ping']);
    return r;
  };

  it('[CV17, CV22] at the pong', () => {
    const r = hungUp();
    const pong = r.pong();
    expect(pong.append).toEqual([
      '14 client.confirmed through 13',
      '15 level M1 spoken',
      '16 tool.returned',
      '17 conversation.ended end_call',
    ]);
    expect(pong.leaves).toEqual(['agent_tool_response#3', 'close after 1000 ms ended by the agent']);
    expect(pong.rides).toBe(false);
  });

  it('[CV17, CV22] or after a second', () => {
    const r = hungUp();
    expect(r.wait(999).append).toEqual([]);
    const late = r.wait(1);
    expect(late.append).toEqual(['14 level M1 undeliverable outcome_unknown', '15 tool.returned', '16 conversation.ended end_call']);
    expect(late.leaves).toEqual(['agent_tool_response#3', 'close after 1000 ms ended by the agent']);
  });

  it('[CV22] says the farewell when nothing was said', () => {
    const r = Rehearsal.opened();
    r.typed('M1');
    const done = r.done({ end_call: { ...call, message: 'Bye!' } });
    expect(done.append).toEqual(['10 message.added agent #3', '11 tool.called', '12 level M1 replied', '13 turn.ended']);
    expect(done.leaves).toEqual(['agent_response#3', 'ping']);
    expect(done.events[0]).toMatchObject({ text: 'Bye!' });
  });
});

describe('walk 13: an end in mid-stream, with M2 waiting', () => {
  const streaming = (r: Rehearsal) => {
    r.typed('M1');
    r.delta('Let me');
    expect(r.post('M2', 'agent_message').append).toEqual(['10 message.accepted M2']);
    return r;
  };

  it('[CV17, CV20] by the maximum duration, at the pong', () => {
    const r = streaming(Rehearsal.opened({ settings: conversationSettings({ maxDurationMs: 60_000 }) }));
    const over = r.wait(60_000);
    expect(over.aborts).toEqual(['T']);
    expect(over.append).toEqual([
      '11 message.added agent "Let me" #3 interrupted',
      '12 turn.interrupted max_duration',
      '13 level M1 replied complete:false',
      '14 turn.ended',
    ]);
    expect(over.leaves).toEqual(['agent_response#3', 'stop#3', 'interruption#3', 'ping']);
    const pong = r.pong();
    expect(pong.append).toEqual([
      '15 client.confirmed through 14',
      '16 level M1 spoken complete:false',
      '17 level M2 undeliverable conversation_ended',
      '18 conversation.ended max_duration',
    ]);
    expect(pong.leaves).toEqual(['error max_duration_exceeded', 'close maximum duration reached']);
  });

  it('[CV17, CV20] by the maximum duration, a second later', () => {
    const r = streaming(Rehearsal.opened({ settings: conversationSettings({ maxDurationMs: 60_000 }) }));
    r.wait(60_000);
    expect(r.wait(999).append).toEqual([]);
    const late = r.wait(1);
    expect(late.append).toEqual([
      '15 level M1 undeliverable outcome_unknown',
      '16 level M2 undeliverable conversation_ended',
      '17 conversation.ended max_duration',
    ]);
    expect(late.leaves).toEqual(['error max_duration_exceeded', 'close maximum duration reached']);
  });

  it('[CV17, CV19] by the backend, with its last line', () => {
    const r = streaming(Rehearsal.opened());
    const ended = r.end('Bye');
    expect(ended.append).toEqual([
      '11 message.added agent "Let me" #3 interrupted',
      '12 turn.interrupted ended',
      '13 level M1 replied complete:false',
      '14 turn.ended',
      '15 message.added agent "Bye" #4 source api',
    ]);
    expect(ended.leaves).toEqual(['agent_response#3', 'stop#3', 'interruption#3', 'agent_response#4', 'ping']);
    const pong = r.pong();
    expect(pong.append).toEqual([
      '16 client.confirmed through 15',
      '17 level M1 spoken complete:false',
      '18 level M2 undeliverable conversation_ended',
      '19 conversation.ended ended_by_api',
    ]);
    expect(pong.leaves).toEqual(['close ended by the backend']);
  });
});
