import { type AnyAnswer, assertNever, type Command, type ConversationEvent, type NamedCommand, refuse } from '@backchannel/protocol';
import { act } from './acting.js';
import { activity, greet, join, leave, leaveOpen, pong, ready } from './clients.js';
import { reckon, settle } from './deadlines.js';
import { Decision, type Out } from './decision.js';
import { beginEnding, endByCommand, goneRefusal } from './ending.js';
import { cancelMessage, sendMessage } from './inbox.js';
import type { ConversationState, Stamp } from './state.js';
import { replyDelta, replyDone, replyFailed, replyTooLong } from './turns.js';

/** `now` leaves at once, around the gate; `answer` and `out` leave in order once the record's seq is durable. */
export type Decided = {
  readonly answer: AnyAnswer;
  readonly now: readonly string[];
  readonly out: readonly Out[];
  readonly events: readonly ConversationEvent[];
};

const DONE: AnyAnswer = { ok: true };
const MAX_APP_METADATA_BYTES = 4_096;

/**
 * The core: one command, decided at once, without I/O, time or chance of its own. The record changes only
 * through the events that it emits, so the record is the fold of the log at every moment.
 */
export function decide(state: ConversationState, command: Command, stamp: Stamp): Decided {
  const d = new Decision(state, stamp);
  const begins = command.type === 'conversation.create' || command.type === 'conversation.recover';
  if (!begins) settle(d);
  const answer = perform(d, command);
  d.finish();
  if (begins || d.out.length > 0) reckon(state, stamp);
  return { answer, now: d.now, out: d.out, events: d.events };
}

function perform(d: Decision, command: Command): AnyAnswer {
  switch (command.type) {
    case 'conversation.create':
      return create(d, command);
    case 'conversation.recover':
      return recover(d);
    case 'message.send':
      return sendMessage(d, command);
    case 'message.cancel':
      return cancelMessage(d, command.message_id);
    case 'conversation.end':
      return endByCommand(d, command);
    case 'metadata.patch':
      return patchMetadata(d, command);
    case 'feedback.give':
      return feedback(d, command);
    case 'signed_url.mint':
      return mint(d, command);
    case 'client.join':
      return join(d, command);
    case 'client.ready':
      ready(d, command);
      return DONE;
    case 'client.leave':
      leave(d, command);
      return DONE;
    case 'client.pong':
      pong(d, command);
      return DONE;
    case 'client.activity':
      activity(d, command);
      return DONE;
    case 'client.warn':
      if (d.situation !== 'ended') d.emit({ type: 'conversation.warned', code: command.code, message: command.message });
      return DONE;
    case 'reply.delta':
      if (replyDelta(d, command)) replyTooLong(d);
      if (d.record.waiting.length > 0) act(d);
      return DONE;
    case 'reply.done':
      if (replyDone(d, command)) {
        if (command.end_call === undefined) act(d);
        else beginEnding(d, 'end_call');
      }
      return DONE;
    case 'reply.failed':
      if (replyFailed(d, command)) act(d);
      return DONE;
    case 'time.passed':
      return DONE;
    default:
      return assertNever(command);
  }
}

/** A conversation that a backend opens talks at once; any other waits for its client. */
function create(d: Decision, command: Extract<Command, { type: 'conversation.create' }>): AnyAnswer {
  const { warnings, ...created } = command;
  d.emit({ ...created, type: 'conversation.created' });
  for (const { code, message } of warnings ?? []) d.emit({ type: 'conversation.warned', code, message });
  if (command.begun !== 'api') return DONE;
  d.emit({ type: 'conversation.opened' });
  greet(d);
  return DONE;
}

/** What the crash left open is closed; what has a client to wait for waits for it. */
function recover(d: Decision): AnyAnswer {
  const { record, live, stamp } = d;
  if (record.phase === 'ended') return DONE;
  const { turn, client, window } = record;
  if (turn !== undefined) {
    d.emit({ type: 'turn.interrupted', turn_id: turn.turnId, reason: 'server_restarted' });
    d.emit({ type: 'turn.ended', turn_id: turn.turnId, outcome: 'interrupted', reason: 'server_restarted' });
  }
  if (client !== undefined) {
    d.emit({ type: 'client.left', session_id: client.sessionId, reason: 'server_restarted' });
    if (record.begun === 'api') leaveOpen(d);
    else d.emit({ type: 'conversation.dropped', session_id: client.sessionId, resume_in_ms: live.settings.limits.resumeMs });
  }
  // A resume window that was open counts from the start: nobody could come back in the meantime.
  if (window !== undefined && record.phase === 'dropped') {
    live.due = live.due.filter((due) => due.name !== 'window');
    live.due.push({ name: 'window', since: window.since, at: stamp.mono + window.ms });
  }
  if (record.endCall !== undefined) beginEnding(d, 'end_call');
  // It died before its first client was in: nobody has its id, and nothing would ever end it.
  else if (record.phase === 'created' && record.window === undefined) beginEnding(d, 'never_opened');
  // What passed while nobody was here is over before anything acts.
  reckon(d.state, stamp);
  settle(d);
  act(d);
  return DONE;
}

function patchMetadata(d: Decision, command: Extract<NamedCommand, { type: 'metadata.patch' }>): AnyAnswer {
  if (d.situation === 'ended') return goneRefusal(d);
  const merged = { ...d.record.appMetadata };
  for (const [key, value] of Object.entries(command.app_metadata)) {
    if (value === null) delete merged[key];
    else merged[key] = value;
  }
  if (Buffer.byteLength(JSON.stringify(merged)) > MAX_APP_METADATA_BYTES) {
    const message = 'Together with what is there, app_metadata would have over 4,096 bytes of JSON; remove keys with null.';
    // As a patch that is too large by itself is answered.
    const problems = [{ loc: ['body', 'app_metadata'], msg: message, type: 'value_error' }];
    return refuse('invalid_request', { param: 'app_metadata', message, problems });
  }
  d.emit({ type: 'conversation.metadata_changed', app_metadata: merged });
  return { ok: true, app_metadata: merged } as AnyAnswer;
}

/** The one thing that may follow the end. */
function feedback(d: Decision, command: Extract<NamedCommand, { type: 'feedback.give' }>): AnyAnswer {
  d.emit({ ...command, type: 'feedback.given' });
  return DONE;
}

/** A created conversation lives as long as the newest signed URL that names it. */
function mint(d: Decision, command: Extract<NamedCommand, { type: 'signed_url.mint' }>): AnyAnswer {
  const { record } = d;
  if (command.agent_id !== record.agentId) return refuse('wrong_agent', { param: 'agent_id' });
  if (d.situation === 'ended') return goneRefusal(d);
  if (record.phase === 'created') d.emit({ type: 'conversation.extended', expires_in_ms: command.expires_in_ms });
  return { ok: true, phase: record.phase } as AnyAnswer;
}
