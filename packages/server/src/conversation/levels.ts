import type { MessageId } from '@backchannel/protocol';
import type { Decision } from './decision.js';
import type { OpenMessage } from './record.js';

/**
 * True when what is said now will be `spoken`: the user's client is there, or will be shown it at its rejoin.
 * A conversation that a backend opened has `spoken` only while a client is joined.
 */
export function willBeSpoken({ record }: Decision): boolean {
  return record.begun === 'api' ? record.client !== undefined : record.clientSince !== undefined;
}

/** Ends a message badly. */
export function endBadly(
  d: Decision,
  messageId: MessageId,
  level: 'expired' | 'superseded' | 'cancelled' | 'undeliverable' | 'failed',
  reason?: string,
): void {
  d.emit({ type: 'message.level', message_id: messageId, level, ...(reason === undefined ? {} : { reason }), final: true });
}

/** The reply is in the log: complete, or cut after words. Nothing follows when no line of it will be confirmed. */
export function replied(d: Decision, messageId: MessageId, eventId: number, complete: boolean, reason?: string): void {
  const willFollow = willBeSpoken(d) && d.record.open[messageId]?.line !== undefined;
  d.emit({
    type: 'message.level',
    message_id: messageId,
    level: 'replied',
    ...(reason === undefined ? {} : { reason }),
    event_id: eventId,
    complete,
    ...(willFollow ? {} : { final: true }),
  });
}

function spoken(d: Decision, { messageId, eventId, complete }: OpenMessage, basis: 'confirmed' | 'written'): void {
  const event = eventId === undefined ? {} : { event_id: eventId };
  const cut = complete ? {} : { complete: false };
  d.emit({ type: 'message.level', message_id: messageId, level: 'spoken', ...event, ...cut, basis, final: true });
}

/** Every message whose line is at or before `through` has been spoken, as far as the basis tells. */
export function spokenThrough(d: Decision, through: number, basis: 'confirmed' | 'written'): void {
  for (const message of Object.values(d.record.open)) {
    if (message.line !== undefined && message.line <= through) spoken(d, message, basis);
  }
}
