import type { Frame } from '@backchannel/server/testing';
import {
  Conversation,
  type DisconnectionDetails,
  type PartialOptions,
  SessionConnectionError,
  type TextConversation,
} from '@elevenlabs/client';
import { WebSocket } from 'ws';

// Node 20 has no WebSocket of its own; where there is one the client is tried with it, as its users have it.
globalThis.WebSocket ??= WebSocket as unknown as typeof globalThis.WebSocket; // the same interface as far as the SDK uses it

export type Said = { readonly source: 'user' | 'ai'; readonly message: string; readonly event_id?: number };
export type Part = { readonly type: 'start' | 'delta' | 'stop'; readonly text: string; readonly event_id: number };

/** How a client gets in: by agent at `origin` (with `authorization`, when private), or by signed URL. */
export type Way = { readonly signedUrl: string } | { readonly origin: string; readonly agentId: string; readonly authorization?: string };

/** The unmodified official client in text, with everything its callbacks told. */
export class OfficialClient {
  readonly messages: Said[] = [];
  readonly parts: Part[] = [];
  readonly errors: string[] = [];
  /** Every event it got, whatever it makes of it; the metadata is its own and not among them. */
  readonly events: Frame[] = [];
  /** `event_id`s of the replies that were interrupted. */
  readonly interruptions: number[] = [];
  readonly connectedAs: string[] = [];
  readonly disconnected: Promise<DisconnectionDetails>;
  conversation: TextConversation | undefined;
  private leave: (details: DisconnectionDetails) => void = () => {};
  private waiting: (() => void)[] = [];

  private constructor() {
    this.disconnected = new Promise((resolve) => {
      this.leave = resolve;
    });
  }

  /** Resolves when the session is there; rejects as `startSession` does. */
  static async start(way: Way, options: Partial<PartialOptions> = {}): Promise<OfficialClient> {
    const client = new OfficialClient();
    const told = {
      onConnect: ({ conversationId }: { conversationId: string }) => client.note(client.connectedAs, conversationId),
      onMessage: (message: Said) => client.note(client.messages, message),
      onAgentChatResponsePart: (part: Part) => client.note(client.parts, part),
      onIncomingEvent: (event: Frame) => client.note(client.events, event),
      onInterruption: ({ event_id }: { event_id: number }) => client.note(client.interruptions, event_id),
      onError: (message: string) => client.note(client.errors, message),
      onDisconnect: (details: DisconnectionDetails) => client.leave(details),
    };
    // The union of ways in is exclusive by `never` fields, which a spread cannot express.
    const all = { connectionType: 'websocket', ...way, ...told, ...options, textOnly: true } as PartialOptions & { textOnly: true };
    client.conversation = await Conversation.startSession(all);
    return client;
  }

  /** The refusal of a session that must not start: code and reason as the app gets them. */
  static async refused(
    way: Way,
    options: Partial<PartialOptions> = {},
  ): Promise<{ code: number | undefined; reason: string | undefined; message: string }> {
    try {
      const client = await OfficialClient.start(way, options);
      await client.end();
    } catch (error) {
      if (!(error instanceof SessionConnectionError)) throw error;
      return { code: error.closeCode, reason: error.closeReason, message: error.message };
    }
    throw new Error('the session started');
  }

  get id(): string {
    return this.session.getId();
  }

  get session(): TextConversation {
    if (!this.conversation) throw new Error('the session did not start');
    return this.conversation;
  }

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

  async end(): Promise<DisconnectionDetails> {
    await this.session.endSession();
    return this.disconnected;
  }

  private note<T>(list: T[], entry: T): void {
    list.push(entry);
    for (const wake of this.waiting.splice(0)) wake();
  }
}
