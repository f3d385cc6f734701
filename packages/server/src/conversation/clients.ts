import { type AnswerTo, type ClientCommand, refuse } from '@backchannel/protocol';
import { act, actAtJoin } from './acting.js';
import type { Decision } from './decision.js';
import { beginEnding, finishIfConfirmed, goneRefusal } from './ending.js';
import { endBadly, spokenThrough } from './levels.js';

type Of<T extends ClientCommand['type']> = Extract<ClientCommand, { type: T }>;

/** A client comes: the first one, one that is back, or one that takes the place of another. */
export function join(d: Decision, command: Of<'client.join'>): AnswerTo<Of<'client.join'>> {
  const { record, live } = d;
  if (command.url_id !== undefined && record.spentUrls.includes(command.url_id)) return refuse('signed_url_used');
  if (d.situation === 'ended') return goneRefusal(d);
  if (command.role === 'attached' || command.join === 'attach') return refuse('attach_not_available');
  const present = record.client;
  if (present !== undefined) {
    if (command.join !== 'resume') return refuse('attach_not_available');
    d.emit({ type: 'client.left', session_id: present.sessionId, reason: 'superseded' });
    d.out.push({ kind: 'close', to: present.sessionId, reason: { kind: 'error', code: 'superseded' } });
  }
  live.typing = undefined;
  live.session = { id: command.session_id, joinedAt: d.stamp.mono, ready: false, pingedThrough: 0, pings: [] };
  const backendsUser = record.userId !== undefined && command.user_id !== undefined && record.userId !== command.user_id;
  d.emit(
    {
      type: 'client.joined',
      session_id: command.session_id,
      role: 'user',
      transport: command.transport,
      authorization_method: command.authorization_method,
      ...(command.url_id === undefined ? {} : { url_id: command.url_id }),
      ...(command.source === undefined ? {} : { source: command.source }),
      ...(command.version === undefined ? {} : { version: command.version }),
      ...(command.user_id === undefined || backendsUser ? {} : { user_id: command.user_id }),
      ...(command.init === undefined || record.greeted ? {} : { init: command.init }),
      formats: command.formats,
    },
    command.session_id,
  );
  if (record.phase !== 'open') d.emit({ type: 'conversation.opened', session_id: command.session_id });
  for (const { code, message } of command.warnings ?? []) d.emit({ type: 'conversation.warned', code, message });
  if (backendsUser) {
    d.emit({
      type: 'conversation.warned',
      code: 'user_id_ignored',
      message: 'The client gave another user_id than the backend; the backend’s stays.',
    });
  }
  // Whoever typed before is gone, and a backend's conversation is not held: what waited for the pause acts.
  act(d);
  return { ok: true, conversation_id: record.conversationId };
}

/** 100 ms after its metadata a session is shown what it missed, then the greeting, then what waits acts. */
export function ready(d: Decision, command: Of<'client.ready'>): void {
  const { record, live } = d;
  const { session } = live;
  if (session === undefined || session.id !== command.session_id || session.ready) return;
  session.ready = true;
  for (const line of command.lines) if (record.owed.some((owed) => owed.seq === line.seq)) d.show(line, session.id);
  if (live.ending === undefined) actAtJoin(d, () => greet(d));
  else live.ending = { ...live.ending, by: d.stamp.mono + live.settings.limits.farewellMs };
}

/** The greeting is said once, before any other line. */
export function greet(d: Decision): void {
  const text = d.record.init.first_message;
  if (d.record.greeted || text === undefined || text === '') return;
  d.emit({ type: 'message.added', role: 'agent', text, source: 'greeting', event_id: d.nextEventId(), messages: [] });
}

/** The user's client is gone: by its own will, or lost, which leaves a window to come back. */
export function leave(d: Decision, command: Of<'client.leave'>): void {
  const { record, live } = d;
  if (record.client?.sessionId !== command.session_id || record.phase === 'ended') return;
  const { reason, code, session_id } = command;
  live.session = undefined;
  live.typing = undefined;
  d.emit({ type: 'client.left', session_id, reason, ...(code === undefined ? {} : { code }) });
  if (live.ending !== undefined) return finishIfConfirmed(d);
  if (record.begun === 'api') {
    leaveOpen(d);
    act(d);
    return;
  }
  if (reason === 'left') return beginEnding(d, 'client_left');
  d.emit({ type: 'conversation.dropped', session_id, resume_in_ms: live.settings.limits.resumeMs });
}

/** Without its client a backend's conversation goes on; whether the last lines were seen will not be known. */
export function leaveOpen(d: Decision): void {
  for (const message of Object.values(d.record.open)) {
    if (message.line !== undefined) endBadly(d, message.messageId, 'undeliverable', 'outcome_unknown');
  }
}

/** A pong confirms every line up to its ping; one that confirms nothing new leaves no trace. */
export function pong(d: Decision, command: Of<'client.pong'>): void {
  const { record, live } = d;
  const { session } = live;
  if (session === undefined || session.id !== command.session_id) return;
  const through = Math.min(command.through, session.pingedThrough);
  while (session.pings[0] !== undefined && session.pings[0].through <= through) session.pings.shift();
  const oldest = record.owed[0];
  if (oldest === undefined || oldest.seq > through) return;
  d.emit({ type: 'client.confirmed', session_id: session.id, through });
  spokenThrough(d, through, 'confirmed');
  finishIfConfirmed(d);
}

/** The user types: whatever would speak waits for the pause. */
export function activity(d: Decision, command: Of<'client.activity'>): void {
  const { live, stamp } = d;
  if (live.session?.id !== command.session_id) return;
  const { typingMs, maxTypingMs } = live.settings.limits;
  const goesOn = live.typing !== undefined && stamp.mono < live.typing.last + typingMs;
  const since = goesOn && live.typing !== undefined ? live.typing.since : stamp.mono;
  live.typing = { sessionId: command.session_id, since, last: stamp.mono, busy: stamp.mono < since + maxTypingMs };
}
