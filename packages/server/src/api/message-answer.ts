import { type ConversationId, isBadEnd, type Receipt } from '@backchannel/protocol';

/** What a sender is told about its message: how far it has got, and what it asked for. A pure view of the receipt. */
export function messageAnswer(conversationId: ConversationId, receipt: Receipt) {
  const { accepted, status, reply, timeline } = receipt;
  const reason = isBadEnd(status) ? timeline.at(-1)?.reason : undefined;
  return {
    message_id: accepted.message_id,
    conversation_id: conversationId,
    seq: receipt.seq,
    cursor: receipt.cursor,
    status,
    ...(reason === undefined ? {} : { reason }),
    agent_state: accepted.agent_state,
    user_state: accepted.user_state,
    ...(accepted.downgraded === undefined ? {} : { downgraded: accepted.downgraded }),
    ...(reply === undefined ? {} : { reply }),
    message: {
      type: accepted.message_type,
      text: accepted.text,
      urgency: accepted.urgency,
      reply: accepted.reply,
      ...(accepted.interruptible === undefined ? {} : { interruptible: accepted.interruptible }),
      ...(accepted.context_id === undefined ? {} : { context_id: accepted.context_id }),
      ...(accepted.expires_in_ms === undefined ? {} : { expires_in_secs: accepted.expires_in_ms / 1_000 }),
      ...(accepted.metadata === undefined ? {} : { metadata: accepted.metadata }),
    },
  };
}

/** The same with every level and its time. */
export function messageTimeline(conversationId: ConversationId, receipt: Receipt) {
  return { ...messageAnswer(conversationId, receipt), timeline: receipt.timeline };
}
