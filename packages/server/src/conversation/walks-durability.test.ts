import { describe, expect, it } from 'vitest';
import { LiveStage } from '../testing/live-stage.js';

/** Walks on the whole conversation, where it matters when an append becomes durable, or whether. */

const KEYED = { idempotency_key: 'K', fingerprint: 'body' };

describe('walk 4: the process dies between the append and the delivery', () => {
  const diedCommitted = async (): Promise<LiveStage> => {
    const stage = await LiveStage.opened();
    stage.stored();
    stage.store.hold();
    void stage.post('M1', 'agent_message', {}, KEYED);
    stage.store.release();
    // Committed, and before anybody hears of it the process is another.
    await stage.restart();
    expect(stage.seen()).toEqual([]);
    return stage;
  };

  it('[CV23] what was open is closed under the next epoch', async () => {
    const stage = await diedCommitted();
    expect(stage.stored().map((line) => line.replace(/msg_\w+/g, 'M1'))).toEqual([
      '6 message.accepted M1',
      '7 message.added M1 #2',
      '8 level M1 applied',
      '9 client.left',
      '10 conversation.dropped',
    ]);
    expect(stage.store.events('conv_stage').map(({ epoch }) => epoch)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 2, 2]);
  });

  it('[MS15] the retry is a replay, and the line is shown to whoever joins', async () => {
    const stage = await diedCommitted();
    const answer = await stage.post('M1', 'agent_message', {}, KEYED);
    expect(answer).toMatchObject({ ok: true, seq: 6, replayed: true });
    expect(stage.seen()).toEqual(['M1: replayed']);
    stage.stored();

    await stage.join('s2');
    expect(stage.stored()).toEqual(['11 client.joined s2', '12 conversation.opened']);
    expect(stage.seen()).toEqual(['metadata']);
    await stage.ready();
    expect(stage.stored()).toEqual([]);
    expect(stage.seen()).toEqual(['agent_response#2', 'ping']);
    await stage.pong();
    expect(stage.stored()).toEqual(['13 client.confirmed through 12', '14 level M1 spoken']);
    expect(stage.store.asked.at(-1)).toMatchObject({ when: 'ride', epoch: 2, firstSeq: 13 });
  });

  it('[CV19] nobody comes back: the message ends with an unknown outcome', async () => {
    const stage = await diedCommitted();
    await stage.post('M1', 'agent_message', {}, KEYED);
    stage.stored();
    stage.clock.advance(30_000);
    await stage.settled();
    expect(stage.stored()).toEqual(['11 level M1 undeliverable outcome_unknown', '12 conversation.ended client_lost']);
    expect(stage.over).toEqual(['ended']);
  });

  it('[MS15] killed before the commit: nothing was stored, and the retry makes the message', async () => {
    const stage = await LiveStage.opened();
    stage.store.hold();
    void stage.post('M1', 'agent_message', {}, KEYED);
    stage.store.fail();
    stage.store.release();
    await stage.restart();
    stage.seen();
    stage.stored();
    const answer = await stage.post('M1', 'agent_message', {}, KEYED);
    expect(answer).toMatchObject({ ok: true, replayed: false, seq: 8 });
    expect(stage.stored()).toEqual(['8 message.accepted M1']);
  });

  it('[CV23] an open turn is closed first', async () => {
    const stage = await LiveStage.opened();
    await stage.typed('M1');
    stage.stored();
    await stage.restart();
    expect(stage.stored()).toEqual(['10 turn.interrupted server_restarted', '11 turn.ended', '12 client.left', '13 conversation.dropped']);
  });
});

describe('walk 5: a replay while the first is being committed', () => {
  const twoInFlight = async (body = 'body'): Promise<LiveStage> => {
    const stage = await LiveStage.opened();
    stage.stored();
    stage.store.hold();
    void stage.post('first', 'agent_message', {}, KEYED);
    void stage.post('second', 'agent_message', {}, { idempotency_key: 'K', fingerprint: body });
    await stage.settled();
    expect(stage.seen()).toEqual([]);
    expect(stage.store.held).toBe(1);
    return stage;
  };

  it('[CV29] both wait for the one commit, and leave in order behind the frames', async () => {
    const stage = await twoInFlight();
    stage.store.commit();
    await stage.settled();
    expect(stage.seen()).toEqual(['agent_response#2', 'ping', 'first: applied', 'second: replayed']);
    expect(stage.stored()).toHaveLength(3);
  });

  it('[CV29] another body is refused, also behind the gate', async () => {
    const stage = await twoInFlight('another body');
    stage.store.commit();
    await stage.settled();
    expect(stage.seen()).toEqual(['agent_response#2', 'ping', 'first: applied', 'second: idempotency_key_reused']);
  });

  it('[CV31] the commit fails: nobody is answered with what was not stored', async () => {
    const stage = await twoInFlight();
    stage.store.fail();
    await stage.settled();
    expect(stage.seen()).toEqual(['close unavailable', 'first: unavailable', 'second: unavailable']);
    expect(stage.over).toEqual(['failed']);
    expect(stage.stored()).toEqual([]);
  });

  it('[CV29] the commit is slow: neither is answered, however long it takes', async () => {
    const stage = await twoInFlight();
    stage.clock.advance(9_000);
    await stage.settled();
    expect(stage.seen()).toEqual([]);
    stage.store.commit();
    await stage.settled();
    expect(stage.seen()).toEqual(['agent_response#2', 'ping', 'first: applied', 'second: replayed']);
  });
});
