import type { ConversationEvent } from '@backchannel/protocol';
import { describe, expect, it } from 'vitest';
import { EventEntry, PartialEntry } from './entry.js';
import { Feed } from './feed.js';

const event = (seq: number): EventEntry =>
  new EventEntry({ type: 'conversation.warned', code: 'c', message: 'm', seq, epoch: 1, time: 't' } satisfies ConversationEvent);
const piece = (index: number): PartialEntry => new PartialEntry({ type: 'reply.delta', turn_id: 'turn_1', event_id: 1, index, text: 'x' });
/** What a follower at `position` gets until the ring is empty: seqs, `p` for partials, or `behind`. */
function from(feed: Feed, position: number | undefined): (number | string)[] {
  const seen: (number | string)[] = [];
  for (let at = position ?? 0; ; at++) {
    const item = position === undefined ? 'behind' : feed.at(at);
    if (item === undefined) return seen;
    if (item === 'behind') return [...seen, 'behind'];
    seen.push(item instanceof EventEntry ? item.event.seq : `p${item.partial.index}`);
  }
}

describe('a feed', () => {
  it('[RT24] gives whoever has read the store the place where it goes on', () => {
    const feed = new Feed();
    for (const item of [event(5), piece(0), event(6), event(7), piece(1)]) feed.push(item);
    expect(from(feed, feed.join(4))).toEqual([5, 'p0', 6, 7, 'p1']);
    expect(from(feed, feed.join(5))).toEqual([6, 7, 'p1']);
    expect(from(feed, feed.join(7))).toEqual([]);
    expect(feed.join(3)).toBeUndefined();
  });

  it('[RT24] ignores what came before, and begins anew at a jump', () => {
    const feed = new Feed();
    const place = feed.join(4);
    feed.push(event(5));
    expect([feed.push(event(5)), feed.push(event(3))]).toEqual([false, false]);
    expect(from(feed, place)).toEqual([5]);
    feed.push(event(8));
    expect(from(feed, place)).toEqual(['behind']);
    expect(feed.join(5)).toBeUndefined();
    expect(from(feed, feed.join(7))).toEqual([8]);
    expect(feed.lastSeq).toBe(8);
  });

  it('[RT24] begins anew when the store knew more than the bus told', () => {
    const feed = new Feed();
    const place = feed.join(4);
    feed.push(event(5));
    const further = feed.join(9);
    expect(from(feed, place)).toEqual(['behind']);
    feed.push(event(10));
    expect(from(feed, further)).toEqual([10]);
  });

  it('[RT25] keeps the last 256 entries at least, and not more than twice as many', () => {
    const feed = new Feed();
    const place = feed.join(0);
    for (let seq = 1; seq <= 2_000; seq++) feed.push(event(seq));
    expect(from(feed, place)).toEqual(['behind']);
    expect(from(feed, feed.join(2_000 - 256)).length).toBe(256);
    expect(feed.join(2_000 - 512)).toBeUndefined();
  });

  it('[RT25] wakes who sleeps once, at the next change of any kind', () => {
    const feed = new Feed();
    const woken: string[] = [];
    const changes: [string, () => void][] = [
      ['event', () => feed.push(event(1))],
      ['partial', () => feed.push(piece(0))],
      ['jump', () => feed.join(5)],
      ['end', () => feed.end()],
    ];
    for (const [name, change] of changes) {
      feed.onChange(() => woken.push(name));
      const gone = (): number => woken.push('gone');
      feed.onChange(gone);
      feed.offChange(gone);
      change();
    }
    feed.push(event(6));
    expect(woken).toEqual(['event', 'partial', 'jump', 'end']);
    expect(feed.gone).toBe(true);
  });

  it('[RT26] makes the text of an entry once', () => {
    let made = 0;
    const toJSON = (): string => {
      made += 1;
      return 'text';
    };
    const entry = new EventEntry(Object.assign({ toJSON }, event(1).event));
    expect([entry.text, entry.text, made]).toEqual(['"text"', '"text"', 1]);
    expect(piece(0).text).toBe('{"type":"reply.delta","turn_id":"turn_1","event_id":1,"index":0,"text":"x"}');
  });
});
