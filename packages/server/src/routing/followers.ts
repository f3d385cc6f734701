import type { ConversationEvent, ConversationId, PartialEvent } from '@backchannel/protocol';
import type { Bus } from './bus.js';

/** Where committed events of a conversation are published: a list of them, in order. */
export const eventsSubject = (id: ConversationId): string => `events.${id}`;
/** Partials have their own subject, so that nobody makes them for those who only wait for events. */
export const partialsSubject = (id: ConversationId): string => `partials.${id}`;

type Entry = ConversationEvent | PartialEvent;
export type Followers = {
  /**
   * To be called by the owner behind its gate, with what a decision produced, in order. Costs next to nothing
   * while nobody follows.
   */
  publish(id: ConversationId, entries: readonly Entry[]): void;
};

const isEvent = (entry: Entry): entry is ConversationEvent => 'seq' in entry;

/** The publishing side of `follow`. */
export function createFollowers(bus: Bus): Followers {
  return {
    publish(id, entries) {
      const events = bus.wanted(eventsSubject(id));
      const partials = bus.wanted(partialsSubject(id));
      if (!events && !partials) return;
      // Neighbours of one kind leave together; the order between the kinds stays.
      let from = 0;
      for (let end = 1; end <= entries.length; end++) {
        const first = entries[from];
        const next = entries[end];
        if (first === undefined || (next !== undefined && isEvent(next) === isEvent(first))) continue;
        if (isEvent(first) ? events : partials)
          bus.publish(isEvent(first) ? eventsSubject(id) : partialsSubject(id), entries.slice(from, end));
        from = end;
      }
    },
  };
}
