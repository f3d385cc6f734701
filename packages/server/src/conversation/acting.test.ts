import { describe, expect, it } from 'vitest';
import { Rehearsal } from '../testing/rehearsal.js';

const applied = (r: Rehearsal): string[] =>
  r.log.flatMap((event) => (event.type === 'message.level' && event.level === 'applied' ? r.names.of(event.message_id) : []));

const lines = (r: Rehearsal): string[] => r.log.flatMap((event) => (event.type === 'message.added' ? event.text : []));

describe('messages that act together', () => {
  it('[MS4] act in one order: context and instructions, user lines, agent lines, then one reply', () => {
    const r = Rehearsal.opened();
    r.typed('M1');
    r.delta('Let me');
    r.post('A', 'agent_message', { text: 'Hold on.' });
    r.post('U1', 'user_message', { text: 'first' });
    r.post('I', 'instruction', { text: 'Be brief.' });
    r.post('U2', 'user_message', { text: 'second' });
    r.post('C', 'contextual_update', { text: 'The cart is empty.' });
    const done = r.done();
    expect(done.append.slice(3)).toEqual([
      '18 level I applied',
      '19 context.set C',
      '20 level C applied',
      '21 message.added user #4',
      '22 level U1 applied',
      '23 message.added user #5',
      '24 level U2 applied',
      '25 message.added A #6',
      '26 level A applied',
      '27 turn.started T2 #7 for I U1 U2',
    ]);
    expect(done.leaves).toEqual([
      'agent_response#3',
      'stop#3',
      'user_transcript#4',
      'user_transcript#5',
      'agent_response#6',
      'ping',
      'engine: reply T2',
    ]);
    expect(done.out.at(-1)).toMatchObject({ input: { type: 'reply', instructions: ['Be brief.'] } });
  });

  it('[MS5] share the event_id of their one reply, also with those of a wordless turn that it replaces', () => {
    const r = Rehearsal.opened();
    r.typed('M1');
    r.post('M2', 'user_message');
    r.post('I', 'instruction', { urgency: 'immediate' });
    r.delta('All of it.');
    const done = r.done();
    const replied = done.events.filter((event) => event.type === 'message.level');
    expect(replied.map((event) => [r.names.of(event.message_id), event.level, event.event_id])).toEqual([
      ['M1', 'replied', 6],
      ['M2', 'replied', 6],
      ['I', 'replied', 6],
    ]);
    expect(r.pong().append.slice(1)).toEqual([
      expect.stringMatching(/M1 spoken/),
      expect.stringMatching(/M2 spoken/),
      expect.stringMatching(/I spoken/),
    ]);
  });

  it('[CV7] at the join act in seq order, behind contexts and the greeting, then the reply', () => {
    const r = new Rehearsal();
    r.create({ begun: 'signed_url', expires_in_ms: 900_000 });
    r.post('A1', 'agent_message', { text: 'one' });
    r.post('U', 'user_message', { text: 'two', urgency: 'immediate' });
    r.post('A2', 'agent_message', { text: 'three' });
    r.post('C', 'contextual_update', { text: 'known' });
    r.join('s1', { init: { first_message: 'Hello' } });
    const ready = r.ready();
    expect(lines(r)).toEqual(['Hello', 'one', 'two', 'three']);
    expect(applied(r)).toEqual(['C', 'A1', 'U', 'A2']);
    expect(ready.append[0]).toMatch(/context.set/);
    expect(ready.leaves).toEqual([
      'agent_response#1',
      'agent_response#2',
      'user_transcript#3',
      'agent_response#4',
      'ping',
      'engine: reply T',
    ]);
  });

  it('[MS28] what is held as immediate acts as soon: it cuts no reply that outlived its client', () => {
    for (const when of ['before the loss', 'after it'] as const) {
      const r = Rehearsal.opened();
      r.typed('M1');
      r.delta('Let me');
      if (when === 'before the loss') {
        r.typing();
        r.post('X', 'user_message', { urgency: 'immediate' });
      }
      r.leave('lost');
      if (when === 'after it') r.post('X', 'user_message', { urgency: 'immediate' });
      r.join('s2');
      expect(r.ready()).toMatchObject({ append: [], aborts: [] });
      expect(r.done().append.some((line) => line.endsWith('level X applied'))).toBe(true);
    }
  });
});

describe('a reply that is due and wordless', () => {
  it('[MS6] is restarted by soon once, then what comes as soon waits for it', () => {
    const r = Rehearsal.opened();
    r.post('M1', 'user_message');
    expect(r.post('M2', 'user_message').append).toEqual([
      '10 message.accepted M2',
      '11 turn.interrupted soon',
      '12 turn.ended',
      '13 message.added user #4',
      '14 level M2 applied',
      '15 turn.started T2 #5 for M1 M2',
    ]);
    expect(r.post('M3', 'user_message').append).toEqual(['16 message.accepted M3']);
    r.delta('To both.');
    const done = r.done();
    expect(done.append.at(-1)).toBe('23 turn.started T3 #7');
    expect(r.levels('M3')).toEqual(['accepted', 'applied']);
  });

  it('[MS6] counts the restart for each reply by itself', () => {
    const r = Rehearsal.opened();
    r.post('M1', 'user_message');
    r.post('M2', 'user_message');
    r.delta('One.');
    r.done();
    r.post('M3', 'user_message');
    expect(r.post('M4', 'user_message').aborts).toHaveLength(1);
    expect(r.post('M5', 'user_message').aborts).toHaveLength(0);
  });

  it('[MS7] is restarted by immediate as often as it comes, and that does not count', () => {
    const r = Rehearsal.opened();
    r.post('M1', 'user_message');
    expect(r.typed('M2').aborts).toHaveLength(1);
    expect(r.typed('M3').aborts).toHaveLength(1);
    expect(r.record.restarted).toBe(false);
    expect(r.post('M4', 'user_message').aborts).toHaveLength(1);
    expect(r.record.restarted).toBe(true);
    expect(r.post('M5', 'user_message').aborts).toHaveLength(0);
    expect(r.typed('M6').aborts).toHaveLength(1);
    expect(r.record.turn?.cause).toHaveLength(6);
  });

  it('[MS7] a restart by both counts as the immediate one’s', () => {
    const r = Rehearsal.opened();
    r.post('M1', 'user_message');
    r.typing();
    r.post('S', 'user_message', { urgency: 'soon' });
    r.post('X', 'user_message', { urgency: 'immediate' });
    const paused = r.wait(2_000);
    expect(paused.events[0]).toMatchObject({ type: 'turn.interrupted', reason: 'immediate' });
    expect(r.record.restarted).toBe(false);
  });

  it('[MS8] takes all that waits along when it is restarted', () => {
    const r = Rehearsal.opened();
    r.post('M1', 'user_message');
    r.post('M2', 'user_message');
    r.post('C', 'contextual_update');
    r.post('L', 'user_message', { urgency: 'later' });
    r.post('N', 'user_message', { reply: 'none' });
    r.post('M3', 'user_message');
    r.post('I', 'instruction', { urgency: 'later' });
    expect(r.record.waiting).toHaveLength(5);
    r.typed('M4');
    expect(r.record.waiting).toEqual([]);
    expect(r.record.turn?.cause.map((id) => r.names.of(id))).toEqual(['M1', 'M2', 'M3', 'M4', 'I']);
    expect(applied(r).slice(2)).toEqual(['C', 'L', 'N', 'M3', 'M4', 'I']);
  });

  it('[MS9] is protected as a whole by one protected cause', () => {
    const r = Rehearsal.opened();
    r.post('M1', 'user_message');
    r.post('M2', 'user_message', { interruptible: false });
    expect(r.log.at(-1)).toMatchObject({ type: 'turn.started', interruptible: false });
    r.delta('A long story');
    const typed = r.typed('M3');
    expect(typed.append).toEqual([expect.stringMatching(/message.accepted M3 downgraded/)]);
    expect(typed.aborts).toEqual([]);
    r.done();
    expect(r.log.at(-1)).toMatchObject({ type: 'turn.started', interruptible: true });
  });

  it('[MS9] protected, it is followed by one reply to all that came meanwhile', () => {
    const r = Rehearsal.opened();
    r.post('M1', 'user_message', { interruptible: false });
    r.delta('Once upon a time');
    r.typed('M2');
    r.post('M3', 'user_message', { urgency: 'immediate' });
    r.post('M4', 'user_message');
    r.post('C', 'contextual_update');
    const done = r.done();
    expect(done.append.filter((line) => line.includes('turn.started'))).toEqual([expect.stringMatching(/for M2 M3 M4$/)]);
    const downgraded = r.log.flatMap((event) =>
      event.type === 'message.accepted' && event.downgraded ? r.names.of(event.message_id) : [],
    );
    expect(downgraded).toEqual(['M2', 'M3']);
  });
});

describe('a line that wants no reply', () => {
  it('[MS10] opens no turn', () => {
    const r = Rehearsal.opened();
    const step = r.post('N', 'user_message', { reply: 'none' });
    expect(step.append).toEqual(['6 message.accepted N', '7 message.added user #2', '8 level N applied']);
    expect(step.answer).toMatchObject({ receipt: { ended: true } });
  });

  it('[MS10] restarts none: it is added behind the reply, however urgent', () => {
    const r = Rehearsal.opened();
    r.post('M1', 'user_message');
    expect(r.post('N1', 'user_message', { reply: 'none' }).append).toHaveLength(1);
    expect(r.post('N2', 'user_message', { reply: 'none', urgency: 'immediate' }).append).toHaveLength(1);
    expect(r.delta('Let me')).toMatchObject({ append: [], aborts: [] });
    // Nor does it when the table is looked at again for another's sake.
    expect(r.post('A', 'agent_message').aborts).toEqual([]);
    expect(r.done().append.slice(3)).toEqual([
      '16 message.added user #4',
      '17 level N1 applied',
      '18 message.added user #5',
      '19 level N2 applied',
      '20 message.added A #6',
      '21 level A applied',
    ]);
  });

  it('[MS10] stops speech when it is immediate, and is not replied to', () => {
    const r = Rehearsal.opened();
    r.typed('M1');
    r.delta('Let me');
    const step = r.post('N', 'user_message', { reply: 'none', urgency: 'immediate' });
    expect(step.aborts).toEqual(['T']);
    expect(step.append.at(-1)).toMatch(/level N applied/);
    expect(r.record.turn).toBeUndefined();
  });
});

describe('an instruction that wants no reply of its own', () => {
  it.each([{ urgency: 'later' as const }, { reply: 'none' as const }])('[MS11] waits for the next prompt: %j', (request) => {
    const r = Rehearsal.opened();
    expect(r.post('I', 'instruction', { text: 'Rhyme.', ...request }).append).toEqual(['6 message.accepted I']);
    expect(r.post('A', 'agent_message').append.some((line) => line.includes('level I'))).toBe(false);
    const typed = r.typed('M1');
    expect(typed.append.slice(-2)).toEqual([
      expect.stringMatching(/level I applied/),
      expect.stringMatching(/turn.started T #4 for M1 I$/),
    ]);
    expect(typed.out.at(-1)).toMatchObject({ input: { instructions: ['Rhyme.'] } });
    r.delta('Sure.');
    r.done();
    expect(r.levels('I')).toEqual(['accepted', 'applied', 'replied']);
  });

  it('[MS11] is never downgraded, and takes no part in a protected reply', () => {
    const r = Rehearsal.opened();
    r.post('M1', 'user_message', { interruptible: false });
    const step = r.post('I', 'instruction', { reply: 'none', urgency: 'immediate' });
    expect(step.append).toEqual([expect.stringMatching(/message.accepted I$/)]);
    r.delta('A story.');
    r.done();
    expect(r.levels('I')).toEqual(['accepted']);
  });

  it('[MS11] held, it acts at the next prompt and not at the join', () => {
    const r = new Rehearsal();
    r.create({ begun: 'signed_url', expires_in_ms: 900_000 });
    r.post('I', 'instruction', { urgency: 'later' });
    r.rejoin('s1');
    expect(r.levels('I')).toEqual(['accepted']);
    r.typed('M1');
    expect(r.levels('I')).toEqual(['accepted', 'applied']);
  });

  it('[MS12] is forgotten after its reply', () => {
    const r = Rehearsal.opened();
    r.post('I', 'instruction', { text: 'Rhyme.' });
    r.delta('A rhyme.');
    r.done();
    expect(r.typed('M1').out.at(-1)).toMatchObject({ input: { instructions: [] } });
  });

  it('[MS12] goes into the new prompt when its turn is replaced before a word, and is forgotten when it is cut after one', () => {
    const r = Rehearsal.opened();
    r.post('I', 'instruction', { text: 'Rhyme.' });
    expect(r.typed('M1').out.at(-1)).toMatchObject({ input: { instructions: ['Rhyme.'] } });
    r.delta('A rhy');
    const cut = r.typed('M2');
    expect(cut.append).toContainEqual(expect.stringMatching(/level I replied complete:false/));
    expect(cut.out.at(-1)).toMatchObject({ input: { instructions: [] } });
  });
});

describe('while the user types', () => {
  it('[MS13] what would speak waits for the pause, then one reply answers both', () => {
    const r = Rehearsal.opened();
    r.typing();
    expect(r.post('M', 'user_message').append).toHaveLength(1);
    expect(r.post('A', 'agent_message').append).toHaveLength(1);
    r.pass(1_500);
    r.typing();
    expect(r.wait(1_999).append).toEqual([]);
    const typed = r.typed('U');
    expect(typed.append.slice(1).map((line) => line.replace(/^\d+ /, ''))).toEqual([
      'message.added user #2',
      'level M applied',
      'message.added user #3',
      'level U applied',
      'message.added A #4',
      'level A applied',
      'turn.started T #5 for M U',
    ]);
  });

  it('[MS13] the pause is two seconds, rung by the alarm', () => {
    const r = Rehearsal.opened();
    r.typing();
    r.post('A', 'agent_message');
    expect(r.nextIn).toBe(2_000);
    expect(r.wait(1_999).append).toEqual([]);
    expect(r.nextIn).toBe(1);
    expect(r.wait(1).append).toEqual(['7 message.added A #2', '8 level A applied']);
  });

  it('[MS13] typing without end counts for thirty seconds, until there was a pause', () => {
    const r = Rehearsal.opened();
    r.typing();
    r.post('A', 'agent_message');
    for (let seconds = 1; seconds < 30; seconds++) {
      r.pass(1_000);
      expect(r.typing().append).toEqual([]);
    }
    expect(r.nextIn).toBe(1_000);
    r.pass(1_000);
    expect(r.typing().append).toEqual(['7 message.added A #2', '8 level A applied']);
    r.pass(1_000);
    r.typing();
    expect(r.situation).toBe('listening');
    r.wait(2_000);
    r.typing();
    expect(r.situation).toBe('user_busy');
  });

  it('[MS13] a context is not delayed, and sending one is not the end of typing', () => {
    const r = Rehearsal.opened();
    r.typing();
    const context = { type: 'contextual_update', text: 'page 2', urgency: 'later', reply: 'none' } as const;
    const step = r.perform({ type: 'message.send', message: context, source: 'client', session_id: 's1' }, 'C');
    expect(step.append).toEqual(['6 message.accepted C', '7 context.set C', '8 level C applied']);
    expect(r.situation).toBe('user_busy');
  });

  it('[MS13] a user line that wants no reply and came as later is added at once', () => {
    const r = Rehearsal.opened();
    r.typing();
    expect(r.post('L', 'user_message', { urgency: 'later' }).leaves).toEqual(['user_transcript#2', 'ping']);
  });

  it('[MS13] typing that is not the present client’s is nobody’s', () => {
    const r = Rehearsal.opened();
    r.perform({ type: 'client.activity', session_id: 'sess_other' });
    expect(r.situation).toBe('listening');
  });

  it('[MS13] the greeting and what is held wait for the pause too, where the client types from its first moment', () => {
    const r = new Rehearsal();
    r.create({ begun: 'signed_url', expires_in_ms: 900_000 });
    r.post('A', 'agent_message');
    r.join('s1', { init: { first_message: 'Hello' } });
    r.typing();
    expect(r.ready().leaves).toEqual(['agent_response#1', 'ping']);
    expect(r.wait(2_000).leaves).toEqual(['agent_response#2', 'ping']);
  });
});

it('[CV36] a turn that is begun and cut by one command is begun for the engine only once, under its own id', () => {
  const r = Rehearsal.opened();
  r.typing();
  r.post('M', 'user_message');
  r.pass(2_000);
  // The pause is over: M starts a turn, and the line that is typed at this moment restarts it.
  const typed = r.typed('U');
  expect(typed.aborts).toEqual([]);
  expect(typed.leaves).toEqual(['user_transcript#2', 'ping', 'engine: reply T2']);
  const started = typed.events.flatMap((event) => (event.type === 'turn.started' ? event.turn_id : []));
  expect(new Set(started).size).toBe(2);
});
