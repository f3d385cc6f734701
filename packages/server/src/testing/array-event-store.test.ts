import { type ConversationEvent, newConversationId } from '@backchannel/protocol';
import { describe, expect, it } from 'vitest';
import { ArrayEventStore } from './array-event-store.js';

const time = '2030-01-01T00:00:00.000Z';
const warned = (seq: number, epoch = 1): ConversationEvent => ({
  type: 'conversation.warned',
  code: 'test',
  message: `event ${seq}`,
  seq,
  epoch,
  time,
});
const refused = (reason: string) => expect.objectContaining({ name: 'AppendError', reason });

describe('ArrayEventStore', () => {
  it('[RT40] refuses as fenced what is not under the newest epoch or not the next seq', async () => {
    const store = new ArrayEventStore();
    const id = newConversationId();
    await store.append(id, 1, 1, [warned(1), warned(2)], 'now');
    await expect(store.append(id, 1, 2, [warned(2)], 'now')).rejects.toEqual(refused('fenced'));
    await expect(store.append(id, 1, 4, [warned(4)], 'now')).rejects.toEqual(refused('fenced'));
    expect(await store.claim(id)).toBe(2);
    await expect(store.append(id, 1, 3, [warned(3)], 'now')).rejects.toEqual(refused('fenced'));
    await store.append(id, 2, 3, [warned(3, 2)], 'ride');
    expect((await store.read(id, 1, 10)).map(({ seq }) => seq)).toEqual([2, 3]);
    expect(store.asked.map(({ firstSeq, when }) => [firstSeq, when])).toEqual([
      [1, 'now'],
      [2, 'now'],
      [4, 'now'],
      [3, 'now'],
      [3, 'ride'],
    ]);
  });

  it('[RT40] tells status, owner and end of a conversation, and knows nothing of others', async () => {
    const store = new ArrayEventStore();
    const id = newConversationId();
    const created: ConversationEvent = {
      type: 'conversation.created',
      conversation_id: id,
      workspace_id: 'ws_a',
      agent_id: 'agent_a',
      agent_hash: 'h',
      engine: 'native',
      begun: 'api',
      seq: 1,
      epoch: 1,
      time,
    };
    await store.append(id, 1, 1, [created], 'now');
    expect(await store.head(id)).toEqual({ workspaceId: 'ws_a', agentId: 'agent_a', status: 'created', epoch: 1, lastSeq: 1 });
    await store.append(id, 1, 2, [{ type: 'conversation.ended', reason: 'idle', status: 'done', seq: 2, epoch: 1, time }], 'now');
    expect(await store.head(id)).toMatchObject({ status: 'ended', lastSeq: 2, ended: { at: time, reason: 'idle' } });
    expect(await store.head(newConversationId())).toBeUndefined();
    await expect(store.claim(newConversationId())).rejects.toThrow('no conversation');
    store.erase(id);
    expect(await store.head(id)).toBeUndefined();
  });

  it('[RT41] lets a test decide when an append becomes durable, or fails', async () => {
    const store = new ArrayEventStore();
    const id = newConversationId();
    store.hold();
    const first = store.append(id, 1, 1, [warned(1)], 'now');
    const second = store.append(id, 1, 2, [warned(2)], 'now');
    expect(await store.read(id, 0, 10)).toEqual([]);
    store.commit(1);
    await first;
    expect(await store.read(id, 0, 10)).toEqual([warned(1)]);
    store.fail();
    await expect(second).rejects.toEqual(refused('unavailable'));
    const third = store.append(id, 1, 2, [warned(2)], 'now');
    store.release();
    await third;
    store.break();
    await expect(store.append(id, 1, 3, [warned(3)], 'now')).rejects.toEqual(refused('unavailable'));
    await expect(store.claim(id)).rejects.toEqual(refused('unavailable'));
    store.repair();
    await store.append(id, 1, 3, [warned(3)], 'now');
    expect(store.events(id).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it('[RT41] keeps what was appended, whatever becomes of the objects', async () => {
    const store = new ArrayEventStore();
    const id = newConversationId();
    const event = { ...warned(1) };
    await store.append(id, 1, 1, [event], 'now');
    Object.assign(event, { code: 'changed' });
    const [read] = await store.read(id, 0, 1);
    Object.assign(read ?? {}, { code: 'changed' });
    expect(store.events(id)).toEqual([warned(1)]);
  });
});
