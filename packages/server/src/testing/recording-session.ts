import { type ConversationEvent, FAREWELLS, type PartialEvent, type SessionId, type TurnId } from '@backchannel/protocol';
import { createStreamView, encode, ping, type ServerMessage } from '@backchannel/protocol/convai';
import type { ClientSession, CloseReason } from '../conversation/client-session.js';
import { describeFrame } from './notation.js';

/** A client session without a socket: keeps its frames as the wire would carry them. */
export class RecordingSession implements ClientSession {
  readonly role = 'user';
  readonly frames: ServerMessage[] = [];
  /** How the conversation closed it. */
  closed: CloseReason | undefined;
  /** The `event_id` of the newest ping. */
  pinged = 0;
  /** What `answers` says. */
  alive = true;
  /** Frames that left between one `cork` and its `uncork`. */
  readonly writes: number[] = [];
  /** Called with everything it is shown, before it becomes frames. */
  onSend: (output: ConversationEvent | PartialEvent) => void = () => {};
  private corkedAt: number | undefined;
  private readonly view;

  /** `note` is called with each frame, and with the close, in words. */
  constructor(
    readonly id: SessionId,
    conversationId: string,
    private readonly note: (word: string) => void = () => {},
  ) {
    this.view = createStreamView(conversationId, id);
  }

  send(output: ConversationEvent | PartialEvent): void {
    this.onSend(output);
    for (const frame of encode(this.view, output)) this.take(frame);
  }

  ping(through: number): void {
    this.pinged = through;
    this.take(ping(through));
  }

  stop(_turn: TurnId): void {}

  async answers(): Promise<boolean> {
    return this.alive;
  }

  cork(): void {
    this.corkedAt = this.frames.length;
  }

  uncork(): void {
    if (this.corkedAt !== undefined && this.corkedAt < this.frames.length) this.writes.push(this.frames.length - this.corkedAt);
    this.corkedAt = undefined;
  }

  close(reason: CloseReason): void {
    this.closed ??= reason;
    this.note(reason.kind === 'error' ? `close ${reason.code}` : `close ${FAREWELLS[reason.reason].reason}`);
  }

  /** The frames in words. */
  get shown(): string[] {
    return this.frames.map(describeFrame);
  }

  private take(frame: ServerMessage): void {
    this.frames.push(frame);
    this.note(describeFrame(frame));
  }
}
