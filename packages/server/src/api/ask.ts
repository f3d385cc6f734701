import { type AnswerTo, AppError, type ConversationId, type NamedCommand } from '@backchannel/protocol';
import type { Api } from './api.js';

/** Sends a command to a conversation within its rate. The router answers `unavailable` when it takes too long. */
export function ask<C extends NamedCommand>(api: Api, id: ConversationId, command: C): Promise<AnswerTo<C>> {
  const secs = api.conversationRate.take(id);
  if (secs > 0) throw AppError.of('rate_limited', { extra: { retry_after_secs: secs } });
  return api.router.send(id, command);
}
