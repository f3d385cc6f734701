import { foldReceipt, type Receipt, seqOfMessageId } from '@backchannel/protocol';
import { describe, expect, it } from 'vitest';
import { conversationSettings } from '../testing/conversation-settings.js';
import { Rehearsal } from '../testing/rehearsal.js';

const KEY = (key: string, fingerprint = 'body') => ({ idempotency_key: key, fingerprint });
const code = ({ answer }: { answer: { ok: boolean } }): unknown => ('code' in answer ? answer.code : 'ok');

describe('the answer to a send', () => {
  it('[MS27] is the receipt as of the same decision, with the states at acceptance and the request', () => {
    const r = Rehearsal.opened();
    const step = r.post('A', 'agent_message', { text: 'Hi', metadata: { ticket: 7 } }, { key_id: 'key_1', ...KEY('K') });
    expect(step.answer).toMatchObject({
      ok: true,
      seq: 6,
      replayed: false,
      receipt: {
        cursor: '1-6',
        status: 'applied',
        ended: false,
        timeline: [
          { level: 'accepted', seq: 6 },
          { level: 'applied', seq: 8, event_id: 2 },
        ],
        accepted: {
          message_type: 'agent_message',
          text: 'Hi',
          urgency: 'soon',
          reply: 'none',
          source: 'api',
          key_id: 'key_1',
          idempotency_key: 'K',
          metadata: { ticket: 7 },
          agent_state: 'listening',
          user_state: 'quiet',
        },
      },
    });
  });

  it('[MS27] names a message whose id ends in the seq of its acceptance', () => {
    const r = Rehearsal.opened();
    r.post('A', 'agent_message');
    expect(seqOfMessageId(r.idOf('A'))).toBe(6);
  });

  it('[MS27] tells the real agent state where no client is', () => {
    const r = Rehearsal.begunByBackend('Hello');
    r.post('M1', 'user_message');
    const states = (name: string) => r.post(name, 'agent_message').answer;
    expect(states('A1')).toMatchObject({ receipt: { accepted: { agent_state: 'thinking', user_state: 'away' } } });
    r.delta('Let me');
    expect(states('A2')).toMatchObject({ receipt: { accepted: { agent_state: 'speaking', user_state: 'away' } } });
  });

  it('[MS27] tells listening and away while held, and typing while the user types', () => {
    const r = Rehearsal.opened();
    r.typing();
    expect(r.post('A1', 'agent_message').answer).toMatchObject({ receipt: { accepted: { user_state: 'typing' } } });
    r.leave();
    expect(r.post('A2', 'agent_message').answer).toMatchObject({ receipt: { accepted: { agent_state: 'listening', user_state: 'away' } } });
  });

  it('[MS26] is one fold over the log from its seq, whenever it is read', () => {
    const r = Rehearsal.opened();
    r.post('M', 'user_message');
    r.delta('42');
    r.done();
    r.pong();
    const events = r.log.slice(5);
    const receipt = events.reduce<Receipt | undefined>(foldReceipt, undefined);
    expect(receipt).toMatchObject({ status: 'spoken', ended: true, reply: { text: '42', event_id: 3, complete: true } });
    expect(receipt?.timeline.map(({ level }) => level)).toEqual(['accepted', 'applied', 'replied', 'spoken']);
    expect(receipt?.timeline.at(-1)).toMatchObject({ basis: 'confirmed', event_id: 3 });
  });
});

describe('a condition', () => {
  it('[MS14] that does not hold refuses with the states, and queues nothing', () => {
    const r = Rehearsal.opened();
    r.post('M1', 'user_message');
    const step = r.post('X', 'agent_message', { if: { agent_state: ['listening'] } });
    expect(step).toMatchObject({ append: [], leaves: [] });
    expect(step.answer).toMatchObject({ ok: false, code: 'condition_not_met', extra: { agent_state: 'thinking', user_state: 'quiet' } });
  });

  it.each([
    { if: { agent_state: ['listening', 'thinking'] as const }, holds: true },
    { if: { user_state: ['quiet'] as const }, holds: true },
    { if: { agent_state: ['listening'] as const, user_state: ['typing'] as const }, holds: false },
    { if: { user_state: ['speaking', 'away'] as const }, holds: false },
    { if: { agent_state: [] }, holds: false },
    { if: {}, holds: true },
  ])('[MS14] is a list for each state, of which one must hold: %j', ({ if: condition, holds }) => {
    const r = Rehearsal.opened();
    expect(code(r.post('X', 'agent_message', { if: condition }))).toBe(holds ? 'ok' : 'condition_not_met');
  });
});

describe('an idempotency key', () => {
  it('[MS15] that is known answers with its first message and adds nothing, in every later state', () => {
    const r = Rehearsal.opened();
    r.post('M', 'user_message', { if: { agent_state: ['listening'] } }, KEY('K'));
    const replay = () => r.post('again', 'user_message', { if: { agent_state: ['listening'] } }, KEY('K'));
    const first = { ok: true, seq: 6, replayed: true };
    expect(replay()).toMatchObject({ answer: first, append: [], leaves: [] });
    r.delta('x');
    expect(replay()).toMatchObject({ answer: first, append: [] });
    r.leave('left');
    expect(replay()).toMatchObject({ answer: first, append: [] });
    expect(r.record.phase).toBe('ended');
  });

  it('[MS15] survives a crash', () => {
    const r = Rehearsal.opened();
    r.post('M', 'agent_message', {}, KEY('K'));
    r.crash();
    expect(r.post('again', 'agent_message', {}, KEY('K'))).toMatchObject({ answer: { seq: 6, replayed: true }, append: [] });
  });

  it('[MS15] with another body is refused', () => {
    const r = Rehearsal.opened();
    r.post('M', 'agent_message', {}, KEY('K'));
    expect(r.post('X', 'agent_message', {}, KEY('K', 'another'))).toMatchObject({
      answer: { ok: false, code: 'idempotency_key_reused', param: 'Idempotency-Key' },
      append: [],
    });
  });

  it('[MS15] of a refused message may be used again', () => {
    const r = Rehearsal.opened();
    expect(code(r.post('M', 'agent_message', { if: { agent_state: ['speaking'] } }, KEY('K')))).toBe('condition_not_met');
    expect(r.post('M', 'agent_message', {}, KEY('K')).answer).toMatchObject({ ok: true, replayed: false });
  });

  it('[MS15] is any word', () => {
    const r = Rehearsal.opened();
    for (const key of ['__proto__', 'constructor', 'toString']) {
      expect(r.post(key, 'agent_message', {}, KEY(key)).answer).toMatchObject({ ok: true, replayed: false });
      expect(r.post(`${key} again`, 'agent_message', {}, KEY(key)).answer).toMatchObject({ ok: true, replayed: true });
    }
  });

  it('[MS17] is one of as many as a conversation keeps', () => {
    const r = Rehearsal.opened({ settings: conversationSettings({ limits: { maxKeys: 2 } }) });
    r.post('1', 'agent_message', {}, KEY('K1'));
    r.post('2', 'agent_message', {}, KEY('K2'));
    expect(code(r.post('3', 'agent_message', {}, KEY('K3')))).toBe('too_many_keys');
    expect(code(r.post('1 again', 'agent_message', {}, KEY('K1')))).toBe('ok');
    expect(code(r.post('4', 'agent_message'))).toBe('ok');
  });
});

describe('caps', () => {
  const busy = () => {
    const r = Rehearsal.opened();
    r.post('M1', 'user_message');
    r.delta('A long reply');
    for (let i = 1; i <= 100; i++) expect(code(r.post(`W${i}`, 'agent_message', { text: `${i}` }))).toBe('ok');
    return r;
  };

  it('[MS16] of the messages that wait: the hundred and first is refused, and the first hundred end well', () => {
    const r = busy();
    expect(r.post('X', 'agent_message')).toMatchObject({ answer: { ok: false, code: 'too_many_waiting' }, append: [] });
    r.done();
    r.pong();
    for (let i = 1; i <= 100; i++) expect(r.levels(`W${i}`)).toEqual(['accepted', 'applied', 'spoken']);
  });

  it('[MS16] what acts at once waits for nothing, so it is taken however many wait', () => {
    const r = busy();
    expect(code(r.typed('T'))).toBe('ok');
    expect(r.record.waiting).toEqual([]);

    const quiet = Rehearsal.opened();
    for (let i = 1; i <= 100; i++) quiet.post(`I${i}`, 'instruction', { urgency: 'later' });
    expect(code(quiet.post('I', 'instruction', { urgency: 'later' }))).toBe('too_many_waiting');
    expect(code(quiet.post('M', 'user_message'))).toBe('ok');
    expect(quiet.record.turn?.cause).toHaveLength(101);
  });

  it('[MS18] of the keyed contexts: one more id is refused, a known one is replaced', () => {
    const r = Rehearsal.opened({ settings: conversationSettings({ limits: { maxContexts: 2 } }) });
    const context = (id: string) => code(r.post(id, 'contextual_update', { context_id: id }));
    expect([context('a'), context('b'), context('c'), context('a')]).toEqual(['ok', 'ok', 'too_many_contexts', 'ok']);
    expect(code(r.post('plain', 'contextual_update'))).toBe('ok');
  });

  it('[MS32] of the text under all keyed contexts, with those that wait: a known one may only not grow', () => {
    const r = Rehearsal.opened({ settings: conversationSettings({ limits: { maxContextBytes: 10 } }) });
    const context = (id: string, text: string) => code(r.post(`${id}${text}`, 'contextual_update', { context_id: id, text }));
    expect([context('a', 'éé'), context('b', '123456'), context('c', '1'), context('b', '1234567')]).toEqual([
      ...['ok', 'ok'],
      ...['too_many_contexts', 'too_many_contexts'],
    ]);
    expect([context('b', '1'), context('c', '12345')]).toEqual(['ok', 'ok']);
    r.post('M1', 'user_message');
    r.delta('A reply');
    expect([context('c', '1'), context('d', '1234'), context('e', '1')]).toEqual(['ok', 'ok', 'too_many_contexts']);
    expect(code(r.post('plain', 'contextual_update', { text: '12345678901' }))).toBe('ok');
  });

  it('[MS18] counts the keyed contexts that wait', () => {
    const r = Rehearsal.opened({ settings: conversationSettings({ limits: { maxContexts: 2 } }) });
    r.post('M1', 'user_message');
    r.delta('A reply');
    const context = (id: string) => code(r.post(id, 'contextual_update', { context_id: id }));
    expect([context('a'), context('b'), context('c'), context('a')]).toEqual(['ok', 'ok', 'too_many_contexts', 'ok']);
  });
});

describe('expiry', () => {
  it('[MS19] counts until a message is applied', () => {
    const r = Rehearsal.opened();
    r.post('M1', 'user_message', { expires_in_ms: 1_000 });
    expect(r.wait(1_000).append).toEqual([]);
    r.delta('A reply');
    r.post('A', 'agent_message', { expires_in_ms: 1_000 });
    expect(r.nextIn).toBe(1_000);
    expect(r.wait(1_000).append).toEqual([expect.stringMatching(/level A expired$/)]);
    r.done();
    expect(r.levels('A')).toEqual(['accepted', 'expired']);
  });

  it('[CV27] is settled before whatever comes next, the end of the reply too', () => {
    const r = Rehearsal.opened();
    r.post('M1', 'user_message');
    r.delta('A reply');
    r.post('A', 'agent_message', { expires_in_ms: 1_000 });
    r.pass(1_000);
    expect(r.done().append[0]).toMatch(/level A expired/);
    expect(code(r.cancel('A'))).toBe('already_applied');
  });

  it('[CV26] of a message from before a crash: what is left is the duration minus the wall time since', () => {
    const r = Rehearsal.opened();
    r.leave();
    r.post('A', 'agent_message', { expires_in_ms: 20_000 });
    r.pass(1_000);
    r.crash({ downMs: 9_000 });
    expect(r.nextIn).toBe(10_000);
    r.wall -= 3_600_000;
    expect(r.wait(10_000).append).toEqual([expect.stringMatching(/level A expired/)]);
  });

  it('[CV26] with a wall clock that was set meanwhile: within nothing and the whole duration', () => {
    const held = () => {
      const r = Rehearsal.opened();
      r.leave();
      r.post('A', 'agent_message', { expires_in_ms: 20_000 });
      return r;
    };
    const back = held();
    expect(back.crash({ downMs: -3_600_000 }).append).toEqual([]);
    expect(back.nextIn).toBe(20_000);
    expect(held().crash({ downMs: 3_600_000 }).append).toEqual([expect.stringMatching(/level A expired/)]);
  });

  it('[CV27] that passed while nobody was here is settled before anything acts again', () => {
    const r = Rehearsal.begunByBackend();
    r.rejoin('s1');
    r.typing();
    r.post('M', 'user_message', { expires_in_ms: 5_000 });
    expect(r.crash({ downMs: 5_000 }).append.map((line) => line.replace(/^\d+ /, ''))).toEqual(['client.left', 'level M expired']);
  });
});

describe('cancelling', () => {
  it('[MS20] takes back what waits', () => {
    const r = Rehearsal.opened();
    r.post('M1', 'user_message');
    r.delta('A reply');
    r.post('A', 'agent_message');
    expect(r.cancel('A')).toMatchObject({ answer: { ok: true, seq: 10 }, append: ['11 level A cancelled'] });
    r.done();
    expect(r.levels('A')).toEqual(['accepted', 'cancelled']);
  });

  it('[MS20] refuses what is applied, and everything after the end', () => {
    const r = Rehearsal.opened();
    r.post('A', 'agent_message');
    expect(r.cancel('A')).toMatchObject({ answer: { ok: false, code: 'already_applied' }, append: [] });
    r.leave('left');
    expect(r.cancel('A')).toMatchObject({ answer: { ok: false, code: 'conversation_ended' }, append: [] });
  });
});

describe('contexts with an id', () => {
  it('[MS21] that wait are superseded by a newer one of the same id', () => {
    const r = Rehearsal.opened();
    r.post('M1', 'user_message');
    r.delta('A reply');
    r.post('C1', 'contextual_update', { context_id: 'page' });
    r.post('D', 'contextual_update', { context_id: 'cart' });
    expect(r.post('C2', 'contextual_update', { context_id: 'page' }).append).toEqual([
      '12 message.accepted C2',
      '13 level C1 superseded replaced',
    ]);
    r.done();
    expect(r.levels('C1')).toEqual(['accepted', 'superseded']);
    expect(r.levels('C2')).toEqual(['accepted', 'applied']);
    expect(r.levels('D')).toEqual(['accepted', 'applied']);
  });

  it('[MS22] keep one text an id, and the log keeps both', () => {
    const r = Rehearsal.opened();
    r.post('C1', 'contextual_update', { context_id: 'page', text: 'cart' });
    r.post('C2', 'contextual_update', { context_id: 'page', text: 'payment' });
    expect(Object.values(r.record.contexts)).toEqual([{ contextId: 'page', messageId: r.idOf('C2'), text: 'payment' }]);
    expect(r.log.filter(({ type }) => type === 'context.set')).toHaveLength(2);
    expect(r.record.contextCount).toBe(1);
  });

  it('[MS22] may be called like anything', () => {
    const r = Rehearsal.opened();
    r.post('C1', 'contextual_update', { context_id: '__proto__', text: 'one' });
    expect(r.post('C2', 'contextual_update', { context_id: '__proto__', text: 'two' }).append[1]).toMatch(/replaces C1/);
  });
});

it('[MS2] a person’s line needs a person', () => {
  expect(Rehearsal.opened().post('H', 'human_message')).toMatchObject({ answer: { ok: false, code: 'no_takeover' }, append: [] });
});

it('[MS30] what a client typed is not echoed to it, and is shown to the one who comes after it', () => {
  const r = Rehearsal.opened();
  expect(r.typed('U1').leaves).toEqual(['engine: reply T']);
  expect(r.record.owed).toEqual([]);
  r.delta('Done.');
  r.done();
  r.leave();
  r.join('s2');
  r.typed('U2', 'typed too early');
  r.leave();
  r.join('s3');
  expect(r.ready().leaves).toEqual(['agent_response#3', 'user_transcript#4', 'ping', 'engine: reply T2']);
});

describe('a flood of typed lines', () => {
  it('[MS31] grows the log no faster than its own length, and is refused in the end', () => {
    const r = Rehearsal.opened();
    const refused: unknown[] = [];
    for (let i = 0; i < 1_000; i++) {
      const { answer } = r.typed(`F${i}`);
      if (!answer.ok) refused.push('code' in answer ? answer.code : answer);
    }
    expect(new Set(refused)).toEqual(new Set(['too_many_waiting']));
    expect(refused.length).toBe(800);
    const causes = r.log.flatMap((event) => (event.type === 'turn.started' ? event.cause.length : []));
    expect(Math.max(...causes)).toBe(100);
    expect(JSON.stringify(r.log).length).toBeLessThan(500_000);
  });
});
