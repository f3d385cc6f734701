import { describe, expect, it } from 'vitest';
import { conversationSettings } from '../testing/conversation-settings.js';
import { LiveStage } from '../testing/live-stage.js';

const opened = (settings = conversationSettings()) => LiveStage.opened(settings);

describe('the gate of a conversation', () => {
  it('[CV29] holds frames, answers, partials and refusals, and lets them go in order', async () => {
    const stage = await opened();
    stage.store.hold();
    void stage.typed('M1');
    void stage.post('A', 'agent_message');
    void stage.post('X', 'agent_message', { if: { agent_state: ['speaking'] } });
    await stage.settled();
    expect(stage.seen()).toEqual([]);
    stage.store.commit(1);
    await stage.settled();
    expect(stage.seen()).toEqual(['engine: reply T', 'M1: ok']);
    stage.engine.delta('Let me');
    await stage.settled();
    expect(stage.seen()).toEqual([]);
    stage.store.commit();
    await stage.settled();
    const seen = stage.seen();
    expect(seen.filter((word) => !word.includes(':'))).toEqual(['agent_response#4', 'ping', 'start#3', 'delta#3']);
    expect(seen.filter((word) => word.includes(':'))).toEqual(['A: applied', 'X: condition_not_met']);
  });

  it('[CV29] publishes events once they are durable, with the partials in their place', async () => {
    const stage = await opened();
    stage.published.length = 0;
    stage.store.hold();
    void stage.typed('M1');
    await stage.settled();
    expect(stage.published).toEqual([]);
    stage.store.release();
    await stage.settled();
    stage.engine.delta('Let me');
    stage.engine.done();
    await stage.settled();
    expect(stage.published.map(({ type }) => type)).toEqual([
      'message.accepted',
      'message.added',
      'message.level',
      'turn.started',
      'reply.delta',
      'message.added',
      'message.level',
      'turn.ended',
    ]);
  });

  it('[CV29] an engine that answers at once does not overtake the decision that asked it', async () => {
    const stage = await opened();
    const note = stage.engine.onInput;
    stage.engine.onInput = (input) => {
      note(input);
      if (input.type === 'reply') stage.engine.delta('At once.');
    };
    stage.published.length = 0;
    await stage.typed('M1');
    expect(stage.published.map(({ type }) => type)).toEqual([
      'message.accepted',
      'message.added',
      'message.level',
      'turn.started',
      'reply.delta',
    ]);
  });

  it('[CV30] aborts go around it', async () => {
    const stage = await opened();
    await stage.typed('M1');
    stage.engine.delta('Let me');
    await stage.settled();
    stage.seen();
    stage.store.hold();
    void stage.typed('M2');
    expect(stage.seen()).toEqual(['engine: abort T']);
    stage.store.release();
    await stage.settled();
    expect(stage.seen()).toEqual(['agent_response#3', 'stop#3', 'interruption#3', 'ping', 'engine: reply T2', 'M2: ok']);
  });

  it('[CV36] a turn that is cut before its beginning is durable is not begun', async () => {
    const stage = await opened();
    stage.store.hold();
    void stage.typed('M1');
    void stage.typed('M2');
    void stage.typed('M3');
    stage.store.release();
    await stage.settled();
    expect(stage.engine.turnsOf('reply')).toEqual([stage.conversation.record.turn?.turnId]);
    expect(stage.conversation.record.turn?.cause).toHaveLength(3);
  });

  it('[CV32] a riding append is asked for as such, and everything else is not', async () => {
    const stage = await opened();
    await stage.post('A', 'agent_message');
    await stage.pong();
    expect(stage.store.asked.slice(-2)).toMatchObject([
      { when: 'now', types: ['message.accepted', 'message.added', 'message.level'] },
      { when: 'ride', types: ['client.confirmed', 'message.level'] },
    ]);
  });
});

it('[MS15] sixteen sends with one key at once are one message and sixteen equal answers', async () => {
  const stage = await opened();
  stage.store.hold();
  const keyed = { idempotency_key: 'K', fingerprint: 'body' };
  const answers = Array.from({ length: 16 }, () => stage.post('M', 'agent_message', {}, keyed));
  stage.store.release();
  const seqs = (await Promise.all(answers)).map((answer) => ('seq' in answer ? answer.seq : undefined));
  expect(new Set(seqs)).toEqual(new Set([6]));
  expect(stage.store.events('conv_stage').filter(({ type }) => type === 'message.accepted')).toHaveLength(1);
});

describe('a failed append', () => {
  it('[CV31] ends the live object: waiters are refused, sessions closed, and nothing of it is heard any more', async () => {
    const stage = await opened();
    stage.store.hold();
    void stage.typed('M1');
    void stage.post('A', 'agent_message');
    void stage.post('X', 'agent_message', { if: { agent_state: ['speaking'] } });
    stage.store.fail();
    await stage.settled();
    expect(stage.seen()).toEqual(['close unavailable', 'M1: unavailable', 'A: unavailable', 'X: unavailable']);
    expect(stage.over).toEqual(['failed']);
    stage.store.release();
    await stage.post('late', 'agent_message');
    expect(stage.seen()).toEqual(['late: unavailable']);
    expect(stage.store.events('conv_stage')).toHaveLength(5);
    stage.clock.advance(100_000);
    expect(stage.clock.pending).toBe(0);
  });

  it('[CV31] fenced is the same: another owner writes now', async () => {
    const stage = await opened();
    await stage.store.claim('conv_stage');
    await stage.post('A', 'agent_message');
    expect(stage.seen()).toEqual(['close unavailable', 'A: unavailable']);
  });

  it('[CV31] the engine is closed, and what comes back is what the store holds', async () => {
    const stage = await opened();
    await stage.typed('M1');
    stage.store.break();
    await stage.post('A', 'agent_message');
    expect(stage.engine.closes).toEqual(['failed']);
    stage.store.repair();
    await stage.restart();
    stage.seen();
    await stage.join('s2');
    await stage.ready();
    expect(stage.seen()).toEqual(['metadata', 'engine: reply T2']);
    expect(stage.conversation.record.turn?.cause).toHaveLength(1);
  });

  it('[CV39] a decision that breaks off is one too: no half of it is kept', async () => {
    const stage = await opened();
    const command = { type: 'unheard.of' } as unknown as Parameters<LiveStage['dispatch']>[1]; // what no caller can send
    await stage.dispatch('broken', command);
    expect(stage.seen()).toEqual(['close unavailable', 'broken: internal']);
    expect(stage.over).toEqual(['failed']);
  });
});

it('[CV39] what breaks while it is shown ends the conversation and not the process', async () => {
  const stage = await opened();
  stage.session.send = () => {
    throw new Error('cannot be shown');
  };
  expect(await stage.post('A', 'agent_message')).toMatchObject({ code: 'unavailable' });
  expect(stage.over).toEqual(['failed']);
});

describe('its client sessions', () => {
  it('[CV6] are shown nothing before their metadata, which waits for the append', async () => {
    const stage = await opened();
    await stage.conversation.dispatch({ type: 'client.leave', session_id: 's1', reason: 'lost' });
    stage.store.hold();
    void stage.join('s2');
    await stage.settled();
    expect(stage.seen()).toEqual([]);
    stage.store.release();
    await stage.settled();
    expect(stage.seen()).toEqual(['metadata']);
  });

  it('[CV11] a refused one is not kept', async () => {
    const stage = await opened();
    const first = stage.conversation.userSession;
    expect(await stage.join('s2')).toMatchObject({ code: 'attach_not_available' });
    expect(stage.conversation.userSession).toBe(first);
    await stage.post('A', 'agent_message');
    expect(stage.session.frames).toEqual([]);
  });

  it('[CV11] a resume closes the one that it replaces', async () => {
    const stage = await opened();
    const first = stage.session;
    await stage.join('s2', { join: 'resume' });
    expect(first.closed).toEqual({ kind: 'error', code: 'superseded' });
    expect(stage.conversation.userSession?.id).toBe('s2');
  });

  it('[CV38] one that has left is forgotten', async () => {
    const stage = await opened();
    const first = stage.session;
    await stage.conversation.dispatch({ type: 'client.leave', session_id: 's1', reason: 'lost' });
    expect(stage.conversation.userSession).toBeUndefined();
    await stage.store.claim('conv_stage');
    await stage.post('A', 'agent_message');
    expect(first.closed).toBeUndefined();
  });

  it('[CV29] what one decision shows leaves as one write', async () => {
    const stage = await opened();
    await stage.post('A', 'agent_message');
    await stage.post('C', 'contextual_update');
    expect(stage.session.writes.at(-1)).toBe(2);
  });

  it('[CV8] are shown a line that became owed while the owed ones were read', async () => {
    const stage = await opened();
    await stage.post('A', 'agent_message');
    await stage.typed('M1');
    stage.engine.delta('Let me');
    await stage.join('s2', { join: 'resume' });
    stage.seen();
    const read = stage.store.read.bind(stage.store);
    let reads = 0;
    stage.store.read = async (...where) => {
      const page = await read(...where);
      reads += 1;
      if (reads === 1) stage.engine.done();
      return page;
    };
    await stage.ready();
    expect(stage.seen()).toEqual(['agent_response#2', 'agent_response#4', 'ping']);
  });

  it('[CV31] an owed line that cannot be read is a failure like a failed append', async () => {
    const stage = await opened();
    await stage.post('A', 'agent_message');
    await stage.join('s2', { join: 'resume' });
    stage.store.read = () => Promise.reject(new Error('disk gone'));
    await stage.ready();
    expect(stage.over).toEqual(['failed']);
    expect(stage.session.closed).toEqual({ kind: 'error', code: 'unavailable' });
  });
});

describe('its alarm', () => {
  it('[CV28] is one, set to the earliest deadline; early, it looks again', async () => {
    const stage = await opened();
    stage.clock.advance(1_000);
    await stage.post('A', 'agent_message');
    await stage.dispatch('typing', { type: 'client.activity', session_id: 's1' });
    await stage.post('W', 'agent_message');
    expect(stage.clock.pending).toBe(1);
    stage.clock.advance(1_500);
    await stage.dispatch('typing', { type: 'client.activity', session_id: 's1' });
    stage.seen();
    stage.clock.advance(600);
    await stage.settled();
    expect(stage.seen()).toEqual([]);
    stage.clock.advance(1_400);
    await stage.settled();
    expect(stage.seen()).toEqual(['agent_response#3', 'ping']);
    expect(stage.clock.pending).toBe(1);
  });

  it('[CV28] is taken back at the end', async () => {
    const stage = await opened();
    await stage.dispatch('end', { type: 'conversation.end', reason: 'ended_by_api' });
    expect(stage.over).toEqual(['ended']);
    expect(stage.clock.pending).toBe(0);
  });

  it('[CV28] an ended conversation that is loaded again sets none', async () => {
    const stage = await opened();
    await stage.dispatch('end', { type: 'conversation.end', reason: 'ended_by_api' });
    await stage.restart();
    await stage.dispatch('feedback', { type: 'feedback.give', event_id: 1, score: 'like' });
    expect(stage.clock.pending).toBe(0);
    expect(stage.store.events('conv_stage').at(-1)).toMatchObject({ type: 'feedback.given', epoch: 2 });
  });
});

describe('its engine', () => {
  it('[CV40] is started with the first turn, told what is committed from then on, and closed at the end', async () => {
    const stage = await opened();
    await stage.post('A', 'agent_message');
    expect(stage.engine.starts).toBe(0);
    await stage.typed('M1');
    expect(stage.engine.starts).toBe(1);
    await stage.post('C', 'contextual_update');
    stage.engine.done();
    await stage.settled();
    await stage.dispatch('end', { type: 'conversation.end', reason: 'ended_by_api' });
    await stage.pong();
    const told = stage.engine.inputs.flatMap((input) => (input.type === 'event' ? input.event.seq : []));
    expect(told[0]).toBe(13);
    expect(told).toEqual(Array.from(told, (_, index) => 13 + index));
    expect(stage.engine.closes).toEqual(['ended']);
    expect(stage.conversation.busy).toBe(false);
  });

  it('[CV29] keeps its conversation busy until the reply has left, not only until it is decided', async () => {
    const stage = await opened();
    await stage.typed('M1');
    stage.engine.delta('In Graz.');
    stage.store.hold();
    stage.engine.done();
    await stage.settled();
    expect(stage.seen()).not.toContain('agent_response#3');
    expect(stage.conversation.busy).toBe(true);
    stage.store.release();
    await stage.settled();
    expect(stage.seen()).toContain('agent_response#3');
    expect(stage.conversation.busy).toBe(false);
  });
});
