import { cutUtf8, type EngineCommand, type InterruptReason } from '@backchannel/protocol';
import type { Decision } from './decision.js';
import { endBadly, replied } from './levels.js';

type Report<T extends EngineCommand['type']> = Extract<EngineCommand, { type: T }>;

/** One reply for everything that is due; the instructions that wait for a prompt are taken along. */
export function startTurn(d: Decision): void {
  const { record, stamp } = d;
  for (const message of record.waiting.filter((waiting) => waiting.type === 'instruction' && waiting.reply === 'none')) {
    d.emit({ type: 'message.level', message_id: message.messageId, level: 'applied' });
  }
  const cause = [...record.due];
  const open = cause.flatMap((id) => record.open[id] ?? []);
  // With its seq, since one decision may begin a turn, cut it, and begin another.
  const turnId = `turn_${stamp.random}${record.seq + 1}`;
  d.emit({
    type: 'turn.started',
    turn_id: turnId,
    event_id: d.nextEventId(),
    cause,
    // One protected cause protects a joint reply.
    interruptible: open.every((message) => message.interruptible),
  });
  d.live.speech = undefined;
  d.begin(
    turnId,
    open.flatMap((message) => message.text ?? []),
  );
}

/** Cuts the open turn: what was streamed stays as heard; a wordless turn's causes want their reply still. */
export function cutTurn(d: Decision, reason: InterruptReason): void {
  const { record, live } = d;
  const turn = record.turn;
  if (turn === undefined) return;
  const speech = live.speech;
  d.abort(turn.turnId);
  if (speech !== undefined) {
    d.emit({
      type: 'message.added',
      role: 'agent',
      text: speech.text,
      source: 'engine',
      event_id: turn.eventId,
      messages: [...turn.cause],
      turn_id: turn.turnId,
      interrupted: true,
    });
  }
  d.emit({ type: 'turn.interrupted', turn_id: turn.turnId, reason, ...(speech === undefined ? {} : { heard_text: speech.text }) });
  if (speech !== undefined) for (const id of turn.cause) replied(d, id, turn.eventId, false);
  d.emit({ type: 'turn.ended', turn_id: turn.turnId, outcome: 'interrupted', reason });
  live.speech = undefined;
}

/** Text of the open reply. Answers true when it has to end here because it is too long. */
export function replyDelta(d: Decision, report: Report<'reply.delta'>): boolean {
  const { record, live } = d;
  const turn = record.turn;
  if (turn === undefined || turn.turnId !== report.turn_id || report.text === '') return false;
  live.speech ??= { turnId: turn.turnId, text: '', pieces: 0, bytes: 0 };
  const left = live.settings.limits.maxReplyBytes - live.speech.bytes;
  const bytes = Buffer.byteLength(report.text);
  const text = bytes <= left ? report.text : cutUtf8(report.text, left);
  live.speech.text += text;
  live.speech.bytes += bytes;
  if (text !== '') {
    const partial = { type: 'reply.delta', turn_id: turn.turnId, event_id: turn.eventId, index: live.speech.pieces, text } as const;
    d.out.push({ kind: 'partial', partial, to: d.audience });
    live.speech.pieces += 1;
  }
  return bytes > left;
}

/** The reply is whole. Answers true when the turn was open. */
export function replyDone(d: Decision, report: Report<'reply.done'>): boolean {
  const { record, live } = d;
  const turn = record.turn;
  if (turn === undefined || turn.turnId !== report.turn_id) return false;
  const text = live.speech?.text ?? report.end_call?.message ?? '';
  if (text !== '') sayReply(d, text);
  if (report.end_call !== undefined) {
    const { tool_call_id, reason, message } = report.end_call;
    const parameters = { reason, ...(message === undefined ? {} : { message }) };
    d.emit({
      type: 'tool.called',
      turn_id: turn.turnId,
      tool_call_id,
      tool_name: 'end_call',
      tool_type: 'system',
      event_id: turn.eventId,
      parameters,
    });
  }
  for (const id of turn.cause) replied(d, id, turn.eventId, true);
  endTurn(d, 'complete', report);
  return true;
}

/** A reply over the cap ends where it is. The engine's own report comes too late and is ignored. */
export function replyTooLong(d: Decision): void {
  const turn = d.record.turn;
  if (turn === undefined) return;
  d.abort(turn.turnId);
  sayReply(d, d.live.speech?.text ?? '');
  for (const id of turn.cause) replied(d, id, turn.eventId, false, 'reply_too_long');
  endTurn(d, 'complete', { reason: 'reply_too_long' });
}

/** The model failed: an apology is said inside the same reply, and the conversation goes on. */
export function replyFailed(d: Decision, report: Report<'reply.failed'>): boolean {
  const { record, live } = d;
  const turn = record.turn;
  if (turn === undefined || turn.turnId !== report.turn_id) return false;
  const { apology } = live.settings.limits;
  sayReply(d, live.speech === undefined ? apology : `${live.speech.text} ${apology}`);
  for (const id of turn.cause) endBadly(d, id, 'failed', report.reason);
  endTurn(d, 'failed', report);
  return true;
}

function sayReply(d: Decision, text: string): void {
  const turn = d.record.turn;
  if (turn === undefined) return;
  d.emit({
    type: 'message.added',
    role: 'agent',
    text,
    source: 'engine',
    event_id: turn.eventId,
    messages: [...turn.cause],
    turn_id: turn.turnId,
  });
}

function endTurn(
  d: Decision,
  outcome: 'complete' | 'failed',
  report: { reason?: string } & Partial<Report<'reply.done' | 'reply.failed'>>,
): void {
  const turn = d.record.turn;
  if (turn === undefined) return;
  const { reason, left_out, model, usage, first_token_ms } = report;
  d.emit({
    type: 'turn.ended',
    turn_id: turn.turnId,
    outcome,
    ...(reason === undefined ? {} : { reason }),
    ...(left_out === undefined ? {} : { left_out }),
    ...(model === undefined ? {} : { model }),
    ...(usage === undefined ? {} : { usage }),
    ...(first_token_ms === undefined ? {} : { first_token_ms }),
  });
  d.live.speech = undefined;
}
