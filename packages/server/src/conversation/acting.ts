import type { MessageType } from '@backchannel/protocol';
import type { Decision } from './decision.js';
import { willBeSpoken } from './levels.js';
import { type Outcome, outcomeOf } from './outcomes.js';
import { slot, type WaitingMessage } from './record.js';
import { cutTurn, startTurn } from './turns.js';

/**
 * What waits is looked up at every change of situation, each message with its own urgency. Those that act
 * together act in one order: context and instructions, user lines, agent lines, then one reply for all.
 */
export function act(d: Decision): void {
  for (let cutter = findCutter(d); cutter !== undefined; cutter = findCutter(d)) cutTurn(d, cutter);
  apply(d, byKind(d.record.waiting.filter((message) => acts(d, message))));
  replyIfDue(d);
}

/** At the join lines act as they came, user's and agent's in `seq` order, behind whatever is background. */
export function actAtJoin(d: Decision, greet: () => void): void {
  for (let cutter = findCutter(d); cutter !== undefined; cutter = findCutter(d)) cutTurn(d, cutter);
  const ready = d.record.waiting.filter((message) => acts(d, message));
  apply(d, ready.filter(isBackground));
  greet();
  apply(
    d,
    ready.filter((message) => !isBackground(message)),
  );
  replyIfDue(d);
}

/** What the table says of a message now. */
export function lookUp(d: Decision, message: Pick<WaitingMessage, 'type' | 'urgency' | 'reply'>): Outcome {
  if (message.type === 'instruction' && message.reply === 'none') return d.situation === 'held' ? 'hold' : 'next_prompt';
  const outcome = outcomeOf(d.situation, message.urgency, message.type);
  // What wants no reply restarts none: it is added behind the one that is due.
  if (message.reply === 'none' && message.type === 'user_message' && (outcome === 'restart' || outcome === 'restart_once'))
    return 'after_turn';
  // A joint reply has its bound: whoever restarts without end would write all its causes anew each time.
  const full = (d.record.turn?.cause.length ?? 0) >= d.live.settings.limits.maxWaiting;
  if (full && (outcome === 'restart' || outcome === 'restart_once')) return 'after_turn';
  if (outcome === 'restart_once' && d.record.restarted) return 'after_turn';
  return outcome;
}

/** The strongest reason to cut the open turn: a restart by `immediate` does not count as the one that `soon` has. */
function findCutter(d: Decision): 'immediate' | 'soon' | undefined {
  let cutter: 'soon' | undefined;
  for (const message of d.record.waiting) {
    const outcome = lookUp(d, message);
    if (outcome === 'cut' || outcome === 'restart') return 'immediate';
    if (outcome === 'restart_once') cutter = 'soon';
  }
  return cutter;
}

/** True when a message with this outcome goes nowhere yet. */
export function waits(d: Decision, outcome: Outcome): boolean {
  if (outcome === 'after_turn') return d.record.turn !== undefined;
  return outcome === 'hold' || outcome === 'wait' || outcome === 'downgrade' || outcome === 'next_prompt';
}

function acts(d: Decision, message: WaitingMessage): boolean {
  const outcome = lookUp(d, message);
  return outcome === 'now' || outcome === 'beside' || (outcome === 'after_turn' && d.record.turn === undefined);
}

function replyIfDue(d: Decision): void {
  if (d.record.due.length > 0 && d.situation === 'listening') startTurn(d);
}

const ORDER: Readonly<Record<MessageType, number>> = {
  contextual_update: 0,
  instruction: 0,
  user_message: 1,
  agent_message: 2,
  human_message: 2,
};
const byKind = (messages: WaitingMessage[]): WaitingMessage[] =>
  messages.length < 2 ? messages : messages.toSorted((a, b) => ORDER[a.type] - ORDER[b.type] || a.seq - b.seq);
const isBackground = (message: WaitingMessage): boolean => ORDER[message.type] === 0;

function apply(d: Decision, messages: readonly WaitingMessage[]): void {
  for (const message of messages) {
    if (message.type === 'contextual_update') setContext(d, message);
    else if (message.type === 'instruction') applied(d, message);
    else addLine(d, message);
  }
}

function setContext(d: Decision, message: WaitingMessage): void {
  const contextId = message.contextId ?? message.messageId;
  const replaced = message.contextId === undefined ? undefined : d.record.contexts[slot(contextId)]?.messageId;
  const more = replaced === undefined ? {} : { replaces: replaced };
  d.emit({ type: 'context.set', context_id: contextId, message_id: message.messageId, text: message.text, ...more });
  d.emit({ type: 'message.level', message_id: message.messageId, level: 'applied', final: true });
}

function addLine(d: Decision, message: WaitingMessage): void {
  const fromUser = message.type === 'user_message';
  const eventId = d.nextEventId();
  d.emit({
    type: 'message.added',
    role: fromUser ? 'user' : 'agent',
    text: message.text,
    source: message.source,
    event_id: eventId,
    messages: [message.messageId],
    ...(message.sessionId === undefined ? {} : { session_id: message.sessionId }),
  });
  applied(d, message, eventId);
}

/** Nothing follows a line that wants no reply and that no pong will confirm. */
function applied(d: Decision, message: WaitingMessage, eventId?: number): void {
  const final = message.type === 'user_message' ? message.reply === 'none' : message.type !== 'instruction' && !willBeSpoken(d);
  d.emit({
    type: 'message.level',
    message_id: message.messageId,
    level: 'applied',
    ...(eventId === undefined ? {} : { event_id: eventId }),
    ...(final ? { final: true } : {}),
  });
}
