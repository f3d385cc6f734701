import type { ConversationId, Receipt } from '@backchannel/protocol';
import type { MessageAsk } from '@backchannel/protocol/convai';
import type { FastifyReply } from 'fastify';
import { awaitReceipt } from '../routing/await-receipt.js';
import type { Api } from './api.js';

/**
 * The receipt once it has got as far as was asked for, has ended, or the time is over. A caller that hangs up
 * stops the waiting and nothing else; a server that stops answers with what is known.
 */
export async function waitForLevel(
  api: Api,
  reply: FastifyReply,
  id: ConversationId,
  receipt: Receipt,
  asked: MessageAsk,
): Promise<Receipt> {
  const enough = new AbortController();
  const stop = (): void => enough.abort();
  reply.raw.once('close', stop);
  api.stopping.addEventListener('abort', stop, { once: true });
  try {
    return await awaitReceipt(api.router, id, receipt, asked.wait_for, asked.timeout_ms, api.clock, enough.signal);
  } finally {
    reply.raw.off('close', stop);
    api.stopping.removeEventListener('abort', stop);
  }
}
