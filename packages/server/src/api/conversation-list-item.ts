import type { ConversationRow } from '../store/store.js';

/** ElevenLabs' words for where a conversation stands. */
export function statusOf(row: Pick<ConversationRow, 'status' | 'endStatus'>): 'initiated' | 'in-progress' | 'done' | 'failed' {
  if (row.status === 'created') return 'initiated';
  return row.status === 'ended' ? (row.endStatus ?? 'done') : 'in-progress';
}

/** One entry of ElevenLabs' list, with our own fields. `nowMs` ends the duration of what has not ended. */
export function toListItem(row: ConversationRow, nowMs: number) {
  const { openedAt } = row;
  const secs = openedAt === undefined ? 0 : Math.max(0, Math.floor(((row.endedAt ?? nowMs) - openedAt) / 1_000));
  return {
    agent_id: row.agentId,
    agent_name: row.agentName ?? null,
    conversation_id: row.conversationId,
    start_time_unix_secs: Math.floor((openedAt ?? row.createdAt) / 1_000),
    call_duration_secs: secs,
    message_count: row.messageCount,
    status: statusOf(row),
    call_successful: 'unknown',
    conversation_initiation_source: row.source ?? null,
    rating: row.rating ?? null,
    termination_reason: row.endReason ?? null,
    user_id: row.userId ?? null,
    user_id_verified: row.userIdVerified,
    app_metadata: row.appMetadata,
  };
}
