import {
  type Answer,
  type AnswerTo,
  type BodyOf,
  foldReceipt,
  messageId,
  type Receipt,
  refuse,
  type SendMessage,
} from '@backchannel/protocol';
import { act, lookUp, waits } from './acting.js';
import type { Decision } from './decision.js';
import { goneRefusal } from './ending.js';
import { endBadly } from './levels.js';
import { slot } from './record.js';
import { agentState, userState } from './situation.js';
import { cutTurn } from './turns.js';

/** A message comes in: known key, end, condition and caps are looked at in this order; then the table decides. */
export function sendMessage(d: Decision, command: SendMessage): AnswerTo<SendMessage> {
  const { record, live } = d;
  const { message } = command;
  const known = knownKey(d, command);
  if (known !== undefined) return known;
  if (message.type === 'user_message' && command.session_id !== undefined && live.typing?.sessionId === command.session_id)
    live.typing = undefined;
  const refusal = whyNot(d, command);
  if (refusal !== undefined) return refusal;

  const outcome = lookUp(d, message);
  if (typeof outcome === 'object') return refuse(outcome.refuse);
  if (waits(d, outcome) && record.waiting.length >= live.settings.limits.maxWaiting) return refuse('too_many_waiting');
  const id = messageId(d.stamp.random, record.seq + 1);
  const first = d.events.length;
  const accepted = d.emit(acceptance(d, command, id, outcome === 'downgrade'));
  replaceWaiting(d, message.context_id, id);
  // Whoever interrupts does so with the urgency it was sent with; what waits is looked up with what is left of it.
  if (outcome === 'cut' || outcome === 'restart') cutTurn(d, 'immediate');
  act(d);
  const receipt = command.source === 'api' ? receiptOf(d, first) : undefined;
  return { ok: true, message_id: id, seq: accepted.seq, replayed: false, ...(receipt === undefined ? {} : { receipt }) };
}

/** Fields that the sender did not give are left out of the log. */
function acceptance(d: Decision, command: SendMessage, id: string, downgraded: boolean): BodyOf<'message.accepted'> {
  const { message } = command;
  const body: Writable<BodyOf<'message.accepted'>> = {
    type: 'message.accepted',
    message_id: id,
    message_type: message.type,
    text: message.text,
    urgency: message.urgency,
    reply: message.reply,
    source: command.source,
    agent_state: agentState(d.state),
    user_state: userState(d.state),
  };
  if (message.interruptible !== undefined) body.interruptible = message.interruptible;
  if (message.context_id !== undefined) body.context_id = message.context_id;
  if (message.expires_in_ms !== undefined) body.expires_in_ms = message.expires_in_ms;
  if (message.metadata !== undefined) body.metadata = message.metadata;
  if (command.session_id !== undefined) body.session_id = command.session_id;
  if (command.key_id !== undefined) body.key_id = command.key_id;
  if (command.idempotency_key !== undefined) body.idempotency_key = command.idempotency_key;
  if (command.fingerprint !== undefined) body.fingerprint = command.fingerprint;
  if (downgraded) body.downgraded = true;
  return body;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function knownKey(d: Decision, command: SendMessage): AnswerTo<SendMessage> | undefined {
  if (command.idempotency_key === undefined) return undefined;
  const known = d.record.keys[slot(command.idempotency_key)];
  if (known === undefined) return undefined;
  if (known.fingerprint !== command.fingerprint) return refuse('idempotency_key_reused', { param: 'Idempotency-Key' });
  return { ok: true, message_id: known.messageId, seq: known.seq, replayed: true };
}

function whyNot(d: Decision, { message, idempotency_key }: SendMessage): Extract<Answer<object>, { ok: false }> | undefined {
  const { record, live } = d;
  const { limits } = live.settings;
  if (d.situation === 'ended') return goneRefusal(d);
  if (message.type === 'human_message') return refuse('no_takeover');
  const states = { agent_state: agentState(d.state), user_state: userState(d.state) };
  const { agent_state, user_state } = message.if ?? {};
  if ((agent_state && !agent_state.includes(states.agent_state)) || (user_state && !user_state.includes(states.user_state))) {
    return refuse('condition_not_met', { extra: states });
  }
  if (idempotency_key !== undefined && record.keyCount >= limits.maxKeys) return refuse('too_many_keys');
  if (message.context_id !== undefined && !hasRoomForContext(d, message.context_id, message.text)) return refuse('too_many_contexts');
  return undefined;
}

/** As all contexts will be when those that wait were applied. An id that is among them takes the place of its older text. */
function hasRoomForContext({ record, live }: Decision, contextId: string, text: string): boolean {
  const { maxContexts, maxContextBytes } = live.settings.limits;
  const texts = new Map(Object.values(record.contexts).map((context) => [context.contextId, context.text]));
  for (const waiting of record.waiting) if (waiting.contextId !== undefined) texts.set(waiting.contextId, waiting.text);
  texts.set(contextId, text);
  let bytes = 0;
  for (const held of texts.values()) bytes += Buffer.byteLength(held);
  return texts.size <= maxContexts && bytes <= maxContextBytes;
}

/** A context that still waits is replaced by a newer one of the same key: it would never be seen. */
function replaceWaiting(d: Decision, contextId: string | undefined, by: string): void {
  if (contextId === undefined) return;
  for (const old of d.record.waiting.filter((waiting) => waiting.contextId === contextId && waiting.messageId !== by)) {
    endBadly(d, old.messageId, 'superseded', 'replaced');
  }
}

function receiptOf(d: Decision, first: number): Receipt | undefined {
  let receipt: Receipt | undefined;
  for (let i = first; i < d.events.length; i++) {
    const event = d.events[i];
    if (event !== undefined) receipt = foldReceipt(receipt, event);
  }
  return receipt;
}

/** Takes a message back before it was applied; the same again answers the same. */
export function cancelMessage(d: Decision, id: string): Answer<{ message_id: string; seq: number }> {
  const waiting = d.record.waiting.find((message) => message.messageId === id);
  if (waiting !== undefined) {
    endBadly(d, id, 'cancelled');
    return { ok: true, message_id: id, seq: waiting.seq };
  }
  if (d.situation === 'ended') return goneRefusal(d);
  return refuse('already_applied');
}
