import { type ConversationEvent, type EventBody, newConversationId, type PartialEvent } from '@backchannel/protocol';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../lib/log.js';
import { ArrayEventStore } from '../testing/array-event-store.js';
import { ManualClock } from '../testing/manual-clock.js';
import { settle } from '../testing/settle.js';
import { Feeds } from './feeds.js';
import { follow } from './follow.js';
import { createFollowers, eventsSubject, partialsSubject } from './followers.js';
import { MemoryBus } from './memory-bus.js';
import type { Entry } from './router-port.js';

const CREATED: EventBody = {
  type: 'conversation.created',
  conversation_id: 'conv_a',
  workspace_id: 'ws_a',
  agent_id: 'agent_a',
  agent_hash: 'h',
  engine: 'native',
  begun: 'api',
};
const WARNED: EventBody = { type: 'conversation.warned', code: 'c', message: 'm' };
const ENDED: EventBody = { type: 'conversation.ended', reason: 'idle', status: 'done' };
const FEEDBACK: EventBody = { type: 'feedback.given', score: 'like' };

/** A conversation with its owner's side: what it appends, first its creation, is stored and, unless a test says otherwise, published. */
function setUp() {
  const [id, store, clock, bus] = [newConversationId(), new ArrayEventStore(), new ManualClock(), new MemoryBus()];
  const { publish } = createFollowers(bus);
  const feeds = new Feeds({ bus, store, clock, log: silentLog });
  let seq = 0;
  const append = async (bodies: readonly EventBody[], { epoch = 1, lost = false } = {}): Promise<void> => {
    const first = seq + 1;
    // Joining a union's member with three fields gives a member again; the compiler cannot see that through a spread.
    const events = bodies.map((body) => ({ ...(seq === 0 ? CREATED : body), seq: ++seq, epoch, time: 't' }) as ConversationEvent);
    await store.append(id, epoch, first, events, 'now');
    if (!lost) publish(id, events);
  };
  const partial = (index: number): void =>
    publish(id, [{ type: 'reply.delta', turn_id: 'turn_1', event_id: 1, index, text: 'x' } satisfies PartialEvent]);
  const watch = (after?: string, want: { partials?: boolean; signal?: AbortSignal } = {}) => {
    const seen: string[] = [];
    const entries = follow({ store, feeds, log: silentLog }, id, after, { partials: false, ...want })[Symbol.asyncIterator]();
    const done = (async () => {
      for (let next = await entries.next(); !next.done; next = await entries.next()) seen.push(show(next.value));
    })();
    let over = false;
    done.then(
      () => {
        over = true;
      },
      () => {
        over = true;
      },
    );
    return { seen, done, entries, over: () => over };
  };
  return { id, store, clock, bus, feeds, append, partial, watch };
}

const many = (count: number, body: EventBody = WARNED): EventBody[] => Array.from({ length: count }, () => body);
const show = (entry: Entry): string =>
  'mark' in entry ? entry.mark : 'event' in entry ? String(entry.event.seq) : `p${entry.partial.index}`;
const seqs = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => String(from + i));

describe('following a conversation', () => {
  it('[RT20] gives the past, a mark, then what happens, and ends behind the end', async () => {
    const { append, watch, feeds } = setUp();
    await append(many(3));
    const follower = watch();
    await settle();
    expect(follower.seen).toEqual(['started', '1', '2', '3', 'live']);
    await append(many(2));
    await append([ENDED]);
    await follower.done;
    expect(follower.seen).toEqual(['started', '1', '2', '3', 'live', '4', '5', '6']);
    expect(feeds.count).toBe(0);
  });

  it('[RT20] reads a long past page by page, and what is appended meanwhile once', async () => {
    const { append, watch } = setUp();
    await append(many(700));
    const follower = watch();
    await append(many(400));
    await append([ENDED]);
    await follower.done;
    expect(follower.seen).toEqual(['started', ...seqs(1, 1_101), 'live']);
  });

  it('[RT21] goes on behind a cursor, and says when the cursor is not of this log', async () => {
    const { append, watch } = setUp();
    await append(many(3));
    const cases = { '1-2': ['started', '3', 'live'], '1-3': ['started', 'live'], '2-2': ['reset', '1', '2', '3', 'live'] };
    const more = { '1-9': cases['2-2'], '1-0': cases['2-2'], nonsense: cases['2-2'] };
    for (const [cursor, expected] of Object.entries({ ...cases, ...more })) {
      const follower = watch(cursor);
      await settle();
      expect(follower.seen, cursor).toEqual(expected);
      await follower.entries.return?.();
    }
  });

  it('[RT22] ends at once when the end lies at the cursor or before it, feedback or not', async () => {
    const { append, watch } = setUp();
    await append([...many(2), FEEDBACK]);
    const early = watch('1-3');
    await settle();
    expect(early.over()).toBe(false);
    await append([ENDED]);
    await early.done;
    const atTheEnd = watch('1-4');
    await atTheEnd.done;
    expect(atTheEnd.seen).toEqual(['started', 'live']);
    await append([FEEDBACK]);
    const behindIt = watch('1-5');
    await behindIt.done;
    expect(behindIt.seen).toEqual(['started', 'live']);
    const all = watch();
    await all.done;
    expect(all.seen).toEqual(['started', '1', '2', '3', '4', '5', 'live']);
  });

  it('[RT22] ends at once for an unknown conversation, and soon for one that was erased', async () => {
    const { append, watch, store, clock, id } = setUp();
    const unknown = watch();
    await unknown.done;
    expect(unknown.seen).toEqual(['started']);
    await append(many(2));
    const follower = watch();
    await settle();
    store.erase(id);
    clock.advance(1_000);
    await follower.done;
    expect(follower.seen).toEqual(['started', '1', '2', 'live']);
  });

  it('[RT23] reads the store again at a jump', async () => {
    const { append, watch } = setUp();
    await append(many(1));
    const follower = watch();
    await settle();
    await append(many(300), { lost: true });
    await append(many(1));
    await settle(20);
    expect(follower.seen).toEqual(['started', '1', 'live', ...seqs(2, 302)]);
    await follower.entries.return?.();
  });

  it('[RT23] reads the store again after a second of silence, then more and more rarely', async () => {
    const { append, watch, clock, store } = setUp();
    await append(many(1));
    const follower = watch();
    await settle();
    await append(many(2), { lost: true });
    clock.advance(999);
    await settle();
    expect(follower.seen).toEqual(['started', '1', 'live']);
    clock.advance(1);
    await settle();
    expect(follower.seen).toEqual(['started', '1', 'live', '2', '3']);
    let reads = 0;
    const read = store.read.bind(store);
    store.read = (...query) => {
      reads += 1;
      return read(...query);
    };
    for (let second = 0; second < 120; second++) {
      clock.advance(1_000);
      await settle(2);
    }
    expect(reads).toBeGreaterThan(4);
    expect(reads).toBeLessThan(10);
    await follower.entries.return?.();
  });

  it('[RT23] asks the store once for all who follow here', async () => {
    const { append, watch, clock, store, feeds } = setUp();
    await append(many(1));
    const followers = Array.from({ length: 20 }, () => watch());
    await settle();
    let reads = 0;
    const read = store.read.bind(store);
    store.read = (...query) => {
      reads += 1;
      return read(...query);
    };
    await append([...many(2), ENDED], { lost: true });
    clock.advance(1_000);
    for (const { done } of followers) await done;
    for (const { seen } of followers) expect(seen).toEqual(['started', '1', 'live', '2', '3', '4']);
    expect([reads, feeds.count]).toEqual([1, 0]);
  });

  it('[RT28] gives partials to those who want them, where they belong', async () => {
    const { append, watch, partial, bus, id } = setUp();
    await append(many(1));
    const without = watch();
    await settle();
    expect([bus.wanted(eventsSubject(id)), bus.wanted(partialsSubject(id))]).toEqual([true, false]);
    const following = watch(undefined, { partials: true });
    await settle();
    partial(0);
    await append(many(1));
    partial(1);
    partial(2);
    await append([ENDED]);
    await Promise.all([following.done, without.done]);
    expect(following.seen).toEqual(['started', '1', 'live', 'p0', '2', 'p1', 'p2', '3']);
    expect(without.seen).toEqual(['started', '1', 'live', '2', '3']);
    expect([bus.wanted(eventsSubject(id)), bus.wanted(partialsSubject(id))]).toEqual([false, false]);
  });

  it('[RT29] lets go of everything when it is left, while it sleeps or reads', async () => {
    const { append, watch, feeds, clock, store } = setUp();
    await append(many(1));
    const controller = new AbortController();
    const aborted = watch(undefined, { signal: controller.signal });
    const returned = watch();
    await settle();
    controller.abort();
    await aborted.done;
    await returned.entries.return?.();
    await returned.done;
    expect([feeds.count, clock.pending]).toEqual([0, 0]);

    const late = watch(undefined, { signal: controller.signal });
    await late.done;
    expect(late.seen).toEqual([]);

    let answer = (_: ConversationEvent[]): void => {};
    store.read = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    const reading = watch();
    const left = reading.entries.return?.();
    answer([]);
    await left;
    expect([feeds.count, clock.pending, reading.seen]).toEqual([0, 0, []]);
  });

  it('[RT29] rejects when the store cannot be read, and lets go', async () => {
    const { append, watch, feeds, store, clock } = setUp();
    await append(many(1));
    store.read = () => Promise.reject(new Error('the disk is gone'));
    await expect(watch().done).rejects.toThrow('the disk is gone');
    expect([feeds.count, clock.pending]).toEqual([0, 0]);
  });

  it('[RT29] goes on when the store could not be asked after a silence', async () => {
    const { append, watch, store, clock } = setUp();
    await append(many(1));
    const follower = watch();
    await settle();
    const read = store.read.bind(store);
    store.read = () => Promise.reject(new Error('not now'));
    await append([ENDED], { lost: true });
    clock.advance(1_000);
    await settle();
    store.read = read;
    clock.advance(4_000);
    await follower.done;
    expect(follower.seen).toEqual(['started', '1', 'live', '2']);
  });
});
