import { describe, expect, it } from 'vitest';
import { ArrayEventStore } from '../testing/array-event-store.js';
import { Rehearsal } from '../testing/rehearsal.js';
import { readOwedLines } from './owed-lines.js';

async function stored(r: Rehearsal, durable = r.log.length): Promise<ArrayEventStore> {
  const store = new ArrayEventStore();
  await store.append(r.record.conversationId, 1, 1, r.log.slice(0, durable), 'now');
  return store;
}

describe('the lines that a record says are owed', () => {
  it('[CV8] are read from the log, in order, over many pages', async () => {
    const r = Rehearsal.opened({ compares: 'when asked' });
    r.post('first', 'agent_message', { text: 'first' });
    for (let i = 0; i < 300; i++) r.post(`C${i}`, 'contextual_update');
    r.post('last', 'agent_message', { text: 'last' });
    const lines = await readOwedLines(await stored(r), r.record);
    expect(lines).toMatchObject([{ text: 'first' }, { text: 'last' }]);
  });

  it('[CV8] are left out while they are not durable', async () => {
    const r = Rehearsal.opened();
    r.post('A1', 'agent_message');
    const durable = r.log.length;
    r.post('A2', 'agent_message');
    const lines = await readOwedLines(await stored(r, durable), r.record);
    expect(lines.map(({ seq }) => seq)).toEqual([7]);
  });

  it('[CV8] cost no reading where there are none', async () => {
    const r = Rehearsal.opened();
    expect(await readOwedLines(new ArrayEventStore(), r.record)).toEqual([]);
  });
});
