import { type ConversationEvent, newConversationId, parseOwn } from '@backchannel/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { silentLog } from '../lib/log.js';
import { ArrayEventStore } from '../testing/array-event-store.js';
import { ManualClock } from '../testing/manual-clock.js';
import { settle } from '../testing/settle.js';
import type { Bus } from './bus.js';
import { Feeds } from './feeds.js';
import { follow } from './follow.js';
import { eventsSubject } from './followers.js';

/** Publications lie here until a test delivers them: late, twice, out of order, or never. */
class UnreliableBus implements Bus {
  readonly lying: { readonly subject: string; readonly text: string }[] = [];
  readonly #listeners = new Map<string, Set<(payload: unknown) => void>>();

  publish(subject: string, payload: unknown): void {
    this.lying.push({ subject, text: JSON.stringify(payload) });
  }
  deliver(index: number, keep: boolean): void {
    const [publication] = keep ? this.lying.slice(index, index + 1) : this.lying.splice(index, 1);
    if (publication === undefined) return;
    for (const listener of this.#listeners.get(publication.subject) ?? []) listener(parseOwn(publication.text));
  }
  subscribe(subject: string, listener: (payload: unknown) => void): () => void {
    const listeners = this.#listeners.get(subject) ?? new Set();
    this.#listeners.set(subject, listeners.add(listener));
    return () => listeners.delete(listener);
  }
  wanted = (): boolean => true;
  request = async (): Promise<unknown> => undefined;
  serve = (): (() => void) => () => {};
  close = async (): Promise<void> => {};
}

/** Reads answer when a test lets them, with what was stored when they were asked. */
class SlowStore extends ArrayEventStore {
  readonly waiting: (() => void)[] = [];
  override async read(id: string, after: number, limit: number): Promise<ConversationEvent[]> {
    const events = super.read(id, after, limit);
    await new Promise<void>((resolve) => this.waiting.push(resolve));
    return events;
  }
}

const CREATED = {
  type: 'conversation.created',
  conversation_id: 'conv_a',
  workspace_id: 'ws_a',
  agent_id: 'agent_a',
  agent_hash: 'h',
  engine: 'native',
  begun: 'api',
} as const;

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('append' as const), count: fc.constantFrom(1, 1, 1, 2, 3, 300) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('deliver' as const), which: fc.nat(3), keep: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('lose' as const), which: fc.nat(3) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('answer' as const), which: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('follow' as const), after: fc.double({ min: 0, max: 1, noNaN: true }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(500, 1_000, 5_000) }) },
);

it('[RT20] [RT23] every follower sees every event once and in order, whatever the bus loses, doubles or delays', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const [id, store, clock, bus] = [newConversationId(), new SlowStore(), new ManualClock(), new UnreliableBus()];
      const feeds = new Feeds({ bus, store, clock, log: silentLog });
      const followers: { readonly from: number; readonly seen: number[]; over: boolean }[] = [];
      let seq = 0;
      const append = async (count: number, last = false): Promise<void> => {
        const first = seq + 1;
        const events = Array.from({ length: count }, (_, i): ConversationEvent => {
          seq += 1;
          const envelope = { seq, epoch: 1, time: 't' };
          if (last && i === count - 1) return { type: 'conversation.ended', reason: 'idle', status: 'done', ...envelope };
          return seq === 1 ? { ...CREATED, ...envelope } : { type: 'conversation.warned', code: 'c', message: 'm', ...envelope };
        });
        await store.append(id, 1, first, events, 'now');
        bus.publish(eventsSubject(id), events);
      };
      const start = async (from: number): Promise<void> => {
        const follower = { from, seen: [] as number[], over: false };
        followers.push(follower);
        const after = from === 0 ? undefined : `1-${from}`;
        for await (const entry of follow({ store, feeds, log: silentLog }, id, after, { partials: false })) {
          if ('event' in entry) follower.seen.push(entry.event.seq);
        }
        follower.over = true;
      };
      const running: Promise<void>[] = [];
      await append(1);
      for (const what of steps) {
        if (what.do === 'append') await append(what.count);
        else if (what.do === 'deliver') bus.deliver(what.which, what.keep);
        else if (what.do === 'lose') bus.lying.splice(what.which, 1);
        else if (what.do === 'answer') store.waiting.splice(what.which, 1)[0]?.();
        else if (what.do === 'follow') running.push(start(Math.floor(what.after * seq)));
        else clock.advance(what.ms);
        await settle(1);
      }
      // From now on the store answers, and everything that the bus still holds is lost, the end too.
      await append(1, true);
      for (let round = 0; round < 100 && followers.some(({ over }) => !over); round++) {
        for (const answer of store.waiting.splice(0)) answer();
        await settle(2);
        if (store.waiting.length === 0) clock.advance(32_000);
      }
      for (const { from, seen, over } of followers) {
        expect(over).toBe(true);
        expect(seen).toEqual(Array.from({ length: seq - from }, (_, i) => from + i + 1));
      }
      await Promise.all(running);
      expect([feeds.count, clock.pending]).toEqual([0, 0]);
    }),
    { numRuns: 500 },
  );
}, 60_000);
