import type { ConversationEvent } from '@backchannel/protocol';

export type ReachedLevel = {
  readonly level: string;
  /** Milliseconds after it was accepted. */
  readonly afterMs: number;
  readonly reason?: string;
  readonly complete?: boolean;
};

/** What became of a message that was sent over REST, by this page or by anybody else. */
export type ShownReceipt = {
  readonly messageId: string;
  readonly type: string;
  readonly text: string;
  readonly urgency: string;
  readonly acceptedAt: number;
  readonly levels: readonly ReachedLevel[];
  readonly ended: boolean;
  readonly downgraded: boolean;
};

/** The newest are enough for a page. */
const MOST = 50;

/** The receipts after one more event of the log, newest first. What the client itself said has none here. */
export function foldReceipts(receipts: readonly ShownReceipt[], event: ConversationEvent): readonly ShownReceipt[] {
  if (event.type === 'message.accepted' && event.source === 'api') {
    const { message_id: messageId, message_type: type, text, urgency, downgraded = false } = event;
    const acceptedAt = Date.parse(event.time);
    const levels = [{ level: 'accepted', afterMs: 0 }];
    return [{ messageId, type, text, urgency, acceptedAt, levels, ended: false, downgraded }, ...receipts].slice(0, MOST);
  }
  if (event.type !== 'message.level') return receipts;
  return receipts.map((receipt) => (receipt.messageId === event.message_id ? climbed(receipt, event) : receipt));
}

function climbed(receipt: ShownReceipt, event: ConversationEvent & { type: 'message.level' }): ShownReceipt {
  const { level, reason, complete, final } = event;
  const reached: ReachedLevel = {
    level,
    afterMs: Math.max(0, Date.parse(event.time) - receipt.acceptedAt),
    ...(reason === undefined ? {} : { reason }),
    ...(complete === undefined ? {} : { complete }),
  };
  return { ...receipt, levels: [...receipt.levels, reached], ended: final ?? false };
}

const ENDS: Readonly<Record<string, string>> = {
  expired: 'It expired before it could be applied.',
  superseded: 'A newer message took its place.',
  cancelled: 'It was taken back.',
  refused: 'It was refused.',
  undeliverable: 'It did not reach the user.',
  failed: 'The reply failed.',
};
const REASONS: Readonly<Record<string, string>> = {
  conversation_ended: 'The conversation ended first.',
  outcome_unknown: 'Nobody can tell whether the user saw it.',
  model_error: 'The model failed.',
  model_timeout: 'The model was silent for too long.',
  replaced: 'A context with the same id came after it.',
};

/** A bad end in words; undefined while all is well. */
export function badEnd(receipt: ShownReceipt): string | undefined {
  const last = receipt.levels.at(-1);
  const end = last === undefined ? undefined : ENDS[last.level];
  if (end === undefined) return undefined;
  const reason = last?.reason === undefined ? undefined : (REASONS[last.reason] ?? `${last.reason}.`);
  return reason === undefined ? end : `${end} ${reason}`;
}
