import type { HistoryLine, LogEvent } from './history.js';

export type Accepted = {
  readonly seq: number;
  readonly messageId: string;
  readonly text: string;
  /** Messages of one kind keep their order also in what is said. */
  readonly kind: string;
  readonly type: string;
  readonly levels: LevelEvent[];
  readonly lines: Line[];
};
export type LevelEvent = {
  readonly seq: number;
  readonly level: string;
  readonly final: boolean;
  readonly reason: unknown;
  readonly basis: unknown;
  readonly eventId: unknown;
};
export type Line = {
  readonly seq: number;
  readonly eventId: number;
  readonly role: unknown;
  readonly text: string;
  readonly source: unknown;
  /** Typed by a client, which gets no echo. */
  readonly typed: boolean;
  /** Said when a client had been there. */
  readonly forClients: boolean;
  readonly messages: readonly string[];
};

/** A conversation's log, sorted into what the checks look at. Contexts count as lines of their message that no client is shown. */
export type ConversationLog = {
  readonly conversation: string;
  readonly events: readonly LogEvent[];
  readonly accepted: readonly Accepted[];
  readonly byId: ReadonlyMap<string, Accepted>;
  readonly lines: readonly Line[];
  readonly contexts: ReadonlyMap<string, number>;
};

export function conversationLogs(history: Iterable<HistoryLine>): ConversationLog[] {
  const events = new Map<string, LogEvent[]>();
  for (const line of history) {
    if (line.type !== 'log') continue;
    const known = events.get(line.conversation);
    if (known === undefined) events.set(line.conversation, [...line.events]);
    else known.push(...line.events);
  }
  return [...events].map(([conversation, all]) => sortOut(conversation, all));
}

function sortOut(conversation: string, events: readonly LogEvent[]): ConversationLog {
  const accepted: Accepted[] = [];
  const byId = new Map<string, Accepted>();
  const lines: Line[] = [];
  const contexts = new Map<string, number>();
  let clientCame = false;
  for (const event of events) {
    if (event.type === 'message.accepted') {
      const entry = acceptedOf(event);
      accepted.push(entry);
      byId.set(entry.messageId, entry);
    } else if (event.type === 'message.level') {
      byId.get(String(event.message_id))?.levels.push(levelOf(event));
    } else if (event.type === 'message.added') {
      const line = lineOf(event, clientCame);
      lines.push(line);
      for (const id of line.messages) byId.get(id)?.lines.push(line);
    } else if (event.type === 'context.set') {
      const id = String(event.message_id);
      contexts.set(id, (contexts.get(id) ?? 0) + 1);
    } else if (event.type === 'client.joined') clientCame = true;
  }
  return { conversation, events, accepted, byId, lines, contexts };
}

const acceptedOf = (event: LogEvent): Accepted => ({
  seq: event.seq,
  messageId: String(event.message_id),
  text: String(event.text),
  kind: `${event.message_type}, ${event.urgency}, reply ${event.reply}`,
  type: String(event.message_type),
  levels: [],
  lines: [],
});

const levelOf = ({ seq, level, final, reason, basis, event_id }: LogEvent): LevelEvent => ({
  seq,
  level: String(level),
  final: final === true,
  reason,
  basis,
  eventId: event_id,
});

const lineOf = (event: LogEvent, forClients: boolean): Line => ({
  seq: event.seq,
  eventId: Number(event.event_id),
  role: event.role,
  text: String(event.text),
  source: event.source,
  typed: event.session_id !== undefined,
  forClients,
  messages: Array.isArray(event.messages) ? event.messages.map(String) : [],
});
