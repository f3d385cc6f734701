import { type NamedCommand, type Refusal, refuse } from '@backchannel/protocol';
import type { ConversationHead } from '../conversation/event-store.js';

export type AfterEndLimits = {
  /** Idempotency keys are remembered for so many milliseconds after the end. */
  readonly keysAfterEndMs: number;
  /** Feedback is taken for so many milliseconds after the end. */
  readonly feedbackAfterEndMs: number;
};

/**
 * True when an ended conversation may still have an answer to this command: a known key is replayed, ending again
 * is no error, feedback comes late. Everything else is refused without loading it.
 */
export function mayAnswerAfterEnd(command: NamedCommand, head: ConversationHead, wall: number, limits: AfterEndLimits): boolean {
  const since = head.ended === undefined ? 0 : wall - Date.parse(head.ended.at);
  switch (command.type) {
    case 'message.send':
      return command.idempotency_key !== undefined && since < limits.keysAfterEndMs;
    case 'feedback.give':
      return since < limits.feedbackAfterEndMs;
    case 'conversation.end':
      return true;
    default:
      return false;
  }
}

export function endedRefusal({ ended, lastSeq }: ConversationHead): Refusal {
  return refuse('conversation_ended', {
    extra: { ...(ended === undefined ? {} : { ended_at: ended.at, reason: ended.reason }), last_seq: lastSeq },
  });
}
