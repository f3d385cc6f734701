import type { AnswerTo, ConversationEvent, ConversationId, Cursor, NamedCommand, PartialEvent } from '@backchannel/protocol';

/** One thing a follower sees. `text` is the JSON of the event or partial, made once a node. */
export type Entry =
  | { readonly event: ConversationEvent; readonly text: string }
  | { readonly partial: PartialEvent; readonly text: string }
  | { readonly mark: 'started' | 'reset' | 'live' };

/** Sends a command to, or follows the events of, a conversation anywhere. */
export interface Router {
  /**
   * The owner's answer. Unknown ids answer `conversation_not_found`, ended ones `conversation_ended`,
   * and nobody reachable, or a store that cannot write, `unavailable`.
   */
  send<C extends NamedCommand>(id: ConversationId, command: C): Promise<AnswerTo<C>>;
  /**
   * Every event after `after` (all of them when undefined), from the store and then live, without gap or
   * duplicate; ends after `conversation.ended`, or when `signal` aborts. `started`: the cursor was good;
   * `reset`: it was not, and the stream begins at seq 1; `live`: the past is over.
   */
  follow(
    id: ConversationId,
    after: Cursor | undefined,
    want: { readonly partials: boolean; readonly signal?: AbortSignal },
  ): AsyncIterable<Entry>;
}
