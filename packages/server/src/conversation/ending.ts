import { type AnswerTo, cursorOf, type EndReason, type NamedCommand, type Refusal, refuse } from '@backchannel/protocol';
import type { CloseReason } from './client-session.js';
import type { Decision } from './decision.js';
import { endBadly } from './levels.js';
import { cutTurn } from './turns.js';

/** How long the client has for closing by itself when it was shown the `end_call` answer. */
const END_CALL_GRACE_MS = 1_000;

/**
 * Two steps, whatever the cause. First an open reply, protected or not, is cut and the last line goes out with a
 * ping; then, at its pong or a second later (at once without a client), everything that is open gets its end.
 */
export function beginEnding(d: Decision, reason: EndReason, last?: { readonly text: string; readonly source: 'api' | 'engine' }): void {
  const { record, live } = d;
  if (record.phase === 'ended' || live.ending !== undefined) return;
  live.typing = undefined;
  cutTurn(d, reason === 'max_duration' ? 'max_duration' : 'ended');
  if (last !== undefined && last.text !== '') {
    d.emit({ type: 'message.added', role: 'agent', text: last.text, source: last.source, event_id: d.nextEventId(), messages: [] });
  }
  const status = reason === 'never_opened' ? 'failed' : 'done';
  live.ending = { reason, status, by: d.stamp.mono + live.settings.limits.farewellMs, through: record.owed.at(-1)?.seq ?? 0 };
  finishIfConfirmed(d);
}

/** The second step, as soon as nothing is awaited any more. */
export function finishIfConfirmed(d: Decision): void {
  const { record, live } = d;
  const { ending } = live;
  if (ending === undefined || record.phase === 'ended') return;
  const owes = record.owed.some((line) => line.seq <= ending.through);
  // A client that has just come is shown its lines when it is ready, and then has its time to confirm them.
  if (owes && live.session !== undefined && d.stamp.mono < ending.by) return;

  for (const message of Object.values(record.open)) {
    if (message.line === undefined) endBadly(d, message.messageId, 'superseded', 'conversation_ended');
    else endBadly(d, message.messageId, 'undeliverable', 'outcome_unknown');
  }
  for (const message of [...record.waiting]) endBadly(d, message.messageId, 'undeliverable', 'conversation_ended');
  const call = record.endCall;
  if (call !== undefined) {
    const { turn_id, tool_call_id, tool_name, tool_type, event_id } = call;
    d.emit({
      type: 'tool.returned',
      turn_id,
      tool_call_id,
      tool_name,
      tool_type,
      event_id,
      result: 'The call has ended.',
      is_error: false,
    });
  }
  d.emit({ type: 'conversation.ended', reason: ending.reason, status: ending.status });
  const session = live.session;
  if (session !== undefined) {
    const grace = call === undefined ? {} : { graceMs: END_CALL_GRACE_MS };
    const reason: CloseReason = { kind: 'ended', reason: ending.reason, ...grace };
    d.out.push({ kind: 'close', to: session.id, reason });
  }
  live.session = undefined;
  live.ending = undefined;
}

/** The agent hangs up: its last words are in the log, with the call that says so. */
export function endByAgent(d: Decision): void {
  beginEnding(d, 'end_call');
}

export function endByCommand(d: Decision, command: Extract<NamedCommand, { type: 'conversation.end' }>): AnswerTo<typeof command> {
  const { record } = d;
  const cursor = cursorOf(record);
  if (record.ended !== undefined) {
    const { at, reason, status } = record.ended;
    return { ok: true, cursor, ended: { ended_at: new Date(at).toISOString(), reason, status, last_seq: record.seq } };
  }
  beginEnding(d, command.reason, command.message === undefined ? undefined : { text: command.message, source: 'api' });
  return { ok: true, cursor };
}

/** 410: between the two steps without the time, which is not known yet. */
export function goneRefusal({ record, live }: Decision): Refusal {
  const { ended } = record;
  if (ended === undefined) return refuse('conversation_ended', { extra: { reason: live.ending?.reason, last_seq: record.seq } });
  return refuse('conversation_ended', {
    extra: { ended_at: new Date(ended.at).toISOString(), reason: ended.reason, last_seq: record.seq },
  });
}
