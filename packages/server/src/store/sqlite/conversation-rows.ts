import type { RowChange } from '../row-change.js';
import type { Connection } from './connection.js';

/** Writes row changes: an insert for a new conversation, otherwise an update of what the change names. */
export function conversationRows(connection: Connection) {
  const insert = connection.prepare(`
    INSERT INTO conversations (id, epoch, workspace_id, agent_id, agent_hash, begun, user_id, user_id_verified, app_metadata, created_at,
      status, opened_at, ended_at, end_reason, end_status, source)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const update = connection.prepare(`
    UPDATE conversations SET status = coalesce(?, status), opened_at = coalesce(opened_at, ?), ended_at = coalesce(?, ended_at),
      end_reason = coalesce(?, end_reason), end_status = coalesce(?, end_status), app_metadata = coalesce(?, app_metadata),
      user_id = coalesce(user_id, ?), source = coalesce(source, ?)
    WHERE k = ?`);
  const rate = connection.prepare(`
    UPDATE conversations SET rating = coalesce(?2, iif(?1, NULL, rating)), commented = coalesce(?3, iif(?1, 0, commented)) WHERE k = ?4`);
  return {
    /** Returns the new row's number. */
    insert(id: string, epoch: number, created: NonNullable<RowChange['created']>, change: RowChange): number {
      const { lastInsertRowid } = insert.run(
        ...[id, epoch, created.workspaceId, created.agentId, created.agentHash, created.begun, change.userId ?? null],
        ...[created.userIdVerified ? 1 : 0, change.appMetadata ?? '{}', created.at, change.status ?? 'created', change.openedAt ?? null],
        ...[change.ended?.at ?? null, change.ended?.reason ?? null, change.ended?.status ?? null, change.source ?? null],
      );
      if (change.feedback) this.rate(lastInsertRowid, change.feedback);
      return lastInsertRowid;
    },
    update(k: number, change: RowChange): void {
      const ended = [change.ended?.at ?? null, change.ended?.reason ?? null, change.ended?.status ?? null];
      const once = [change.userId ?? null, change.source ?? null];
      update.run(change.status ?? null, change.openedAt ?? null, ...ended, change.appMetadata ?? null, ...once, k);
      if (change.feedback) this.rate(k, change.feedback);
    },
    rate(k: number, { cleared, rating, commented }: NonNullable<RowChange['feedback']>): void {
      rate.run(cleared ? 1 : 0, rating ?? null, commented === undefined ? null : commented ? 1 : 0, k);
    },
  };
}
