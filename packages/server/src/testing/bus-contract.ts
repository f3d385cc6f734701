import { describe, expect, it, vi } from 'vitest';
import type { Bus } from '../routing/bus.js';

/** Two ends of one bus: the same object on one node, two connections on two. */
export type BusPair = { readonly here: Bus; readonly there: Bus; readonly close: () => Promise<void> };

let subjects = 0;
const newSubject = (): string => `contract.${process.pid}.${++subjects}`;

/** What every bus keeps. What a subscription needs to spread is waited for, never slept for. */
export function busContract(name: string, open: () => Promise<BusPair>): void {
  const withBus = (run: (pair: BusPair, subject: string) => Promise<void>) => async () => {
    const pair = await open();
    try {
      await run(pair, newSubject());
    } finally {
      await pair.close();
    }
  };
  const answered = (bus: Bus, subject: string, payload: unknown): Promise<unknown> =>
    vi.waitFor(async () => {
      const answer = await bus.request(subject, payload);
      if (answer === undefined) throw new Error('nobody serves it yet');
      return answer;
    });
  /** Collects what arrives on a subject, from the moment that it arrives. */
  const listening = async ({ here, there }: BusPair, subject: string): Promise<{ seen: unknown[]; stop: () => void }> => {
    const seen: unknown[] = [];
    const stop = there.subscribe(subject, (payload) => {
      if (payload !== 'are you there?') seen.push(payload);
      else heard = true;
    });
    let heard = false;
    await vi.waitFor(() => {
      here.publish(subject, 'are you there?');
      if (!heard) throw new Error('not there yet');
    });
    return { seen, stop };
  };

  describe(`the ${name} bus`, () => {
    it(
      '[RT10] brings a request to whoever serves the subject, and the answer back',
      withBus(async ({ here, there }, subject) => {
        there.serve(subject, async (payload) => ({ got: payload }));
        expect(await answered(here, subject, { text: 'grüße 👋', list: [1, null, true] })).toEqual({
          got: { text: 'grüße 👋', list: [1, null, true] },
        });
        expect(await Promise.all([1, 2, 3].map((n) => here.request(subject, n)))).toEqual([{ got: 1 }, { got: 2 }, { got: 3 }]);
      }),
    );

    it(
      '[RT10] answers undefined when nobody serves the subject, before and after somebody did',
      withBus(async ({ here, there }, subject) => {
        expect(await here.request(subject, 'x')).toBeUndefined();
        const stop = there.serve(subject, async () => undefined);
        // An answer without a value is still an answer.
        expect(await answered(here, subject, undefined)).toBeNull();
        stop();
        await vi.waitFor(async () => expect(await here.request(subject, 'x')).toBeUndefined());
        there.serve(subject, async () => 'again');
        stop();
        expect(await answered(here, subject, 'x')).toBe('again');
      }),
    );

    it(
      '[RT11] has one server a subject',
      withBus(async ({ here }, subject) => {
        here.serve(subject, async () => 1);
        expect(() => here.serve(subject, async () => 2)).toThrow('served already');
        expect(await answered(here, subject, 0)).toBe(1);
      }),
    );

    it(
      '[RT12] carries JSON and nothing else, both ways',
      withBus(async ({ here, there }, subject) => {
        const answer = { at: new Date(0), gone: undefined, list: [undefined], kept: new Map([[1, 2]]) };
        const seen: unknown[] = [];
        there.serve(subject, async (payload) => {
          seen.push(payload);
          return answer;
        });
        const asked = { at: new Date(0), gone: undefined, nested: { list: [1] } };
        const got = await answered(here, subject, asked);
        expect(Object.keys(seen[0] as object)).toEqual(['at', 'nested']);
        expect(got).toEqual({ at: '1970-01-01T00:00:00.000Z', list: [null], kept: {} });
        // Neither end can change what the other holds.
        asked.nested.list.push(2);
        expect(seen[0]).toEqual({ at: '1970-01-01T00:00:00.000Z', nested: { list: [1] } });
        const loop: { self?: unknown } = {};
        loop.self = loop;
        await expect(here.request(subject, loop)).rejects.toThrow(/circular/i);
      }),
    );

    it(
      '[RT13] rejects the request when the server throws, with its words, and serves the next',
      withBus(async ({ here, there }, subject) => {
        there.serve(subject, async (payload) => {
          if (payload === 'bad') throw new TypeError('cannot do that');
          return 'fine';
        });
        await answered(here, subject, 'good');
        await expect(here.request(subject, 'bad')).rejects.toThrow('cannot do that');
        expect(await here.request(subject, 'good')).toBe('fine');
      }),
    );

    it(
      '[RT14] brings publications to every listener, in order, as they were when published',
      withBus(async (pair, subject) => {
        const [a, b] = [await listening(pair, subject), await listening(pair, subject)];
        const payload = { n: 0 };
        for (payload.n = 1; payload.n <= 100; payload.n++) pair.here.publish(subject, payload);
        await vi.waitFor(() => expect(b.seen.length).toBe(100));
        expect(a.seen).toEqual(Array.from({ length: 100 }, (_, i) => ({ n: i + 1 })));
        expect(b.seen).toEqual(a.seen);
      }),
    );

    it(
      '[RT14] brings nothing to who has unsubscribed, nor to other subjects, nor before the publisher has gone on',
      withBus(async (pair, subject) => {
        const [gone, other, there] = [
          await listening(pair, subject),
          await listening(pair, `${subject}.other`),
          await listening(pair, subject),
        ];
        pair.here.publish(subject, 1);
        expect(there.seen).toEqual([]);
        await vi.waitFor(() => expect(gone.seen).toEqual([1]));
        gone.stop();
        pair.here.publish(subject, 2);
        await vi.waitFor(() => expect(there.seen).toEqual([1, 2]));
        expect(gone.seen).toEqual([1]);
        expect(other.seen).toEqual([]);
      }),
    );

    it(
      '[RT15] says that a subject is wanted while somebody listens, wherever',
      withBus(async ({ here, there }, subject) => {
        const stop = there.subscribe(subject, () => {});
        await vi.waitFor(() => expect(here.wanted(subject)).toBe(true));
        const again = there.subscribe(subject, () => {});
        stop();
        stop();
        expect(here.wanted(subject)).toBe(true);
        again();
      }),
    );

    it(
      '[RT16] is silent once it is closed',
      withBus(async ({ here, there, close }, subject) => {
        there.serve(subject, async () => 1);
        there.subscribe(subject, () => {});
        await answered(here, subject, 0);
        await close();
        expect(await here.request(subject, 0)).toBeUndefined();
        expect(() => here.publish(subject, 0)).not.toThrow();
      }),
    );
  });
}
