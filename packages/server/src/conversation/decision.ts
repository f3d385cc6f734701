import type { ConversationEvent, EventBody, PartialEvent, SessionId, TurnId } from '@backchannel/protocol';
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

/** One decision while it is made: the state, the stamp, and the one ordered list of what leaves. */
export class Decision {
  /** Leaves at once, around the gate: aborts only. */
  readonly now: TurnId[] = [];
  readonly out: Out[] = [];
  /** An owed line is shown by this decision, so a ping goes behind it. */
  private owes = false;

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

  /** Numbers the event, takes it into the record, and queues it: later lines of this decision see it. */
  emit(body: EventBody, to: SessionId | undefined = this.audience): ConversationEvent {
    const { record, live, stamp } = this;
    // Joining a union's member with three fields gives a member again; the compiler cannot see that through a spread.
    const event = { seq: record.seq + 1, epoch: live.epoch, time: stamp.time, ...body } as ConversationEvent;
    const owed = record.owed.length;
    if (event.type === 'conversation.created') Object.assign(record, newRecord(event));
    else evolve(record, event);
    this.out.push({ kind: 'event', event, to });
    if (event.type === 'message.added' && to !== undefined && record.owed.at(-1)?.seq === event.seq) this.owes = true;
    if (event.type === 'message.added' && record.owed.length <= owed) this.endWhatFellOut();
    return event;
  }

  show(event: ConversationEvent, to: SessionId): void {
    this.out.push({ kind: 'show', event, to });
    this.owes = true;
  }

  nextEventId(): number {
    return this.record.eventIds + 1;
  }

  /** One JSON ping at the end of a decision whose frames hold an owed line; its id is the last seq it covers. */
  finish(): void {
    const session = this.live.session;
    if (!this.owes || session === undefined) return;
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
