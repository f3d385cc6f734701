import { type ConversationEvent, type EventOf, isBadEnd, LEVELS, type Level, type MessageId } from '@backchannel/protocol';

/** What a conversation's log, record or wire must never do; the message says which rule and where. */
export class RuleBroken extends Error {
  override readonly name = 'RuleBroken';
}

export function must(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new RuleBroken(rule);
}

type Known = {
  readonly type: EventOf<'message.accepted'>['message_type'];
  /** Milliseconds since 1970; Infinity: never. */
  readonly expiresAt: number;
  level: Level;
  final: boolean;
};

const rank = (level: Level): number => (isBadEnd(level) ? LEVELS.length : (LEVELS as readonly Level[]).indexOf(level));

/**
 * The rules of one log, event by event: gapless, turns one after the other, every message through its levels to
 * one end, nothing after the end. Knows the events alone and nothing of the code that made them.
 */
export class LogRules {
  readonly messages = new Map<MessageId, Known>();
  private seq = 0;
  private epoch = 1;
  private eventId = 0;
  private turn: { readonly id: string; readonly eventId: number; said: boolean; interrupted: boolean } | undefined;
  private phase: 'none' | 'created' | 'open' | 'dropped' | 'ended' = 'none';
  private client: string | undefined;
  private readonly urls = new Set<string>();

  constructor(events: readonly ConversationEvent[] = []) {
    for (const event of events) this.take(event);
  }

  take(event: ConversationEvent): void {
    const at = `${event.seq} ${event.type}`;
    must(event.seq === this.seq + 1, `${at} does not follow ${this.seq}`);
    must(event.epoch >= this.epoch, `${at} has the epoch of an owner before`);
    must((this.phase === 'none') === (event.type === 'conversation.created'), `${at}: a log begins with conversation.created`);
    must(this.phase !== 'ended' || event.type === 'feedback.given', `${at} follows the end`);
    this.seq = event.seq;
    this.epoch = event.epoch;
    this.judge(event, at);
  }

  /** Every accepted message has its end. */
  mustBeSettled(): void {
    for (const [id, message] of this.messages) must(message.final, `${id} (${message.type}) has no end, it is ${message.level}`);
  }

  private judge(event: ConversationEvent, at: string): void {
    switch (event.type) {
      case 'conversation.created':
        this.phase = 'created';
        return;
      case 'conversation.opened':
        must(this.phase === 'created' || this.phase === 'dropped', `${at} while ${this.phase}`);
        this.phase = 'open';
        return;
      case 'conversation.dropped':
        must(this.phase === 'open' && this.client === undefined, `${at} while ${this.phase}`);
        this.phase = 'dropped';
        return;
      case 'conversation.ended':
        must(this.turn === undefined, `${at} with a turn open`);
        this.mustBeSettled();
        this.phase = 'ended';
        return;
      case 'client.joined':
        must(this.client === undefined, `${at} beside ${this.client}`);
        must(event.url_id === undefined || !this.urls.has(event.url_id), `${at} by a URL that was used`);
        if (event.url_id !== undefined) this.urls.add(event.url_id);
        this.client = event.session_id;
        return;
      case 'client.left':
        must(this.client === event.session_id, `${at} of ${event.session_id}, who is not there`);
        this.client = undefined;
        return;
      case 'client.confirmed':
        must(this.client === event.session_id && event.through < event.seq, `${at} by ${event.session_id} through ${event.through}`);
        return;
      case 'message.accepted':
        must(!this.messages.has(event.message_id), `${at}: ${event.message_id} again`);
        this.messages.set(event.message_id, {
          type: event.message_type,
          expiresAt: Date.parse(event.time) + (event.expires_in_ms ?? Number.POSITIVE_INFINITY),
          level: 'accepted',
          final: false,
        });
        return;
      case 'message.level':
        return this.judgeLevel(event, at);
      case 'message.added':
        return this.judgeLine(event, at);
      case 'turn.started':
      case 'turn.interrupted':
      case 'turn.ended':
        return this.judgeTurn(event, at);
      default:
        return;
    }
  }

  private judgeLevel({ message_id, level, final, basis, time }: EventOf<'message.level'>, at: string): void {
    const message = this.messages.get(message_id);
    must(message !== undefined, `${at}: nobody sent ${message_id}`);
    must(!message.final, `${at}: ${message_id} is ${level} after its end`);
    must(rank(level) > rank(message.level), `${at}: ${message_id} is ${level} after ${message.level}`);
    must(!isBadEnd(level) || final === true, `${at}: ${level} is an end`);
    must((level === 'spoken') === (basis !== undefined), `${at}: a basis is what spoken rests on`);
    must(level !== 'spoken' || final === true, `${at}: nothing follows spoken`);
    must(level !== 'applied' || Date.parse(time) <= message.expiresAt, `${at}: ${message_id} had expired`);
    message.level = level;
    message.final = final === true;
  }

  private judgeLine(line: EventOf<'message.added'>, at: string): void {
    const { turn } = this;
    if (line.turn_id === undefined) {
      must(line.event_id === this.eventId + 1, `${at} has #${line.event_id} after #${this.eventId}`);
      this.eventId = line.event_id;
    } else {
      must(turn?.id === line.turn_id && turn.eventId === line.event_id, `${at} of a turn that is not open`);
      must(!turn.said, `${at} is the turn's second line`);
      turn.said = true;
    }
    for (const id of line.messages) must(this.messages.get(id)?.final === false, `${at} is for ${id}, which has ended or is not known`);
  }

  private judgeTurn(event: EventOf<'turn.started' | 'turn.interrupted' | 'turn.ended'>, at: string): void {
    const { turn } = this;
    if (event.type === 'turn.started') {
      must(turn === undefined, `${at} while ${turn?.id} is open`);
      must(event.event_id === this.eventId + 1, `${at} has #${event.event_id} after #${this.eventId}`);
      must(event.cause.length > 0, `${at} has no cause`);
      for (const id of event.cause) must(this.messages.get(id)?.level === 'applied', `${at} for ${id}, which is not applied`);
      this.eventId = event.event_id;
      this.turn = { id: event.turn_id, eventId: event.event_id, said: false, interrupted: false };
      return;
    }
    must(turn?.id === event.turn_id, `${at} of a turn that is not open`);
    if (event.type === 'turn.interrupted') {
      must(!turn.interrupted, `${at} a second time`);
      turn.interrupted = true;
      return;
    }
    must(turn.interrupted === (event.outcome === 'interrupted'), `${at} as ${event.outcome}`);
    this.turn = undefined;
  }
}
