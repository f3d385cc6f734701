import type { Frame } from '@backchannel/server/testing';
import type { DisconnectionDetails } from '@elevenlabs/client';

export type Said = { readonly source: 'user' | 'ai'; readonly message: string; readonly event_id?: number };
export type Part = { readonly type: 'start' | 'delta' | 'stop'; readonly text: string; readonly event_id: number };

/** Everything that the callbacks of an official client told, whether it runs here or in a browser, and waiting for it. */
export class ToldByClient {
  readonly messages: Said[] = [];
  readonly parts: Part[] = [];
  readonly errors: string[] = [];
  /** Every event it got, whatever it makes of it; the metadata is its own and not among them. */
  readonly events: Frame[] = [];
  /** `event_id`s of the replies that were interrupted. */
  readonly interruptions: number[] = [];
  readonly connectedAs: string[] = [];
  readonly disconnected: Promise<DisconnectionDetails>;
  private leave: (details: DisconnectionDetails) => void = () => {};
  private waiting: (() => void)[] = [];

  constructor() {
    this.disconnected = new Promise((resolve) => {
      this.leave = resolve;
    });
  }

  /** What the client is given to call. */
  readonly callbacks = {
    onConnect: ({ conversationId }: { conversationId: string }) => this.note(this.connectedAs, conversationId),
    onMessage: (message: Said) => this.note(this.messages, message),
    onAgentChatResponsePart: (part: Part) => this.note(this.parts, part),
    onIncomingEvent: (event: Frame) => this.note(this.events, event),
    onInterruption: ({ event_id }: { event_id: number }) => this.note(this.interruptions, event_id),
    onError: (message: string) => this.note(this.errors, message),
    onDisconnect: (details: DisconnectionDetails) => this.leave(details),
  };

  /** Resolves when the condition holds; it is looked at whenever something came. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  async said(count: number): Promise<Said[]> {
    await this.until(() => this.messages.length >= count);
    return this.messages;
  }

  /** Resolves with the line of that text, as soon as it is there. */
  async line(text: string): Promise<Said> {
    const find = () => this.messages.find(({ message }) => message === text);
    await this.until(() => find() !== undefined);
    const found = find();
    if (found === undefined) throw new Error(`The line "${text}" is gone.`);
    return found;
  }

  /** Resolves with the first event of that type, as soon as it is there. */
  async event(type: string): Promise<Frame> {
    const find = () => this.events.find((event) => event.type === type);
    await this.until(() => find() !== undefined);
    return find() ?? { type: 'none' };
  }

  private note<T>(list: T[], entry: T): void {
    list.push(entry);
    for (const wake of this.waiting.splice(0)) wake();
  }
}
