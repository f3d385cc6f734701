import type { ConversationEvent, EventBody, EventOf, PartialEvent, SessionId, TurnId } from '@backchannel/protocol';
import type { CloseReason } from './client-session.js';
import type { EngineInput } from './engine.js';
import { evolve, newRecord } from './evolve.js';
import type { ConversationRecord } from './record.js';
import { situationOf } from './situation.js';
import type { ConversationState, Live, Stamp } from './state.js';

/** What leaves after the commit, in this order. `to` was settled at the decision: who is shown it. */
export type Out =
  | { readonly kind: 'event'; readonly event: ConversationEvent; readonly to: SessionId | undefined }
  | { readonly kind: 'show'; readonly event: ConversationEvent; readonly to: SessionId }
  | { readonly kind: 'partial'; readonly partial: PartialEvent; readonly to: SessionId | undefined }
  | { readonly kind: 'ping'; readonly to: SessionId; readonly through: number }
  | { readonly kind: 'engine'; readonly input: EngineInput }
  | { readonly kind: 'close'; readonly to: SessionId; readonly reason: CloseReason };

type Numbered = { seq: number; epoch: number; time: string };

/** One decision while it is made: the state, the stamp, and the one ordered list of what leaves. */
export class Decision {
  /** Leaves at once, around the gate: aborts only. */
  readonly now: TurnId[] = [];
  readonly out: Out[] = [];
  /** Those of `out`, in their order: what the append takes. */
  readonly events: ConversationEvent[] = [];
  /** The session that this decision shows an owed line, so a ping goes behind it. */
  private owesTo: SessionId | undefined;
  /** The turn that begins with this decision; handed to the engine last, behind every frame. */
  private begun: { readonly turn: TurnId; readonly instructions: readonly string[] } | undefined;

  constructor(
    readonly state: ConversationState,
    readonly stamp: Stamp,
  ) {}

  get record(): ConversationRecord {
    return this.state.record;
  }
  get live(): Live {
    return this.state.live;
  }
  get situation() {
    return situationOf(this.state);
  }
  /** The session that is shown what happens now, if any. */
  get audience(): SessionId | undefined {
    return this.live.session?.ready ? this.live.session.id : undefined;
  }

  /**
   * Numbers the event, takes it into the record, and queues it: later lines of this decision see it. The body becomes the
   * event itself (copying a dozen fields costs more than deciding about them), so it must be the caller's own.
   */
  emit(body: EventBody, to: SessionId | undefined = this.audience): ConversationEvent {
    const { record, live, stamp } = this;
    const event = body as Numbered & EventBody;
    event.seq = record.seq + 1;
    event.epoch = live.epoch;
    event.time = stamp.time;
    this.events.push(event);
    this.out.push({ kind: 'event', event, to });
    // Replaced, since an object that grows by thirty fields becomes a hash table: 1.4 KiB more, and slow to read.
    if (event.type === 'conversation.created') this.state.record = newRecord(event);
    else if (event.type === 'message.added') this.addLine(event, to);
    else evolve(record, event);
    return event;
  }

  show(event: ConversationEvent, to: SessionId): void {
    this.out.push({ kind: 'show', event, to });
    this.owesTo = to;
  }

  nextEventId(): number {
    return this.record.eventIds + 1;
  }

  /** Asks the engine for a reply, at the end of this decision. */
  begin(turn: TurnId, instructions: readonly string[]): void {
    this.begun = { turn, instructions };
  }

  /** Stops the engine's reply at once; one that it was not asked for yet is never begun. */
  abort(turn: TurnId): void {
    if (this.begun?.turn === turn) this.begun = undefined;
    else this.now.push(turn);
  }

  /** What stands at the end of every decision: a ping behind the frames, then the engine's part. */
  finish(): void {
    this.pingBehindOwed();
    if (this.begun !== undefined) this.out.push({ kind: 'engine', input: { type: 'reply', ...this.begun } });
  }

  /** One JSON ping a decision whose frames hold an owed line; its id is the last seq it covers. */
  private pingBehindOwed(): void {
    const session = this.live.session;
    if (session === undefined || session.id !== this.owesTo) return;
    const { mono } = this.stamp;
    session.pingedThrough = this.record.seq;
    const newest = session.pings.at(-1);
    if (newest !== undefined && mono - newest.since < 100) {
      newest.through = this.record.seq;
      newest.at = mono;
    } else {
      session.pings.push({ through: this.record.seq, since: mono, at: mono });
    }
    this.out.push({ kind: 'ping', to: session.id, through: this.record.seq });
  }

  private addLine(line: EventOf<'message.added'>, to: SessionId | undefined): void {
    const { record } = this;
    const before = record.owed.length;
    evolve(record, line);
    const owed = record.owed.at(-1)?.seq === line.seq;
    if (owed && to !== undefined) this.owesTo = to;
    if (owed && record.owed.length <= before) this.endWhatFellOut();
  }

  /** Lines that the record no longer owes, and no pong will confirm, leave their messages without a known end. */
  private endWhatFellOut(): void {
    const oldest = this.record.owed[0]?.seq ?? Number.POSITIVE_INFINITY;
    for (const message of Object.values(this.record.open)) {
      if (message.line !== undefined && message.line < oldest && message.line !== this.record.seq) {
        this.emit({ type: 'message.level', message_id: message.messageId, level: 'undeliverable', reason: 'outcome_unknown', final: true });
      }
    }
  }
}
