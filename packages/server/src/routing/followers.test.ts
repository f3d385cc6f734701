import { type ConversationEvent, newConversationId, type PartialEvent } from '@backchannel/protocol';
import { describe, expect, it } from 'vitest';
import { settle } from '../testing/settle.js';
import { createFollowers, eventsSubject, partialsSubject } from './followers.js';
import { MemoryBus } from './memory-bus.js';

const id = newConversationId();
const event = (seq: number): ConversationEvent => ({ type: 'conversation.warned', code: 'c', message: 'm', seq, epoch: 1, time: 't' });
const piece = (index: number): PartialEvent => ({ type: 'reply.delta', turn_id: 'turn_1', event_id: 1, index, text: 'x' });

/** A bus that counts what is published on it. */
class CountingBus extends MemoryBus {
  published = 0;
  override publish(subject: string, payload: unknown): void {
    this.published += 1;
    super.publish(subject, payload);
  }
}

describe('publishing to followers', () => {
  it('[RT27] does nothing while nobody follows', () => {
    const bus = new CountingBus();
    createFollowers(bus).publish(id, [event(1), piece(0)]);
    expect(bus.published).toBe(0);
  });

  it('[RT27] makes no partials for those who only want events', async () => {
    const bus = new CountingBus();
    const seen: unknown[] = [];
    bus.subscribe(eventsSubject(id), (events) => seen.push(events));
    const { publish } = createFollowers(bus);
    publish(id, [piece(0)]);
    publish(id, [event(1), piece(1), event(2)]);
    await settle();
    expect(seen).toEqual([[event(1)], [event(2)]]);
    expect(bus.published).toBe(2);
  });

  it('[RT27] keeps the order between events and partials', async () => {
    const bus = new CountingBus();
    const seen: unknown[] = [];
    bus.subscribe(eventsSubject(id), (events) => seen.push(...(events as unknown[])));
    bus.subscribe(partialsSubject(id), (partials) => seen.push(...(partials as unknown[])));
    const entries = [piece(0), event(1), event(2), piece(1), piece(2), event(3)];
    createFollowers(bus).publish(id, entries);
    await settle();
    expect(seen).toEqual(entries);
    expect(bus.published).toBe(4);
    createFollowers(bus).publish(id, []);
    expect(bus.published).toBe(4);
  });
});
