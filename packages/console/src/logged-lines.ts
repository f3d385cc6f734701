import type { ConversationEvent } from '@backchannel/protocol';
import { added, find, isUnconfirmed, type Lines, noted, replaced, unconfirmed, unnumbered } from './chat-lines.js';

/** Types of messages that reach the agent without a line, and how the chat tells of them. */
const SILENT: Readonly<Record<string, string>> = { contextual_update: 'The agent now knows', instruction: 'The agent was told' };

/** What a message of this type says in the chat when it is no line; `undefined` when it becomes one. */
export function noteOf(type: string, text: string): string | undefined {
  const words = SILENT[type];
  return words === undefined ? undefined : `${words}: ${text}`;
}

type EventOf<T extends ConversationEvent['type']> = Extract<ConversationEvent, { type: T }>;

/**
 * The chat as the log has it: whose each line is, where it stands, which of those that were typed here have arrived, and what was
 * said before the page was loaded. One for each conversation; it takes the events in the order of the log.
 */
export class LoggedLines {
  /** Where replies began, by their number: nothing that came while they were said stands before them. */
  private readonly begun = new Map<number, number>();

  /** The lines after one more event; `session` is the newest of the page's. */
  after(lines: Lines, event: ConversationEvent, session: number): Lines {
    if (event.type === 'message.accepted') return accepted(lines, event);
    if (event.type === 'message.added') return this.addedTo(lines, event);
    if (event.type === 'client.joined') return withLost(lines, session);
    if (event.type !== 'turn.started') return lines;
    this.begun.set(event.event_id, event.seq);
    const reply = find(lines, 'agent', event.event_id);
    return reply === undefined ? lines : replaced(lines, reply, { seq: event.seq });
  }

  private addedTo(lines: Lines, event: EventOf<'message.added'>): Lines {
    const { role, text, source, event_id: eventId, messages } = event;
    const by = source === 'client' ? 'page' : source === 'api' ? 'backend' : 'agent';
    const seq = this.begun.get(eventId) ?? event.seq;
    const interrupted = event.interrupted ? ({ interrupted: true } as const) : {};
    const typed = by === 'page' ? (lines.find((line) => isOf(line.messageId, messages)) ?? unnumbered(lines, text)) : undefined;
    const known = find(lines, role, eventId) ?? typed;
    if (known === undefined) return added(lines, { role, by, text, eventId, seq, ...interrupted });
    return replaced(lines, known, { by, eventId, seq, lost: undefined, ...interrupted });
  }
}

function accepted(lines: Lines, { source, message_id, message_type, text, seq }: EventOf<'message.accepted'>): Lines {
  if (source === 'client') {
    const own = unconfirmed(lines, text);
    return own === undefined ? lines : replaced(lines, own, { messageId: message_id, seq, lost: undefined });
  }
  const note = noteOf(message_type, text);
  return note === undefined ? lines : noted(lines, message_id, note, seq);
}

/** A client has joined: what was typed into an earlier session and is not in the log by now will not come any more. */
function withLost(lines: Lines, session: number): Lines {
  const lost = (line: Lines[number]) => isUnconfirmed(line) && line.session !== session;
  return lines.some(lost) ? lines.map((line) => (lost(line) ? { ...line, lost: true } : line)) : lines;
}

const isOf = (messageId: string | undefined, messages: readonly string[]): boolean =>
  messageId !== undefined && messages.includes(messageId);
