import type { BodyOf, ConversationEvent } from './event.js';
import type { BadEnd, GoodLevel, Level, MessageType, SpokenBasis } from './message.js';
import { LEVELS, MESSAGE_RULES } from './message.js';

/**
 * A receipt: how far a sent message has got. One pure fold over the log from the message's own seq;
 * the first answer, a wait, a replay and the timeline are all this fold.
 */
export type TimelineEntry = {
  readonly level: Level;
  readonly seq: number;
  readonly time: string;
  readonly reason?: string;
  readonly event_id?: number;
  readonly complete?: boolean;
  readonly heard_text?: string;
  readonly basis?: SpokenBasis;
};

export type Receipt = {
  readonly accepted: BodyOf<'message.accepted'>;
  readonly seq: number;
  readonly cursor: string;
  timeline: TimelineEntry[];
  /** The last level: the highest good one reached, or the bad end. */
  status: Level;
  /** True once nothing can follow. */
  ended: boolean;
  reply?: { text: string; event_id: number; complete: boolean };
};

/** Starts with the `message.accepted` of the message and takes every later event of its conversation, in order. */
export function foldReceipt(receipt: Receipt | undefined, event: ConversationEvent): Receipt | undefined {
  if (receipt === undefined) {
    if (event.type !== 'message.accepted') return undefined;
    const { seq, epoch, time } = event;
    return {
      accepted: event,
      seq,
      cursor: `${epoch}-${seq}`,
      timeline: [{ level: 'accepted', seq, time }],
      status: 'accepted',
      ended: false,
    };
  }
  const id = receipt.accepted.message_id;
  if (event.type === 'message.level' && event.message_id === id) {
    const { level, seq, time, reason, event_id, complete, heard_text, basis } = event;
    receipt.timeline.push({
      level,
      seq,
      time,
      ...(reason === undefined ? {} : { reason }),
      ...(event_id === undefined ? {} : { event_id }),
      ...(complete === undefined ? {} : { complete }),
      ...(heard_text === undefined ? {} : { heard_text }),
      ...(basis === undefined ? {} : { basis }),
    });
    receipt.status = level;
    if (event.final) receipt.ended = true;
    if (receipt.reply && level === 'replied') receipt.reply.complete = complete !== false;
  } else if (event.type === 'message.added' && event.role === 'agent' && event.turn_id !== undefined && event.messages.includes(id)) {
    receipt.reply = { text: event.text, event_id: event.event_id, complete: !event.interrupted };
  }
  return receipt;
}

const rank = (level: Level): number => LEVELS.indexOf(level as GoodLevel);

/** True when a wait for `level` is over: reached, passed, or no longer possible. */
export function waitIsOver(receipt: Receipt, level: GoodLevel): boolean {
  return receipt.ended || rank(receipt.status) >= rank(level);
}

export const hasLevel = (type: MessageType, level: GoodLevel): boolean => MESSAGE_RULES[type].levels.includes(level);
export const isBadEnd = (level: Level): level is BadEnd => rank(level) < 0;
