import { describe, expect, it } from 'vitest';
import { created, LogWriter, numbered, warned } from '../../testing/log-writer.js';
import { ManualClock } from '../../testing/manual-clock.js';
import { settle } from '../../testing/settle.js';
import { CommitQueue, RIDE_MS } from './commit-queue.js';
import type { Group, GroupReply } from './group.js';

const COMMITTED: GroupReply = { kind: 'committed', refused: [], results: [] };

/** A queue whose groups end up in a list. */
function queued(maxWaiting?: number) {
  const groups: Group[] = [];
  const clock = new ManualClock();
  const queue = new CommitQueue((group) => groups.push(group), clock, maxWaiting);
  const append = (id: string, when: 'now' | 'ride' = 'now') => queue.append(id, 1, 2, numbered([warned(id)], 1, 2), when);
  return { groups, clock, queue, append, sizes: () => groups.map(({ ids }) => ids.length) };
}

describe('CommitQueue', () => {
  it('[ST20] sends all that one turn of the event loop brought as one group', async () => {
    const { queue, groups, append } = queued();
    const all = [append('conv_a'), append('conv_b'), Promise.resolve().then(() => append('conv_c'))];
    await settle();
    expect(groups.map(({ ids }) => ids)).toEqual([['conv_a', 'conv_b', 'conv_c']]);
    queue.answered(COMMITTED);
    await Promise.all(all);
  });

  it('[ST20] keeps one group on its way; the next one is what arrived meanwhile and leaves with the answer', async () => {
    const { queue, append, sizes } = queued();
    const all = [append('conv_a')];
    await settle();
    all.push(append('conv_b'), append('conv_c'));
    await settle();
    expect(sizes()).toEqual([1]);
    queue.answered(COMMITTED);
    expect(sizes()).toEqual([1, 2]);
    all.push(append('conv_d'));
    queue.answered(COMMITTED);
    queue.answered(COMMITTED);
    await Promise.all(all);
    await settle();
    expect(sizes()).toEqual([1, 2, 1]);
    expect(queue.written).toEqual({ commits: sizes().length, appends: 4 });
  });

  it('[ST20] says row changes by the place of their append', async () => {
    const { queue, groups, append } = queued();
    const all = [append('conv_a'), queue.append('conv_b', 1, 1, numbered([created('conv_b')], 1, 1), 'now'), append('conv_c')];
    await settle();
    expect(groups[0]).toMatchObject({ firstSeqs: [2, 1, 2], lastSeqs: [2, 1, 2], changes: [{ place: 1, change: { status: 'created' } }] });
    queue.answered(COMMITTED);
    await Promise.all(all);
  });

  it('[ST21] lets riders leave with the next append that somebody waits for', async () => {
    const { queue, groups, append, clock } = queued();
    const all = [append('conv_a', 'ride'), append('conv_b', 'ride')];
    await settle();
    expect(groups).toEqual([]);
    all.push(append('conv_c'));
    await settle();
    expect(groups.map(({ ids }) => ids)).toEqual([['conv_a', 'conv_b', 'conv_c']]);
    queue.answered(COMMITTED);
    await Promise.all(all);
    clock.advance(RIDE_MS);
    await settle();
    expect([groups.length, clock.pending]).toEqual([1, 0]);
  });

  it('[ST21] sends riders by themselves after 20 ms, counted from the first of them', async () => {
    const { queue, append, clock, sizes } = queued();
    const early = append('conv_a', 'ride');
    clock.advance(5);
    const now = append('conv_b');
    await settle();
    queue.answered(COMMITTED);
    await Promise.all([early, now]);
    clock.advance(10);
    const late = append('conv_c', 'ride');
    clock.advance(RIDE_MS - 1.5);
    await settle();
    expect(sizes()).toEqual([2]);
    clock.advance(1.5);
    await settle();
    expect(sizes()).toEqual([2, 1]);
    queue.answered(COMMITTED);
    await late;
  });

  it('[ST21] lets riders whose time has come leave as soon as the group on its way is answered', async () => {
    const { queue, append, clock, sizes } = queued();
    const all = [append('conv_a')];
    await settle();
    all.push(append('conv_b', 'ride'));
    clock.advance(RIDE_MS);
    await settle();
    expect(sizes()).toEqual([1]);
    queue.answered(COMMITTED);
    expect(sizes()).toEqual([1, 1]);
    queue.answered(COMMITTED);
    await Promise.all(all);
  });

  it('[ST22] fails everything of a failed group, and everything at all when the writer is gone', async () => {
    const { queue, append } = queued();
    const first = append('conv_a');
    await settle();
    const second = append('conv_b');
    queue.answered({ kind: 'failed', message: 'SQLITE_FULL', broken: false });
    await expect(first).rejects.toMatchObject({ reason: 'unavailable' });
    const third = append('conv_c', 'ride');
    queue.fail('gone');
    await expect(second).rejects.toMatchObject({ reason: 'unavailable' });
    await expect(third).rejects.toMatchObject({ reason: 'unavailable' });
  });

  it('[ST26] refuses what comes on top of the most that may wait', async () => {
    const { queue, append } = queued(3);
    const all = ['conv_a', 'conv_b', 'conv_c'].map((id) => append(id));
    await expect(append('conv_d')).rejects.toMatchObject({ reason: 'unavailable' });
    await settle();
    queue.answered(COMMITTED);
    await Promise.all(all);
  });

  it('[ST57] is drained when nothing waits and nothing is on its way, riders included', async () => {
    const { queue, append, sizes } = queued();
    await queue.drained();
    const all = [append('conv_a', 'ride')];
    let drained = false;
    const done = queue.drained().then(() => {
      drained = true;
    });
    await settle();
    expect([sizes(), drained]).toEqual([[1], false]);
    queue.answered(COMMITTED);
    await Promise.all([...all, done]);
  });

  it('[ST1] leaves nothing of an append behind that cannot be written as JSON', async () => {
    const { queue, groups } = queued();
    const log = new LogWriter({ append: (...append) => queue.append(...append) } as LogWriter['store']);
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const bad = log.append([{ ...created(log.id), init: { overrides: circular } }]);
    await expect(bad).rejects.toThrow('circular');
    const good = log.append([warned('x')]);
    await settle();
    expect(groups[0]).toMatchObject({ ids: [log.id], changes: [] });
    queue.answered(COMMITTED);
    await good;
  });
});
