import { type ConversationId, foldReceipt, type Level, type MessageId, type Receipt, seqOfMessageId } from '@backchannel/protocol';
import type { Store } from '../store/store.js';
import { logPages } from './log-pages.js';

type Log = Pick<Store, 'read'>;

/** The current receipt of a message; `undefined` when this conversation has no such message. Its id says where to look. */
export async function readReceipt(log: Log, id: ConversationId, messageId: MessageId): Promise<Receipt | undefined> {
  const seq = seqOfMessageId(messageId);
  if (seq === undefined || seq === 0) return undefined;
  let receipt: Receipt | undefined;
  for await (const page of logPages(log, id, seq - 1)) {
    for (const event of page) {
      receipt = foldReceipt(receipt, event);
      if (receipt?.accepted.message_id !== messageId) return undefined;
      if (receipt.ended) return receipt;
    }
  }
  return receipt;
}

/**
 * The first `limit` messages accepted behind seq `after`, in that order; with `status`, of those that have got
 * exactly so far. Memory holds what is still open and what fits the page, however long the log is.
 */
export async function readReceipts(
  log: Log,
  id: ConversationId,
  after: number,
  limit: number,
  status: Level | undefined,
): Promise<Receipt[]> {
  const open = new Map<MessageId, Receipt>();
  let fitting: Receipt[] = [];
  let full = false;
  for await (const page of logPages(log, id, after)) {
    for (const event of page) {
      if (event.type === 'message.accepted') {
        // Whatever comes now would stand behind a full page.
        full ||= fitting.length >= limit || (status === undefined && fitting.length + open.size >= limit);
        const receipt = full ? undefined : foldReceipt(undefined, event);
        if (receipt !== undefined) open.set(event.message_id, receipt);
      } else if (event.type === 'message.level') {
        const receipt = open.get(event.message_id);
        if (receipt === undefined || !foldReceipt(receipt, event)?.ended) continue;
        open.delete(event.message_id);
        if (status === undefined || receipt.status === status) fitting.push(receipt);
      } else if (event.type === 'message.added') {
        for (const messageId of event.messages) foldReceipt(open.get(messageId), event);
      }
    }
    if (full && open.size === 0) break;
  }
  fitting = [...fitting, ...[...open.values()].filter((receipt) => status === undefined || receipt.status === status)];
  return fitting.sort((a, b) => a.seq - b.seq).slice(0, limit);
}
