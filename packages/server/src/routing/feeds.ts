import type { ConversationEvent, ConversationId, PartialEvent } from '@backchannel/protocol';
import type { EventStore } from '../conversation/event-store.js';
import type { Clock } from '../lib/clock.js';
import type { Log } from '../lib/log.js';
import type { Bus } from './bus.js';
import { EventEntry, PartialEntry } from './entry.js';
import { Feed } from './feed.js';
import { eventsSubject, partialsSubject } from './followers.js';

export type FeedSources = {
  readonly bus: Bus;
  readonly store: Pick<EventStore, 'read' | 'head'>;
  readonly clock: Clock;
  readonly log: Log;
};

/** After so much silence the store is asked whether something was missed; then after twice as much, and so on. */
const SILENCE_MS = 1_000;
const LONGEST_SILENCE_MS = 32_000;
const PAGE = 256;

/** One feed for each conversation that somebody on this node follows, for as long as somebody does. */
export class Feeds {
  readonly #sources: FeedSources;
  readonly #open = new Map<ConversationId, LiveFeed>();

  constructor(sources: FeedSources) {
    this.#sources = sources;
  }

  /** Subscribed when this returns. `close` once. */
  open(id: ConversationId, partials: boolean): { readonly feed: Feed; readonly close: () => void } {
    const live = this.#open.get(id) ?? new LiveFeed(id, this.#sources);
    this.#open.set(id, live);
    live.enter(partials);
    return {
      feed: live.feed,
      close: () => {
        if (live.leave(partials)) this.#open.delete(id);
      },
    };
  }

  get count(): number {
    return this.#open.size;
  }
}

/** A feed that is kept up to date by the bus, and by the store when the bus is silent. */
class LiveFeed {
  readonly feed = new Feed();
  readonly #id: ConversationId;
  readonly #sources: FeedSources;
  #followers = 0;
  #wantPartials = 0;
  readonly #stopEvents: () => void;
  #stopPartials: (() => void) | undefined;
  #stopAlarm: () => void;
  #heardAt: number;
  #patience = SILENCE_MS;

  constructor(id: ConversationId, sources: FeedSources) {
    this.#id = id;
    this.#sources = sources;
    // The bus carries JSON; what is published under these subjects is what `followers.ts` sends.
    this.#stopEvents = sources.bus.subscribe(eventsSubject(id), (events) => {
      for (const event of events as ConversationEvent[]) this.#hear(event);
    });
    this.#heardAt = sources.clock.mono();
    this.#stopAlarm = this.#listen();
  }

  enter(partials: boolean): void {
    this.#followers += 1;
    if (!partials) return;
    this.#wantPartials += 1;
    this.#stopPartials ??= this.#sources.bus.subscribe(partialsSubject(this.#id), (pieces) => {
      for (const piece of pieces as PartialEvent[]) this.feed.push(new PartialEntry(piece));
    });
  }

  /** True when the last follower has left, and this feed is over. */
  leave(partials: boolean): boolean {
    if (partials) this.#wantPartials -= 1;
    if (this.#wantPartials === 0) {
      this.#stopPartials?.();
      this.#stopPartials = undefined;
    }
    this.#followers -= 1;
    if (this.#followers > 0) return false;
    this.#stopEvents();
    this.#stopAlarm();
    return true;
  }

  #hear(event: ConversationEvent): void {
    if (!this.feed.push(new EventEntry(event))) return;
    this.#heardAt = this.#sources.clock.mono();
    this.#patience = SILENCE_MS;
  }

  /** One alarm, never moved later: it rings early and looks again. */
  #listen(): () => void {
    const { clock, log } = this.#sources;
    return clock.alarm(this.#heardAt + this.#patience, () => {
      if (clock.mono() < this.#heardAt + this.#patience) {
        this.#stopAlarm = this.#listen();
        return;
      }
      this.#ask()
        .catch((error: unknown) => log.warn({ conversation_id: this.#id, err: error }, 'a follower could not ask the store what it missed'))
        .finally(() => {
          this.#heardAt = clock.mono();
          if (this.#followers > 0) this.#stopAlarm = this.#listen();
        });
    });
  }

  /** A publication may be lost, and the last one has nothing behind it that would show the gap. */
  async #ask(): Promise<void> {
    const { store } = this.#sources;
    const { lastSeq } = this.feed;
    // Nobody has read the store yet, and whoever does reads all there is.
    if (lastSeq === undefined) return;
    this.#patience = Math.min(this.#patience * 2, LONGEST_SILENCE_MS);
    const missed = await store.read(this.#id, lastSeq, PAGE);
    for (const event of missed) this.#hear(event);
    if (missed.length === 0 && (await store.head(this.#id)) === undefined) this.feed.end();
  }
}
