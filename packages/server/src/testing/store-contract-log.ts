import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Store } from '../store/store.js';
import { created, dropped, ended, LogWriter, line, numbered, opened, START, warned } from './log-writer.js';
import type { WithStore } from './opened-store.js';

export const refused = (reason: 'fenced' | 'unavailable') => expect.objectContaining({ name: 'AppendError', reason });

/** Appending, fencing, reading back. */
export function logContract(withStore: WithStore): void {
  describe('the log', () => {
    it(
      '[ST1] stores an append whole, in its order, and gives it back as it was',
      withStore(async (store) => {
        const log = new LogWriter(store);
        await log.create();
        const events = [opened, line('„Grüß Gott“ \u2028 \u0000 \\" 🦔 \uD800'), warned('{"type":"message.added"}')];
        await log.append(events);
        expect(await store.read(log.id, 1, 10)).toEqual(numbered(events, 1, 2));
      }),
    );

    it(
      '[ST2] refuses an append that is not the next seq or not under the current epoch, and stores nothing of it',
      withStore(async (store) => {
        const log = new LogWriter(store);
        await log.create();
        await log.append([opened]);
        for (const [epoch, firstSeq] of [
          [1, 2],
          [1, 4],
          [2, 3],
          [0, 3],
        ] as const) {
          const append = store.append(log.id, epoch, firstSeq, numbered([warned('never')], epoch, firstSeq), 'now');
          await expect(append).rejects.toEqual(refused('fenced'));
        }
        expect(await log.seqs()).toEqual([1, 2]);
        await log.append([warned('the next one')]);
      }),
    );

    it(
      '[ST2] knows the next seq of every conversation after it was opened again',
      withStore(async (store, reopen) => {
        const logs = Array.from({ length: 3 }, () => new LogWriter(store));
        for (const log of logs) await log.create();
        for (const [i, log] of logs.entries()) for (let n = 0; n < 4 - i; n++) await log.append([warned('x'), warned('y')]);
        const again = await reopen();
        for (const { id, epoch, lastSeq } of logs) {
          const append = (firstSeq: number) => again.append(id, epoch, firstSeq, numbered([warned('z')], epoch, firstSeq), 'now');
          await expect(append(lastSeq)).rejects.toEqual(refused('fenced'));
          await expect(append(lastSeq + 2)).rejects.toEqual(refused('fenced'));
          await append(lastSeq + 1);
        }
      }),
    );

    it(
      '[ST2] refuses an append without events',
      withStore(async (store) => {
        await expect(store.append('conv_1', 1, 1, [], 'now')).rejects.toThrow(RangeError);
      }),
    );

    it(
      '[ST3] begins a conversation with conversation.created at seq 1 and with nothing else',
      withStore(async (store) => {
        const log = new LogWriter(store);
        await expect(store.append(log.id, 1, 1, numbered([warned('first')], 1, 1), 'now')).rejects.toEqual(refused('fenced'));
        await expect(store.append(log.id, 1, 2, numbered([created(log.id)], 1, 2), 'now')).rejects.toEqual(refused('fenced'));
        expect(await store.head(log.id)).toBeUndefined();
        await log.create();
        const again = store.append(log.id, 1, 1, numbered([created(log.id)], 1, 1), 'now');
        await expect(again).rejects.toEqual(refused('fenced'));
      }),
    );

    it(
      '[ST4] keeps the appends of a conversation in order, whoever waits for them',
      withStore(async (store) => {
        const log = new LogWriter(store);
        const all = [log.create()];
        for (let i = 0; i < 50; i++) all.push(log.append([warned(`a${i}`), warned(`b${i}`)], i % 3 === 0 ? 'now' : 'ride'));
        all.push(log.append([warned('last')]));
        await Promise.all(all);
        expect(await log.seqs()).toEqual(Array.from({ length: 102 }, (_, i) => i + 1));
      }),
    );

    it(
      '[ST5] fails an append that was made behind a failed one of its conversation',
      withStore(async (store) => {
        const log = new LogWriter(store);
        await log.create();
        log.lastSeq = 5;
        const results = await Promise.allSettled([log.append([warned('gap')]), log.append([warned('behind')])]);
        expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
        expect(await log.seqs()).toEqual([1]);
      }),
    );

    it(
      '[ST6] shows to every read what was acknowledged before it was asked',
      withStore(async (store) => {
        const log = new LogWriter(store);
        await log.create();
        for (let i = 0; i < 50; i++) {
          await log.append([warned(`${i}`)]);
          const [head, page] = await Promise.all([store.head(log.id), store.read(log.id, log.lastSeq - 1, 10)]);
          expect([head?.lastSeq, page.length]).toEqual([log.lastSeq, 1]);
        }
      }),
    );

    it(
      '[ST7] reads what comes after a seq, oldest first and no more than asked for, however it was appended',
      withStore(async (store) => {
        const log = new LogWriter(store);
        await log.create();
        for (const size of [1, 3, 7, 2, 5]) await log.append(Array.from({ length: size }, () => warned('x')));
        const all = Array.from({ length: 19 }, (_, i) => i + 1);
        for (let after = 0; after <= 20; after++) {
          for (const limit of [1, 2, 4, 19, 1000]) {
            const seqs = (await store.read(log.id, after, limit)).map(({ seq }) => seq);
            expect(seqs).toEqual(all.filter((seq) => seq > after).slice(0, limit));
          }
        }
        expect(await store.read('conv_unknown', 0, 10)).toEqual([]);
      }),
    );

    it(
      '[ST8] raises the epoch with a claim, for good, and fences the owner before',
      withStore(async (store, reopen) => {
        const log = new LogWriter(store);
        await log.create();
        expect(await store.claim(log.id)).toBe(2);
        await expect(log.append([warned('old owner')])).rejects.toEqual(refused('fenced'));
        const again = new LogWriter(await reopen(), log.id);
        await again.claim();
        expect(again.epoch).toBe(3);
        again.lastSeq = 1;
        await again.append([warned('new owner')]);
        expect(await again.store.head(log.id)).toMatchObject({ epoch: 3, lastSeq: 2 });
      }),
    );

    it(
      '[ST8] refuses to claim a conversation that does not exist',
      withStore(async (store) => {
        await expect(store.claim('conv_unknown')).rejects.toEqual(refused('fenced'));
      }),
    );

    it(
      '[ST9] tells of a conversation whose it is, where it stands and how it ended',
      withStore(async (store) => {
        const log = new LogWriter(store);
        await log.create();
        const head = { workspaceId: 'ws_1', agentId: 'agent_1', epoch: 1 };
        expect(await store.head(log.id)).toEqual({ ...head, status: 'created', lastSeq: 1 });
        await log.append([opened, line('hello')]);
        expect(await store.head(log.id)).toEqual({ ...head, status: 'open', lastSeq: 3 });
        await log.append([dropped]);
        expect(await store.head(log.id)).toEqual({ ...head, status: 'dropped', lastSeq: 4 });
        log.at += 1_234;
        await log.append([opened, ended]);
        const at = new Date(START + 1_234).toISOString();
        expect(await store.head(log.id)).toEqual({ ...head, status: 'ended', lastSeq: 6, ended: { at, reason: 'ended_by_api' } });
        await log.append([{ type: 'feedback.given', score: 'like' }]);
        expect(await store.head(log.id)).toMatchObject({ status: 'ended', lastSeq: 7 });
        expect(await store.head('conv_unknown')).toBeUndefined();
      }),
    );

    it(
      '[ST10] refuses a fenced append alone and stores the others that came with it',
      withStore(async (store) => {
        const logs = Array.from({ length: 5 }, () => new LogWriter(store));
        await Promise.all(logs.map((log) => log.create()));
        const appends = logs.map((log, i) => {
          if (i === 2) log.lastSeq += 1;
          return log.append([warned('x')]);
        });
        const outcomes = (await Promise.allSettled(appends)).map(({ status }) => status);
        expect(outcomes).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
      }),
    );

    // On a failure fast-check prints the seed and the smallest case that fails.
    it(
      '[ST1, ST2, ST4, ST5] keeps logs whole under any mixture of appends, mistakes and claims',
      withStore(async (store) => {
        await fc.assert(
          fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 60 }), (plan) => keepsToModel(store, plan)),
          { numRuns: 25 },
        );
      }),
    );
  });
}

const steps = fc.record({
  conversation: fc.nat(3),
  act: fc.constantFrom('append', 'append', 'append', 'stale epoch', 'gap', 'repeat', 'claim', 'turn'),
  size: fc.integer({ min: 1, max: 4 }),
  when: fc.constantFrom('now', 'ride'),
} as const);
type Step = typeof steps extends fc.Arbitrary<infer T> ? T : never;

/** Appends without waiting, and predicts each outcome from the order of asking alone. */
async function keepsToModel(store: Store, plan: readonly Step[]): Promise<void> {
  const logs = Array.from({ length: 4 }, () => new LogWriter(store));
  const outcomes: Promise<void>[] = logs.map((log) => log.create());
  for (const { conversation, act, size, when } of plan) {
    // Always one of the four.
    const log = logs[conversation] as LogWriter;
    const bodies = Array.from({ length: size }, () => warned(act));
    const wrong = (epoch: number, firstSeq: number) =>
      expect(store.append(log.id, epoch, firstSeq, numbered(bodies, epoch, firstSeq), when)).rejects.toEqual(refused('fenced'));
    if (act === 'append') outcomes.push(log.append(bodies, when));
    else if (act === 'stale epoch') outcomes.push(wrong(log.epoch - 1, log.lastSeq + 1));
    else if (act === 'gap') outcomes.push(wrong(log.epoch, log.lastSeq + 2));
    else if (act === 'repeat') outcomes.push(wrong(log.epoch, log.lastSeq));
    else if (act === 'turn') await new Promise((resolve) => setImmediate(resolve));
    else {
      await Promise.all(outcomes.splice(0));
      await log.claim();
    }
  }
  await Promise.all(outcomes);
  for (const log of logs) {
    expect(await log.seqs(7)).toEqual(Array.from({ length: log.lastSeq }, (_, i) => i + 1));
    expect(await store.head(log.id)).toMatchObject({ epoch: log.epoch, lastSeq: log.lastSeq });
  }
}
