import type { Accepted, ConversationLog } from './conversation-log.js';
import type { Sent } from './sent-messages.js';
import { textIn } from './sent-messages.js';
import type { Findings } from './verdicts.js';

/** The log's own order: seq goes up by one from 1, and no earlier owner writes after a later one. */
export function checkNumbers({ conversation, events }: ConversationLog, findings: Findings): void {
  let seq = 0;
  let epoch = 0;
  for (const event of events) {
    if (event.seq !== seq + 1) findings.add('gaps', `${conversation} goes from seq ${seq} to ${event.seq}`);
    if (event.epoch < epoch) findings.add('epochs', `${conversation} goes from epoch ${epoch} back to ${event.epoch} at seq ${event.seq}`);
    seq = event.seq;
    epoch = event.epoch;
  }
}

/** Each message once where it was acknowledged, once or not at all where nobody knows, and never where it was refused. */
export function checkMessages(log: ConversationLog, sent: ReadonlyMap<string, Sent>, findings: Findings): void {
  const { conversation } = log;
  const entries = new Map<string, Accepted[]>();
  for (const entry of log.accepted) {
    const same = entries.get(entry.text);
    if (same === undefined) entries.set(entry.text, [entry]);
    else same.push(entry);
    const sender = sent.get(textIn(conversation, entry.text));
    if (sender === undefined) findings.add('phantoms', `${conversation} has "${entry.text}" at seq ${entry.seq}, which nobody sent`);
    else if (sender.refusals === sender.tries) {
      findings.add('phantoms', `${conversation} has "${entry.text}" at seq ${entry.seq}, which was refused`);
    }
  }
  for (const [text, [first, ...more]] of entries) {
    for (const { seq } of more) findings.add('doubled', `${conversation} has "${text}" at seq ${first?.seq} and again at ${seq}`);
  }
  for (const message of sent.values()) {
    if (message.conversation !== conversation) continue;
    const [entry] = entries.get(message.message.text) ?? [];
    if (entry !== undefined) checkAnswers(message, entry, findings);
    else if (message.answers.length > 0) findings.add('lost', `${conversation} has not "${message.message.text}", which was acknowledged`);
  }
  checkLines(log, findings);
}

/** Every good answer, the first and each replay, names the one entry, and claims only a level that it reached. */
function checkAnswers({ message, answers }: Sent, entry: Accepted, findings: Findings): void {
  for (const { message_id, seq, level } of answers) {
    if (message_id !== entry.messageId || seq !== entry.seq) {
      findings.add('unequal', `"${message.text}" was answered as ${message_id} at ${seq} and is ${entry.messageId} at ${entry.seq}`);
    } else if (level !== 'accepted' && !entry.levels.some((event) => event.level === level)) {
      findings.add('unequal', `"${message.text}" was answered as ${level}, which it never was`);
    }
  }
}

/** A message that was applied has one line (or is one context); no line comes from nowhere, none has another's event_id. */
function checkLines({ conversation, accepted, byId, lines, contexts }: ConversationLog, findings: Findings): void {
  for (const { messageId, type, text, levels, lines: own } of accepted) {
    if (type === 'instruction') continue;
    // An answer to it names it too: its own line is the one with its own text.
    const places = type === 'contextual_update' ? (contexts.get(messageId) ?? 0) : own.filter((line) => line.text === text).length;
    if (places > 1) findings.add('doubled', `${conversation} shows "${text}" ${places} times`);
    if (places === 0 && levels.some(({ level }) => level === 'applied'))
      findings.add('lost', `${conversation} applied "${text}" and has no line of it`);
  }
  const eventIds = new Map<number, number>();
  for (const { eventId, seq, source, messages, text } of lines) {
    const other = eventIds.get(eventId);
    if (other !== undefined) findings.add('doubled', `${conversation} gives event_id ${eventId} to the lines at ${other} and ${seq}`);
    eventIds.set(eventId, seq);
    const foreign = messages.find((id) => !byId.has(id));
    if (foreign !== undefined || (source === 'api' && messages.length === 0)) {
      findings.add('phantoms', `${conversation} has the line "${text}" at seq ${seq}, of no message that was accepted`);
    }
  }
}

/**
 * If A was acknowledged before B was sent, A comes first in the log; and what is said of one kind of message is said in the
 * order of the log.
 */
export function checkOrder({ conversation, accepted }: ConversationLog, sent: ReadonlyMap<string, Sent>, findings: Findings): void {
  let latest: Sent | undefined;
  const newest = new Map<string, Accepted>();
  const seen = new Set<string>();
  for (const entry of accepted) {
    const sender = sent.get(textIn(conversation, entry.text));
    // Of one that is there twice the first place counts.
    if (sender === undefined || seen.has(entry.text)) continue;
    seen.add(entry.text);
    if (latest !== undefined && sender.acknowledgedAt < latest.invokedAt) {
      const { text } = latest.message;
      findings.add('reordered', `${conversation} has "${entry.text}" behind "${text}", which was sent when the other was acknowledged`);
    }
    if (latest === undefined || sender.invokedAt > latest.invokedAt) latest = sender;
  }
  for (const entry of accepted) {
    const line = entry.lines.find(({ text }) => text === entry.text);
    const before = newest.get(entry.kind);
    const other = before?.lines.find(({ text }) => text === before.text);
    if (line === undefined) continue;
    if (other !== undefined && line.seq < other.seq)
      findings.add('reordered', `${conversation} says "${entry.text}" before "${before?.text}"`);
    else newest.set(entry.kind, entry);
  }
}
