import { describe, expect, it } from 'vitest';
import { Rehearsal } from '../testing/rehearsal.js';

const words = (append: readonly string[]): string[] => append.map((line) => line.replace(/^\d+ /, ''));

describe('a new conversation', () => {
  it('[CV1] begins its log with all that its creator said of it', () => {
    const r = new Rehearsal();
    r.create({
      begun: 'signed_url',
      user_id: 'ada',
      app_metadata: { reference: 'o-42' },
      expires_in_ms: 900_000,
      warnings: [{ code: 'w', message: 'x' }],
    });
    expect(r.log).toMatchObject([
      { seq: 1, epoch: 1, type: 'conversation.created', begun: 'signed_url', agent_id: 'agent_1', user_id: 'ada', expires_in_ms: 900_000 },
      { seq: 2, type: 'conversation.warned', code: 'w' },
    ]);
    expect(r.log[0]).not.toHaveProperty('warnings');
    expect(r.record).toMatchObject({ phase: 'created', appMetadata: { reference: 'o-42' }, eventIds: 0 });
  });

  it('[CV34] lives as long as the newest signed URL that names it', () => {
    const r = new Rehearsal();
    r.create({ begun: 'signed_url', expires_in_ms: 900_000 });
    r.pass(800_000);
    const minted = r.perform({ type: 'signed_url.mint', agent_id: 'agent_1', expires_in_ms: 900_000 });
    expect(minted).toMatchObject({ append: ['2 conversation.extended'], answer: { ok: true, phase: 'created' } });
    expect(r.nextIn).toBe(900_000);
    r.rejoin('s1');
    expect(r.perform({ type: 'signed_url.mint', agent_id: 'agent_1', expires_in_ms: 900_000 })).toMatchObject({
      append: [],
      answer: { phase: 'open' },
    });
  });

  it('[CV34] is minted for under its own agent only', () => {
    const r = Rehearsal.opened();
    expect(r.perform({ type: 'signed_url.mint', agent_id: 'agent_2', expires_in_ms: 1 })).toMatchObject({
      append: [],
      answer: { code: 'wrong_agent', param: 'agent_id' },
    });
  });
});

describe('after a restart', () => {
  it('[CV23] a created conversation waits on, for what is left of its time', () => {
    const r = new Rehearsal();
    r.create({ begun: 'signed_url', expires_in_ms: 900_000 });
    r.post('A', 'agent_message');
    r.pass(100_000);
    expect(r.crash({ downMs: 100_000 }).append).toEqual([]);
    expect(r.nextIn).toBe(700_000);
    expect(r.join('s1').append).toEqual(['3 client.joined s1', '4 conversation.opened']);
    expect(r.log.map(({ epoch }) => epoch)).toEqual([1, 1, 2, 2]);
  });

  it('[CV25] one whose client never got its id ends', () => {
    const r = new Rehearsal();
    r.create({ begun: 'client' });
    expect(r.crash().append).toEqual(['2 conversation.ended never_opened']);
  });

  it('[CV23] an open one is dropped, and its window counts from the start', () => {
    const r = Rehearsal.opened();
    r.post('A', 'agent_message');
    const restart = r.crash({ downMs: 600_000 });
    expect(restart.append).toEqual(['9 client.left', '10 conversation.dropped']);
    expect(r.log.slice(8)).toMatchObject([{ reason: 'server_restarted', session_id: 's1' }, { resume_in_ms: 30_000 }]);
    expect(r.nextIn).toBe(30_000);
    r.pass(29_999);
    expect(r.rejoin('s2').leaves).toEqual(['agent_response#2', 'ping']);
  });

  it('[CV23] a dropped one has its whole window again', () => {
    const r = Rehearsal.opened();
    r.leave();
    r.pass(20_000);
    expect(r.crash({ downMs: 600_000 }).append).toEqual([]);
    expect(r.nextIn).toBe(30_000);
    expect(words(r.wait(30_000).append)).toEqual(['conversation.ended client_lost']);
  });

  it('[CV24] what had no complete reply is answered when the client is back', () => {
    const r = Rehearsal.opened();
    r.post('M1', 'user_message');
    r.post('M2', 'user_message');
    r.delta('Let ');
    expect(words(r.crash().append)).toEqual(['turn.interrupted server_restarted', 'turn.ended', 'client.left', 'conversation.dropped']);
    r.post('A', 'agent_message');
    r.join('s2');
    const ready = r.ready();
    expect(words(ready.append)).toEqual(['message.added A #6', 'level A applied', 'turn.started T3 #7 for M1 M2']);
    // The user lines were confirmed by nobody either.
    expect(ready.leaves).toEqual(['user_transcript#2', 'user_transcript#4', 'agent_response#6', 'ping', 'engine: reply T3']);
    r.delta('42');
    r.done();
    r.pong();
    expect(r.levels('M1')).toEqual(['accepted', 'applied', 'replied', 'spoken']);
  });

  it('[CV24] what had words of a reply in the log is not answered again', () => {
    const r = Rehearsal.opened();
    r.typed('M1');
    r.delta('Let me');
    r.typed('M2');
    r.delta('Fine.');
    r.done();
    r.crash();
    r.join('s2');
    expect(r.ready().leaves).toEqual(['agent_response#3', 'agent_response#5', 'ping']);
  });

  it('[CV24] a backend’s conversation simply goes on, and answers at once', () => {
    const r = Rehearsal.begunByBackend('Hello');
    r.rejoin('s1');
    r.post('A', 'agent_message');
    r.post('M', 'user_message');
    const restart = r.crash();
    expect(words(restart.append)).toEqual([
      'turn.interrupted server_restarted',
      'turn.ended',
      'client.left',
      'level A undeliverable outcome_unknown',
      'turn.started T2 #5',
    ]);
    expect(restart.leaves).toEqual(['engine: reply T2']);
    expect(r.record.phase).toBe('open');
  });

  it('[CV2] at any seq the record is what the log says, and nothing breaks on the way on', () => {
    const play = () => {
      const r = Rehearsal.opened();
      r.post('C', 'contextual_update', { context_id: 'page' });
      r.typed('M1');
      r.delta('Let me');
      r.typed('M2');
      r.post('I', 'instruction', { urgency: 'later' });
      r.post('A', 'agent_message', { expires_in_ms: 60_000 });
      r.delta('Sure.');
      r.done();
      r.pong();
      r.leave();
      r.rejoin('s2');
      return r;
    };
    const whole = play().log.length;
    for (let seq = 1; seq <= whole; seq++) {
      const r = play();
      r.crash({ durable: seq });
      r.rejoin('s3');
      r.delta('And on.');
      r.done();
      r.pong();
      r.end();
      r.wait(1_000);
      expect(r.record.phase).toBe('ended');
      expect(r.record).toMatchObject({ waiting: [], open: {}, turn: undefined });
    }
  });
});

describe('metadata', () => {
  const patch = (r: Rehearsal, app_metadata: Record<string, string | number | boolean | null>) =>
    r.perform({ type: 'metadata.patch', app_metadata });

  it('[CV33] is merged at the top level, and null removes', () => {
    const r = new Rehearsal();
    r.create({ begun: 'signed_url', app_metadata: { a: 1, b: 'two' }, expires_in_ms: 1 });
    const step = patch(r, { b: null, c: true, a: 3 });
    expect(step.answer).toEqual({ ok: true, app_metadata: { a: 3, c: true } });
    expect(step.append).toEqual(['2 conversation.metadata_changed']);
    expect(r.record.appMetadata).toEqual({ a: 3, c: true });
    expect(r.crash().answer.ok && r.record.appMetadata).toEqual({ a: 3, c: true });
  });

  it('[CV33] has at most 4 KiB after the merge', () => {
    const r = Rehearsal.opened();
    expect(patch(r, { a: 'é'.repeat(1_000) }).append).toHaveLength(1);
    expect(patch(r, { b: 'é'.repeat(1_100) })).toMatchObject({
      append: [],
      answer: { code: 'invalid_request', param: 'app_metadata', problems: [{ loc: ['body', 'app_metadata'] }] },
    });
    expect(patch(r, { a: null, b: 'é'.repeat(1_100) }).append).toHaveLength(1);
  });
});

it('[CV18] feedback and warnings are facts that change nothing else', () => {
  const r = Rehearsal.opened();
  const before = JSON.stringify({ ...r.record, seq: 0 });
  expect(r.perform({ type: 'feedback.give', event_id: 1, score: 'dislike' }).events).toMatchObject([
    { type: 'feedback.given', event_id: 1, score: 'dislike' },
  ]);
  expect(r.perform({ type: 'client.warn', code: 'init_ignored', message: 'late' }).append).toEqual(['7 conversation.warned init_ignored']);
  expect(JSON.stringify({ ...r.record, seq: 0 })).toBe(before);
});

it('[CV27] a command finds nothing that is over: what has passed is settled first', () => {
  const r = Rehearsal.opened();
  r.leave();
  r.post('A', 'agent_message');
  r.pass(30_000);
  expect(r.post('B', 'agent_message')).toMatchObject({
    append: ['9 level A undeliverable conversation_ended', '10 conversation.ended client_lost'],
    answer: { code: 'conversation_ended' },
  });
});
