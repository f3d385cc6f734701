import { expect, it } from 'vitest';
import { Rehearsal } from '../testing/rehearsal.js';

/** Walks through the core, append by append: what is stored and what leaves, in which order. */

const opened = () => Rehearsal.opened();

it('[CV3, CV7] walk 0: a held agent_message is said behind the greeting of the first join', () => {
  const r = new Rehearsal();
  expect(r.create({ begun: 'signed_url', expires_in_ms: 900_000 }).append).toEqual(['1 conversation.created']);

  const posted = r.post('M0', 'agent_message');
  expect(posted.append).toEqual(['2 message.accepted M0']);
  expect(posted.answer).toMatchObject({
    ok: true,
    seq: 2,
    receipt: { status: 'accepted', accepted: { user_state: 'away', agent_state: 'listening' } },
  });

  const joined = r.join('s1', { init: { first_message: 'Hello' } });
  expect(joined.append).toEqual(['3 client.joined s1', '4 conversation.opened']);
  expect(joined.leaves).toEqual(['metadata']);

  const ready = r.ready();
  expect(ready.append).toEqual(['5 message.added greeting #1', '6 message.added M0 #2', '7 level M0 applied']);
  expect(ready.leaves).toEqual(['agent_response#1', 'agent_response#2', 'ping']);

  const pong = r.pong();
  expect(pong.append).toEqual(['8 client.confirmed through 7', '9 level M0 spoken']);
  expect(pong).toMatchObject({ leaves: [], rides: true });
});

it('[CV3] the other walks begin at seq 6', () => {
  const r = opened();
  expect(r.log.map(({ type }) => type)).toEqual([
    'conversation.created',
    'client.joined',
    'conversation.opened',
    'message.added',
    'client.confirmed',
  ]);
  expect(r.log.at(-1)).toMatchObject({ seq: 5, through: 4 });
});

it('[MS1, MS25] walk 1: an agent_message while a reply streams comes behind it', () => {
  const r = opened();
  const typed = r.typed('M1');
  expect(typed.append).toEqual(['6 message.accepted M1', '7 message.added user #2', '8 level M1 applied', '9 turn.started T #3']);
  expect(typed.leaves).toEqual(['engine: reply T']);
  expect(r.delta('Let ')).toMatchObject({ append: [], leaves: ['start#3', 'delta#3'] });
  expect(r.delta('me').leaves).toEqual(['delta#3']);

  const posted = r.post('M2', 'agent_message');
  expect(posted.append).toEqual(['10 message.accepted M2']);
  expect(posted.leaves).toEqual([]);
  expect(posted.answer).toMatchObject({ receipt: { status: 'accepted', accepted: { agent_state: 'speaking', user_state: 'quiet' } } });

  const done = r.done();
  expect(done.append).toEqual([
    '11 message.added agent #3',
    '12 level M1 replied',
    '13 turn.ended',
    '14 message.added M2 #4',
    '15 level M2 applied',
  ]);
  expect(done.leaves).toEqual(['agent_response#3', 'stop#3', 'agent_response#4', 'ping']);
  expect(done.frames[0]?.frame).toMatchObject({ agent_response_event: { agent_response: 'Let me' } });

  const pong = r.pong();
  expect(pong.append).toEqual(['16 client.confirmed through 15', '17 level M1 spoken', '18 level M2 spoken']);
  expect(pong.rides).toBe(true);
});

it('[CV4] walk 2: a user_message where no client is at all is replied', () => {
  const r = new Rehearsal();
  const created = r.create({ begun: 'api', init: { first_message: 'Hello' } });
  expect(created.append).toEqual(['1 conversation.created', '2 conversation.opened', '3 message.added greeting #1']);

  const posted = r.post('M1', 'user_message');
  expect(posted.append).toEqual(['4 message.accepted M1', '5 message.added user #2', '6 level M1 applied', '7 turn.started T #3']);
  expect(posted.leaves).toEqual(['engine: reply T']);
  r.delta('42.');

  const done = r.done();
  expect(done.append).toEqual(['8 message.added agent #3', '9 level M1 replied', '10 turn.ended']);
  expect(done.leaves).toEqual([]);
  expect(r.log[8]).toMatchObject({ level: 'replied', event_id: 3, complete: true, final: true });
  expect(r.record).toMatchObject({ owed: [], open: {} });
});

it('[CV8, CV10] walk 3: the client drops in mid-reply and comes back', () => {
  const r = opened();
  r.typed('M1');
  expect(r.delta('Let ').leaves).toEqual(['start#3', 'delta#3']);
  const left = r.leave('lost', 1006);
  expect(left.append).toEqual(['10 client.left', '11 conversation.dropped']);
  expect(left.rides).toBe(false);
  expect(r.delta('me').leaves).toEqual([]);

  const posted = r.post('M2', 'agent_message');
  expect(posted.append).toEqual(['12 message.accepted M2']);
  expect(posted.answer).toMatchObject({ receipt: { status: 'accepted', accepted: { agent_state: 'listening', user_state: 'away' } } });
  const done = r.done();
  expect(done.append).toEqual(['13 message.added agent #3', '14 level M1 replied', '15 turn.ended']);
  expect(done.leaves).toEqual([]);

  const joined = r.join('s2');
  expect(joined.append).toEqual(['16 client.joined s2', '17 conversation.opened']);
  expect(joined.leaves).toEqual(['metadata']);
  const ready = r.ready();
  expect(ready.append).toEqual(['18 message.added M2 #4', '19 level M2 applied']);
  expect(ready.leaves).toEqual(['agent_response#3', 'agent_response#4', 'ping']);
  expect(ready.frames[0]?.frame).toMatchObject({ agent_response_event: { agent_response: 'Let me' } });

  const pong = r.pong();
  expect(pong.append).toEqual(['20 client.confirmed through 19', '21 level M1 spoken', '22 level M2 spoken']);
  expect(pong.rides).toBe(true);
});

it('[MS22] walk 7: a context while listening is known at once and shown to nobody', () => {
  const r = opened();
  const first = r.post('C1', 'contextual_update', { context_id: 'page' });
  expect(first.append).toEqual(['6 message.accepted C1', '7 context.set page', '8 level C1 applied']);
  expect(first.leaves).toEqual([]);
  expect(first.answer).toMatchObject({ receipt: { status: 'applied', ended: true } });
  expect(r.log[7]).not.toHaveProperty('event_id');

  const second = r.post('C2', 'contextual_update', { context_id: 'page' });
  expect(second.append).toEqual(['9 message.accepted C2', '10 context.set page replaces C1', '11 level C2 applied']);
  expect(r.levels('C1')).toEqual(['accepted', 'applied']);
});

it('[MS22] walk 7: without a context_id a context is set under its own id', () => {
  const r = opened();
  const step = r.post('C1', 'contextual_update');
  expect(step.append).toEqual(['6 message.accepted C1', '7 context.set C1', '8 level C1 applied']);
  expect(r.log[6]).toMatchObject({ context_id: r.idOf('C1'), message_id: r.idOf('C1') });
});

it('[MS12] walk 8: an instruction while listening is replied to', () => {
  const r = opened();
  const posted = r.post('I1', 'instruction', { text: 'Ask for the postcode.' });
  expect(posted.append).toEqual(['6 message.accepted I1', '7 level I1 applied', '8 turn.started T #2']);
  expect(posted.leaves).toEqual(['engine: reply T']);
  expect(posted.out.at(-1)).toMatchObject({ input: { instructions: ['Ask for the postcode.'] } });
  r.delta('Your postcode?');
  const done = r.done();
  expect(done.append).toEqual(['9 message.added agent #2', '10 level I1 replied', '11 turn.ended']);
  expect(done.leaves).toEqual(['agent_response#2', 'stop#2', 'ping']);
  const pong = r.pong();
  expect(pong.append).toEqual(['12 client.confirmed through 11', '13 level I1 spoken']);
  expect(pong.rides).toBe(true);
});

it('[CV24] walk 8: after a crash in mid-turn the instruction is answered again', () => {
  const r = opened();
  r.post('I1', 'instruction', { text: 'Ask for the postcode.' });
  r.delta('Your ');
  expect(r.crash().append).toEqual(['9 turn.interrupted server_restarted', '10 turn.ended', '11 client.left', '12 conversation.dropped']);
  r.join('s2');
  const ready = r.ready();
  expect(ready.append).toEqual(['15 turn.started T2 #3']);
  expect(ready.leaves).toEqual(['engine: reply T2']);
  expect(ready.out.at(-1)).toMatchObject({ input: { instructions: ['Ask for the postcode.'] } });
});

it('[MS19, MS20] walk 9: expiry and cancelling while dropped', () => {
  const r = opened();
  expect(r.leave().append).toEqual(['6 client.left', '7 conversation.dropped']);
  expect(r.post('M1', 'user_message', { expires_in_ms: 5_000 }).append).toEqual(['8 message.accepted M1']);
  expect(r.post('M2', 'user_message').append).toEqual(['9 message.accepted M2']);
  expect(r.wait(4_999).append).toEqual([]);
  expect(r.wait(1).append).toEqual(['10 level M1 expired']);
  const cancelled = r.cancel('M2');
  expect(cancelled.append).toEqual(['11 level M2 cancelled']);
  expect(cancelled.answer).toEqual({ ok: true, message_id: r.idOf('M2'), seq: 9 });
});

it('[MS19] walk 9: a join in the same instant first settles what has expired', () => {
  const r = opened();
  r.leave();
  r.post('M1', 'user_message', { expires_in_ms: 5_000 });
  r.pass(5_000);
  expect(r.join('s2').append).toEqual(['9 level M1 expired', '10 client.joined s2', '11 conversation.opened']);
});

it('[MS10] walk 10: a later user line while listening is shown and answered by nobody', () => {
  const r = opened();
  const step = r.post('M', 'user_message', { urgency: 'later' });
  expect(step.append).toEqual(['6 message.accepted M', '7 message.added user #2', '8 level M applied']);
  expect(step.leaves).toEqual(['user_transcript#2', 'ping']);
  expect(step.answer).toMatchObject({ receipt: { status: 'applied', ended: true } });
  expect(r.record.owed.map(({ seq }) => seq)).toEqual([7]);
  expect(r.pong().append).toEqual(['9 client.confirmed through 8']);
});

it('[MS10] walk 10: a later user line while a reply streams comes behind it', () => {
  const r = opened();
  r.typed('M1');
  r.delta('Let me');
  expect(r.post('M2', 'user_message', { urgency: 'later' }).append).toEqual(['10 message.accepted M2']);
  const done = r.done();
  expect(done.append).toEqual([
    '11 message.added agent #3',
    '12 level M1 replied',
    '13 turn.ended',
    '14 message.added user #4',
    '15 level M2 applied',
  ]);
  expect(done.leaves).toEqual(['agent_response#3', 'stop#3', 'user_transcript#4', 'ping']);
});

it('[MS29] walk 14: an agent_message while a turn is thinking is said at once, and the turn goes on', () => {
  const r = opened();
  r.typed('M1');
  const posted = r.post('M2', 'agent_message');
  expect(posted.append).toEqual(['10 message.accepted M2', '11 message.added M2 #4', '12 level M2 applied']);
  expect(posted.leaves).toEqual(['agent_response#4', 'ping']);
  expect(posted.aborts).toEqual([]);
  expect(posted.answer).toMatchObject({ receipt: { status: 'applied', accepted: { agent_state: 'thinking' } } });
  const confirmed = r.pong();
  expect(confirmed.append).toEqual(['13 client.confirmed through 12', '14 level M2 spoken']);
  expect(confirmed.rides).toBe(true);

  expect(r.delta('Here').leaves).toEqual(['start#3', 'delta#3']);
  const done = r.done();
  expect(done.append).toEqual(['15 message.added agent #3', '16 level M1 replied', '17 turn.ended']);
  expect(done.leaves).toEqual(['agent_response#3', 'stop#3', 'ping']);
  const pong = r.pong();
  expect(pong.append).toEqual(['18 client.confirmed through 17', '19 level M1 spoken']);
  expect(pong.rides).toBe(true);
});
