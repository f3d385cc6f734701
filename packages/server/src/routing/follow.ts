import { type ConversationEvent, type ConversationId, type Cursor, parseCursor } from '@backchannel/protocol';
import type { EventStore } from '../conversation/event-store.js';
import type { Log } from '../lib/log.js';
import { EventEntry } from './entry.js';
import type { Feed } from './feed.js';
import type { Feeds } from './feeds.js';
import type { Entry } from './router-port.js';

type Past = Pick<EventStore, 'read' | 'head'>;
type Sources = { readonly store: Past; readonly feeds: Feeds; readonly log: Log };
type Want = { readonly partials: boolean; readonly signal?: AbortSignal };

/** Events that are read from the store at once. */
const PAGE = 256;

/**
 * The events of one conversation behind a cursor: the store's, then the feed's, and the store's again wherever the
 * feed does not reach. Nothing is subscribed before the first entry is asked for; leaving the loop, or `return()`
 * at any moment, lets go of everything. See `Router.follow` for what it promises.
 */
export function follow(from: Sources, id: ConversationId, after: Cursor | undefined, want: Want): AsyncIterable<Entry> {
  return {
    [Symbol.asyncIterator](): AsyncIterator<Entry, undefined> {
      const stop = new Stop(want.signal);
      const entries = read(from, id, after, want.partials, stop);
      return {
        next: () => entries.next(),
        // A generator that sleeps would hear of its end only when it wakes.
        return: () => {
          stop.now();
          return entries.return(undefined);
        },
      };
    },
  };
}

async function* read(
  { store, feeds, log }: Sources,
  id: ConversationId,
  after: Cursor | undefined,
  partials: boolean,
  stop: Stop,
): AsyncGenerator<Entry, undefined> {
  // Subscribed first: what is published while the store is read waits in the feed.
  const { feed, close } = feeds.open(id, partials);
  try {
    stop.listen();
    const start = await begin(store, id, after);
    if (stop.stopped) return;
    yield { mark: start.mark };
    let { cursor, over, page } = start;
    let live = false;
    for (;;) {
      for (const event of page.events) {
        if (stop.stopped) return;
        cursor = event.seq;
        over ||= event.type === 'conversation.ended';
        yield new EventEntry(event);
      }
      // A conversation has at least one event: there is none of this id, or none any more.
      if (cursor === 0) return;
      let position = page.full ? undefined : feed.join(cursor);
      if (position !== undefined && !live) {
        live = true;
        yield { mark: 'live' };
      }
      while (position !== undefined) {
        if (stop.stopped) return;
        const item = feed.at(position);
        if (item === 'behind') break;
        if (item === undefined) {
          if (over || feed.gone) return;
          await stop.sleep(feed);
          continue;
        }
        position += 1;
        if (item instanceof EventEntry) {
          cursor = item.event.seq;
          over ||= item.event.type === 'conversation.ended';
        } else if (!partials) {
          continue;
        }
        yield item;
      }
      if (stop.stopped) return;
      const { lastSeq } = feed;
      page = await readPage(store, id, cursor);
      if (page.events.length > 0 || lastSeq === undefined || lastSeq <= cursor) continue;
      // What was published is durable, so it can only be missing when the whole conversation is.
      if ((await store.head(id)) === undefined) return;
      throw new Error(`The store has nothing behind seq ${cursor} of ${id}, and seq ${lastSeq} was published.`);
    }
  } catch (error) {
    log.warn({ conversation_id: id, err: error }, 'a follower was cut off');
    throw error;
  } finally {
    close();
    stop.over();
  }
}

type Page = { readonly events: readonly ConversationEvent[]; readonly full: boolean };

async function readPage(store: Past, id: ConversationId, after: number): Promise<Page> {
  const events = await store.read(id, after, PAGE);
  return { events, full: events.length === PAGE };
}

type Start = { readonly mark: 'started' | 'reset'; readonly cursor: number; readonly over: boolean; readonly page: Page };

/** The first page; a cursor is good while the entry at its seq has its epoch. */
async function begin(store: Past, id: ConversationId, after: Cursor | undefined): Promise<Start> {
  const named = after === undefined ? undefined : parseCursor(after);
  if (named !== undefined && named.seq > 0) {
    const { events, full } = await readPage(store, id, named.seq - 1);
    const [entry] = events;
    if (entry?.seq === named.seq && entry.epoch === named.epoch) {
      return { mark: 'started', cursor: named.seq, over: await isOver(store, id, entry), page: { events: events.slice(1), full } };
    }
  }
  return { mark: after === undefined ? 'started' : 'reset', cursor: 0, over: false, page: await readPage(store, id, 0) };
}

/** Whether the end lies at the cursor or before it. Nothing but feedback follows an end. */
async function isOver(store: Past, id: ConversationId, entry: ConversationEvent): Promise<boolean> {
  if (entry.type !== 'feedback.given') return entry.type === 'conversation.ended';
  return (await store.head(id))?.status === 'ended';
}

/** Ends one follower, also while it sleeps. */
class Stop {
  stopped = false;
  #wake: (() => void) | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly now = (): void => {
    this.stopped = true;
    this.#wake?.();
  };

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  listen(): void {
    if (this.#signal?.aborted) this.now();
    this.#signal?.addEventListener('abort', this.now, { once: true });
  }

  /** Until the feed changes, or this follower is stopped. */
  async sleep(feed: Feed): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      feed.onChange(resolve);
    });
    if (this.stopped && this.#wake !== undefined) feed.offChange(this.#wake);
    this.#wake = undefined;
  }

  over(): void {
    this.#signal?.removeEventListener('abort', this.now);
  }
}
