import { describe, expect, it } from 'vitest';
import { Rehearsal } from '../testing/rehearsal.js';
import { MAX_OWED_BYTES, MAX_OWED_LINES } from './record.js';

const code = ({ answer }: { answer: { ok: boolean } }): unknown => ('code' in answer ? answer.code : 'ok');
const owed = (r: Rehearsal): number[] => r.record.owed.map(({ seq }) => seq);

describe('a client that joins', () => {
  it('[CV6] is shown its metadata, and nothing else until it is ready', () => {
    const r = Rehearsal.opened();
    r.typed('M1');
    r.delta('Let me');
    r.leave();
    expect(r.join('s2').leaves).toEqual(['metadata']);
    expect(r.delta(' see').leaves).toEqual([]);
    expect(r.done().leaves).toEqual([]);
    expect(r.post('A', 'agent_message').leaves).toEqual([]);
    expect(r.pong(99)).toMatchObject({ append: [], leaves: [] });
    expect(r.ready().leaves).toEqual(['agent_response#3', 'agent_response#4', 'ping']);
  });

  it('[CV6] is ready once, and only while it is the client', () => {
    const r = Rehearsal.opened();
    r.post('A', 'agent_message');
    expect(r.ready().leaves).toEqual([]);
    r.leave();
    expect(r.ready('s1').leaves).toEqual([]);
    r.join('s2');
    expect(r.ready('s1').leaves).toEqual([]);
    expect(r.ready('s2').leaves).toEqual(['agent_response#2', 'ping']);
  });

  it('[CV8] is shown every line that is owed, whole, with its old event_id, before anything new', () => {
    const r = Rehearsal.opened();
    r.post('A1', 'agent_message', { text: 'one' });
    r.typed('U1');
    r.delta('two');
    r.done();
    r.post('L', 'user_message', { text: 'three', urgency: 'later' });
    r.leave();
    r.post('A2', 'agent_message', { text: 'four' });
    r.join('s2');
    const ready = r.ready();
    expect(ready.leaves).toEqual(['agent_response#2', 'agent_response#4', 'user_transcript#5', 'agent_response#6', 'ping']);
    expect(ready.append).toHaveLength(2);
    // Seen twice at worst: whatever is not confirmed is shown to the next one too.
    r.leave();
    r.join('s3');
    expect(r.ready().leaves).toEqual(['agent_response#2', 'agent_response#4', 'user_transcript#5', 'agent_response#6', 'ping']);
    r.pong();
    r.leave();
    r.join('s4');
    expect(r.ready().leaves).toEqual([]);
  });

  it('[CV9] hears the greeting once; one that never heard it gets it as its own', () => {
    const r = new Rehearsal();
    r.create({ begun: 'signed_url', expires_in_ms: 900_000 });
    r.join('s1', { init: { first_message: 'Hello s1' } });
    r.leave();
    r.join('s2', { init: { first_message: 'Hello s2', dynamic_variables: { name: 'Ada' } } });
    expect(r.ready().events[0]).toMatchObject({ type: 'message.added', source: 'greeting', text: 'Hello s2', event_id: 1 });
    expect(r.record.init).toMatchObject({ dynamic_variables: { name: 'Ada' } });
    r.leave();
    r.join('s3', { init: { first_message: 'Hello s3' } });
    expect(r.log.findLast(({ type }) => type === 'client.joined')).not.toHaveProperty('init');
    expect(r.ready().leaves).toEqual(['agent_response#1', 'ping']);
    expect(r.record.init.first_message).toBe('Hello s2');
  });

  it('[CV9] gets no greeting where there is none', () => {
    const r = new Rehearsal();
    r.create({ begun: 'client' });
    r.join('s1', { init: { first_message: '' } });
    expect(r.ready()).toMatchObject({ append: [], leaves: [] });
  });

  it('[CV37] keeps the backend’s user_id, with a warning', () => {
    const r = new Rehearsal();
    r.create({ begun: 'signed_url', user_id: 'ada', user_id_verified: true, expires_in_ms: 900_000 });
    expect(r.join('s1', { user_id: 'eve' }).append).toContain('4 conversation.warned user_id_ignored');
    expect(r.record).toMatchObject({ userId: 'ada', userIdVerified: true });
    expect(r.log.find(({ type }) => type === 'client.joined')).not.toHaveProperty('user_id');
  });

  it('[CV37] gives its user_id where the backend gave none, and its warnings', () => {
    const r = new Rehearsal();
    r.create({ begun: 'client' });
    const joined = r.join('s1', { user_id: 'ada', warnings: [{ code: 'init_ignored', message: 'x' }] });
    expect(joined.append).toEqual(['2 client.joined s1', '3 conversation.opened', '4 conversation.warned init_ignored']);
    expect(r.record).toMatchObject({ userId: 'ada', userIdVerified: false });
  });

  it('[CV12] spends its signed URL with the join, also across a crash', () => {
    const r = new Rehearsal();
    r.create({ begun: 'signed_url', expires_in_ms: 900_000 });
    expect(code(r.join('s1', { url_id: 'url_1' }))).toBe('ok');
    r.leave();
    expect(r.join('s2', { url_id: 'url_1' })).toMatchObject({ answer: { code: 'signed_url_used' }, append: [] });
    r.crash();
    expect(code(r.join('s3', { url_id: 'url_1' }))).toBe('signed_url_used');
    expect(code(r.join('s4', { url_id: 'url_2' }))).toBe('ok');
  });

  it('[CV12] and is refused does not spend it', () => {
    const r = Rehearsal.opened();
    expect(code(r.join('s2', { url_id: 'url_1' }))).toBe('attach_not_available');
    r.leave();
    expect(code(r.join('s3', { url_id: 'url_1' }))).toBe('ok');
  });
});

describe('beside a client that is there', () => {
  it('[CV11] only a resume gets in, and takes its place', () => {
    const r = Rehearsal.opened();
    expect(r.join('s2')).toMatchObject({ answer: { code: 'attach_not_available' }, append: [], leaves: [] });
    expect(code(r.join('s2', { join: 'attach' }))).toBe('attach_not_available');
    expect(code(r.join('s2', { role: 'attached', join: 'resume' }))).toBe('attach_not_available');
    const resumed = r.join('s2', { join: 'resume' });
    expect(resumed.append).toEqual(['6 client.left', '7 client.joined s2']);
    expect(resumed.events[0]).toMatchObject({ session_id: 's1', reason: 'superseded' });
    expect(resumed.leaves).toEqual(['s1 close superseded', 'metadata']);
    expect(r.record).toMatchObject({ phase: 'open', client: { sessionId: 's2' } });
  });

  it('[CV11] what the old one still says is not heard', () => {
    const r = Rehearsal.opened();
    r.join('s2', { join: 'resume' });
    expect(r.perform({ type: 'client.leave', session_id: 's1', reason: 'left', code: 1000 }).append).toEqual([]);
    expect(r.perform({ type: 'client.pong', session_id: 's1', through: 99 }).append).toEqual([]);
    r.perform({ type: 'client.activity', session_id: 's1' });
    expect(r.ready().leaves).toEqual([]);
    expect(r.situation).toBe('listening');
  });

  it('[CV11] the newcomer is shown what the old one did not confirm', () => {
    const r = Rehearsal.opened();
    r.post('A', 'agent_message');
    r.typed('U');
    r.delta('Let ');
    r.join('s2', { join: 'resume' });
    expect(r.ready().leaves).toEqual(['agent_response#2', 'ping']);
    expect(r.delta('me').leaves).toEqual([]);
    expect(r.done().leaves).toEqual(['agent_response#4', 'ping']);
    r.pong();
    expect(r.levels('A').at(-1)).toBe('spoken');
    expect(r.levels('U').at(-1)).toBe('spoken');
  });

  it('[CV14] a ping that stands behind the old one’s lines is not the newcomer’s', () => {
    const r = Rehearsal.opened();
    r.typing();
    r.post('A', 'agent_message');
    r.pass(2_000);
    // The pause is over: the line goes to s1 in the moment in which s2 takes its place.
    const resumed = r.join('s2', { join: 'resume' });
    expect(resumed.leaves).toEqual(['s1 agent_response#2', 's1 close superseded', 'metadata']);
    expect(r.ready().leaves).toEqual(['agent_response#2', 'ping']);
  });
});

describe('a client that leaves', () => {
  it('[CV10] on purpose ends the conversation; a lost one drops it, with a window to come back', () => {
    const left = Rehearsal.opened();
    expect(left.leave('left', 1000).append).toEqual(['6 client.left', '7 conversation.ended client_left']);
    for (const reason of ['lost', 'too_slow', 'frame_too_long', 'server_stopped'] as const) {
      const lost = Rehearsal.opened();
      expect(lost.leave(reason, 1006).append).toEqual(['6 client.left', '7 conversation.dropped']);
      expect(lost.log.at(-1)).toMatchObject({ resume_in_ms: 30_000 });
      expect(lost.log.at(-2)).toMatchObject({ reason, code: 1006 });
      expect(lost.nextIn).toBe(30_000);
    }
  });

  it('[CV10] and is back within its window goes on', () => {
    const r = Rehearsal.opened();
    r.leave();
    r.pass(29_999);
    expect(r.join('s2').append).toEqual(['8 client.joined s2', '9 conversation.opened']);
    expect(r.wait(60_000).append).toEqual([]);
  });

  it('[CV10] and comes when its window is over comes too late', () => {
    const r = Rehearsal.opened();
    r.leave();
    r.pass(30_000);
    expect(r.join('s2')).toMatchObject({ answer: { code: 'conversation_ended' }, append: ['8 conversation.ended client_lost'] });
  });

  it('[CV5] a backend’s conversation leaves it open; whether its last lines were seen is not known', () => {
    for (const reason of ['left', 'lost'] as const) {
      const r = Rehearsal.begunByBackend('Hello');
      r.rejoin('s1');
      r.post('A', 'agent_message');
      r.post('M', 'user_message');
      expect(r.leave(reason).append.map((line) => line.replace(/^\d+ /, ''))).toEqual([
        'client.left',
        'level A undeliverable outcome_unknown',
      ]);
      expect(r.record.phase).toBe('open');
      r.delta('Still here.');
      r.done();
      expect(r.levels('M')).toEqual(['accepted', 'applied', 'replied']);
      expect(r.record.open).toEqual({});
    }
  });

  it('[CV5] what would have waited for its pause acts at once', () => {
    const r = Rehearsal.begunByBackend();
    r.rejoin('s1');
    r.typing();
    r.post('M', 'user_message');
    expect(r.leave().append.at(-1)).toMatch(/turn.started/);
  });
});

describe('a backend’s conversation', () => {
  it('[CV4] has spoken only while a client is joined', () => {
    const r = Rehearsal.begunByBackend('Hello');
    r.post('A1', 'agent_message');
    expect(r.levels('A1')).toEqual(['accepted', 'applied']);
    expect(r.log.at(-1)).toMatchObject({ level: 'applied', final: true });
    r.post('M', 'user_message');
    r.join('s1');
    r.ready();
    r.post('A2', 'agent_message');
    r.delta('42');
    expect(r.done().leaves).toEqual(['agent_response#4', 'stop#4', 'ping']);
    r.pong();
    expect(r.levels('A2')).toEqual(['accepted', 'applied', 'spoken']);
    expect(r.levels('M')).toEqual(['accepted', 'applied', 'replied', 'spoken']);
  });

  it('[CV4] is not held while a client joins: the newcomer is shown what was said meanwhile when it is ready', () => {
    const r = Rehearsal.begunByBackend('Hello');
    r.join('s1');
    expect(r.post('A', 'agent_message').append).toHaveLength(3);
    expect(r.ready().leaves).toEqual(['agent_response#2', 'ping']);
  });

  it('[CV4] owes nothing from before its first client', () => {
    const r = Rehearsal.begunByBackend('Hello');
    r.post('A', 'agent_message');
    expect(r.rejoin('s1').leaves).toEqual([]);
  });
});

describe('lines that are owed', () => {
  it('[CV13] are a thousand at most; what falls out ends with an unknown outcome', () => {
    const r = Rehearsal.opened({ compares: 'when asked' });
    for (let i = 1; i <= MAX_OWED_LINES; i++) r.post(`A${i}`, 'agent_message', { text: `${i}` });
    r.compare();
    expect(owed(r)).toHaveLength(MAX_OWED_LINES);
    const step = r.post('B', 'agent_message');
    expect(step.append.map((line) => line.replace(/^\d+ /, ''))).toEqual([
      'message.accepted B',
      'message.added B #1002',
      'level A1 undeliverable outcome_unknown',
      'level B applied',
    ]);
    expect(owed(r)).toHaveLength(MAX_OWED_LINES);
    r.compare();
    r.pong();
    r.compare();
    expect(r.levels('A1')).toEqual(['accepted', 'applied', 'undeliverable']);
    expect(r.levels('A2')).toEqual(['accepted', 'applied', 'spoken']);
    expect(r.record).toMatchObject({ owed: [], owedBytes: 0, open: {} });
  });

  it('[CV13] are a mebibyte at most, and the newest stays', () => {
    const r = Rehearsal.opened();
    const text = 'x'.repeat(16_384);
    for (let i = 1; i <= MAX_OWED_BYTES / text.length; i++) r.post(`A${i}`, 'agent_message', { text });
    expect(r.record.owedBytes).toBe(MAX_OWED_BYTES);
    r.post('U', 'user_message', { text: 'é', urgency: 'later' });
    expect(owed(r)).toHaveLength(64);
    expect(r.record.owedBytes).toBe(63 * text.length + 2);
    expect(r.levels('A1').at(-1)).toBe('undeliverable');
  });
});

describe('a ping', () => {
  it('[CV14] stands once behind the frames of a decision that shows an owed line, and names the last seq it covers', () => {
    const r = Rehearsal.opened();
    const step = r.post('A', 'agent_message');
    expect(step.leaves).toEqual(['agent_response#2', 'ping']);
    expect(step.frames.at(-1)?.frame).toMatchObject({ ping_event: { event_id: 8 } });
    expect(r.post('C', 'contextual_update').leaves).toEqual([]);
    expect(r.typed('U').leaves).toEqual(['engine: reply T']);
  });

  it('[CV15] confirms every line up to it, and those before', () => {
    const r = Rehearsal.opened();
    r.post('A1', 'agent_message');
    r.post('A2', 'agent_message');
    r.post('A3', 'agent_message');
    const pong = r.pong(11);
    expect(pong.append).toEqual(['15 client.confirmed through 11', '16 level A1 spoken', '17 level A2 spoken']);
    expect(pong.rides).toBe(true);
    expect(owed(r)).toEqual([13]);
  });

  it('[CV15] answered with more than was sent counts for what was sent', () => {
    const r = Rehearsal.opened();
    r.post('A1', 'agent_message');
    expect(r.pong(1_000_000).append).toEqual(['9 client.confirmed through 8', '10 level A1 spoken']);
    r.post('A2', 'agent_message');
    expect(owed(r)).toHaveLength(1);
  });

  it('[CV15] whose answer confirms nothing new leaves no trace', () => {
    const r = Rehearsal.opened();
    expect(r.pong()).toMatchObject({ append: [], leaves: [] });
    r.post('A1', 'agent_message');
    r.pong();
    for (const through of [r.record.seq, 8, 6, 0, -1]) expect(r.pong(through).append).toEqual([]);
  });

  it('[CV16] that a client which is there leaves unanswered for ten seconds: written, and owed still', () => {
    const r = Rehearsal.opened();
    r.post('A', 'agent_message');
    expect(r.nextIn).toBe(10_000);
    expect(r.wait(9_999).append).toEqual([]);
    const late = r.wait(1);
    expect(late.append).toEqual(['9 level A spoken written']);
    expect(late.rides).toBe(true);
    expect(owed(r)).toEqual([7]);
    r.leave();
    expect(r.rejoin('s2').leaves).toEqual(['agent_response#2', 'ping']);
    expect(r.pong().append).toEqual(['14 client.confirmed through 13']);
    expect(r.levels('A')).toEqual(['accepted', 'applied', 'spoken']);
  });

  it('[CV16] each counts by itself, and an answer to a later one is an answer to all before', () => {
    const r = Rehearsal.opened();
    r.post('A1', 'agent_message');
    r.pass(6_000);
    r.post('A2', 'agent_message');
    expect(r.wait(4_000).append).toEqual([expect.stringMatching(/A1 spoken written/)]);
    expect(r.nextIn).toBe(6_000);
    expect(r.pong().append).toEqual([expect.stringMatching(/confirmed/), expect.stringMatching(/A2 spoken$/)]);
    expect(r.nextIn).toBeGreaterThan(60_000);
  });

  it('[CV16] of a client that is gone says nothing', () => {
    const r = Rehearsal.opened();
    r.post('A', 'agent_message');
    r.leave();
    expect(r.wait(10_000).append).toEqual([]);
    expect(r.levels('A')).toEqual(['accepted', 'applied']);
  });
});
