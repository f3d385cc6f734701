import type { ConversationEvent, EventOf } from '@backchannel/protocol';
import type { ConversationRow } from './store.js';

/** What an append changes in its conversation's own row; absent fields stay as they are. Plain data: it crosses threads. */
export type RowChange = {
  /** The row is new. */
  readonly created?: {
    readonly workspaceId: string;
    readonly agentId: string;
    readonly agentHash: string;
    readonly begun: ConversationRow['begun'];
    readonly userIdVerified: boolean;
    /** Milliseconds since 1970, like every time here. */
    readonly at: number;
  };
  readonly status?: ConversationRow['status'];
  /** Kept only where the row has none: the first opening counts. */
  readonly openedAt?: number;
  readonly ended?: { readonly at: number; readonly reason: string; readonly status: 'done' | 'failed' };
  /** The whole metadata as JSON. */
  readonly appMetadata?: string;
  /** Kept only where the row has none: the one that the backend gave wins. */
  readonly userId?: string;
  /** Kept only where the row has none: what the first client that says it calls itself. */
  readonly source?: string;
  /** About the whole conversation. `cleared`: what was said before is taken back. */
  readonly feedback?: { readonly cleared: boolean; readonly rating?: number; readonly commented?: boolean };
};

type Draft = { -readonly [K in keyof RowChange]: RowChange[K] };

/**
 * Derives the row change of one append from its events, or `undefined`, as for almost every append: the row
 * exists to find conversations, and what changes with each message is computed from the log when it is read.
 */
export function rowChange(events: readonly ConversationEvent[]): RowChange | undefined {
  let draft: Draft | undefined;
  for (const event of events) {
    switch (event.type) {
      case 'conversation.created':
        draft = {
          created: {
            workspaceId: event.workspace_id,
            agentId: event.agent_id,
            agentHash: event.agent_hash,
            begun: event.begun,
            userIdVerified: event.user_id_verified ?? false,
            at: Date.parse(event.time),
          },
          status: 'created',
          appMetadata: JSON.stringify(event.app_metadata ?? {}),
        };
        if (event.user_id !== undefined) draft.userId = event.user_id;
        break;
      case 'client.joined':
        if (event.role !== 'user') break;
        if (event.user_id !== undefined) {
          draft ??= {};
          draft.userId ??= event.user_id;
        }
        if (event.source !== undefined) {
          draft ??= {};
          draft.source ??= event.source;
        }
        break;
      case 'conversation.opened':
        draft ??= {};
        draft.status = 'open';
        draft.openedAt ??= Date.parse(event.time);
        break;
      case 'conversation.dropped':
        draft ??= {};
        draft.status = 'dropped';
        break;
      case 'conversation.ended':
        draft ??= {};
        draft.status = 'ended';
        draft.ended = { at: Date.parse(event.time), reason: event.reason, status: event.status };
        break;
      case 'conversation.metadata_changed':
        draft ??= {};
        draft.appMetadata = JSON.stringify(event.app_metadata);
        break;
      case 'feedback.given':
        if (event.event_id !== undefined) break;
        draft ??= {};
        draft.feedback = foldFeedback(draft.feedback, event);
        break;
    }
  }
  return draft;
}

/** As the transcript folds it: null takes everything back, what is given replaces. */
function foldFeedback(
  before: RowChange['feedback'],
  { score, rating, comment }: EventOf<'feedback.given'>,
): NonNullable<RowChange['feedback']> {
  if (score === null) return { cleared: true };
  return {
    ...(before ?? { cleared: false }),
    ...(rating === undefined ? {} : { rating }),
    ...(comment === undefined ? {} : { commented: comment !== '' }),
  };
}
