import type { ConversationId, Receipt } from '@backchannel/protocol';
import type { MessageAsk } from '@backchannel/protocol/convai';
import type { FastifyReply } from 'fastify';
import { awaitReceipt } from '../routing/await-receipt.js';
import type { Api } from './api.js';
import { callerOf } from './caller.js';

/**
 * The receipt once it has got as far as was asked for, has ended, or the time is over. A caller that hangs up
 * stops the waiting and nothing else; a server that stops, or a key that ends, makes it answer with what is known.
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
  const takeBack = api.keyEnds.await(callerOf(reply.request), stop);
  reply.raw.once('close', stop);
  api.stopping.addEventListener('abort', stop, { once: true });
  try {
    return await awaitReceipt(api.router, id, receipt, asked.wait_for, asked.timeout_ms, api.clock, enough.signal);
  } finally {
    takeBack();
    reply.raw.off('close', stop);
    api.stopping.removeEventListener('abort', stop);
  }
}
