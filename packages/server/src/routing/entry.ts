import type { ConversationEvent, PartialEvent } from '@backchannel/protocol';

/** A follower's entry for an event. Shared by all followers of this node, so its text is made at most once. */
export class EventEntry {
  #text: string | undefined;

  constructor(readonly event: ConversationEvent) {}

  get text(): string {
    this.#text ??= JSON.stringify(this.event);
    return this.#text;
  }
}

/** A follower's entry for a partial. */
export class PartialEntry {
  #text: string | undefined;

  constructor(readonly partial: PartialEvent) {}

  get text(): string {
    this.#text ??= JSON.stringify(this.partial);
    return this.#text;
  }
}
