import { type AnswerTo, type AnyAnswer, CONVERSATION_ID, type ConversationId, type NamedCommand, refuse } from '@backchannel/protocol';
import type { EventStore } from '../conversation/event-store.js';
import type { Clock } from '../lib/clock.js';
import { Deadlines } from '../lib/deadlines.js';
import type { Log } from '../lib/log.js';
import { type AfterEndLimits, endedRefusal, mayAnswerAfterEnd } from './after-end.js';
import type { Bus } from './bus.js';
import { Feeds } from './feeds.js';
import { follow } from './follow.js';
import type { Router } from './router-port.js';

export type RouterParts = {
  readonly bus: Bus;
  readonly store: Pick<EventStore, 'read' | 'head'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Claims a conversation that nobody serves and serves it on the bus; an ended one for reading only. Callers share a load. */
  readonly load: (id: ConversationId) => Promise<'loaded' | 'not_found' | 'unavailable'>;
  readonly limits: AfterEndLimits & {
    /** An answer that takes longer, in milliseconds, is no longer waited for. */
    readonly acknowledgeMs: number;
  };
};

/** The subject under which the owner of a conversation takes its commands. */
export const commandsSubject = (id: ConversationId): string => `conv.${id}`;

/** A conversation may be over, or lost by a failed append, between its loading and our asking. */
const ATTEMPTS = 3;

const UNAVAILABLE = refuse('unavailable');
const NOT_FOUND = refuse('conversation_not_found');

export function createRouter(parts: RouterParts): Router {
  const { bus, store, clock, log, load, limits } = parts;
  const feeds = new Feeds(parts);
  const deadlines = new Deadlines(clock, limits.acknowledgeMs);
  const sources = { store, feeds, log };

  async function ask(id: ConversationId, command: NamedCommand): Promise<AnyAnswer> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      // Whoever serves this subject answers commands; the bus cannot know.
      const answer = (await bus.request(commandsSubject(id), command)) as AnyAnswer | undefined;
      if (answer !== undefined) return answer;
      const head = await store.head(id);
      if (head === undefined) return NOT_FOUND;
      if (head.status === 'ended' && !mayAnswerAfterEnd(command, head, clock.wall(), limits)) return endedRefusal(head);
      const loaded = await load(id);
      if (loaded === 'not_found') return NOT_FOUND;
      if (loaded === 'unavailable') return UNAVAILABLE;
    }
    return UNAVAILABLE;
  }

  function send(id: ConversationId, command: NamedCommand): Promise<AnyAnswer> {
    // What is no id is nobody's, and must not become a subject or a key.
    if (!CONVERSATION_ID.test(id)) return Promise.resolve(NOT_FOUND);
    return new Promise((resolve) => {
      const cancel = deadlines.add(() => resolve(UNAVAILABLE));
      ask(id, command).then(
        (answer) => {
          cancel();
          resolve(answer);
        },
        (error: unknown) => {
          cancel();
          log.error({ conversation_id: id, command: command.type, err: error }, 'a command got no answer');
          resolve(UNAVAILABLE);
        },
      );
    });
  }

  return {
    // An answer has the shape that its command's type says.
    send: <C extends NamedCommand>(id: ConversationId, command: C) => send(id, command) as Promise<AnswerTo<C>>,
    follow: (id, after, want) => follow(sources, id, after, want),
  };
}
