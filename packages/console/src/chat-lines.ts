/** One line of the chat as it is shown. `by` says whose it is: a backend's lines come over REST, not from this page. */
export type Line = {
  readonly key: number;
  readonly role: 'user' | 'agent' | 'note';
  readonly by: 'page' | 'agent' | 'backend';
  readonly text: string;
  /** The number that the wire and the log know it by. */
  readonly eventId?: number;
  /** More of it is coming. */
  readonly growing?: true;
  readonly interrupted?: true;
};

export type Lines = readonly Line[];
export type Part = { readonly type: 'start' | 'delta' | 'stop'; readonly text: string; readonly event_id: number };
export type Said = { readonly role: 'user' | 'agent'; readonly message: string; readonly event_id?: number };

const added = (lines: Lines, line: Omit<Line, 'key'>): Lines => [...lines, { ...line, key: (lines.at(-1)?.key ?? 0) + 1 }];

const find = (lines: Lines, role: Line['role'], eventId: number | undefined): Line | undefined =>
  eventId === undefined ? undefined : lines.findLast((line) => line.role === role && line.eventId === eventId);

function replaced(lines: Lines, old: Line, changes: Partial<Line>): Lines {
  return lines.map((line) => (line === old ? { ...line, ...changes } : line));
}

/** What was typed here; the server does not echo it. */
export const typed = (lines: Lines, text: string): Lines => added(lines, { role: 'user', by: 'page', text });

/** What the agent was told without a word to the user. */
export const noted = (lines: Lines, text: string): Lines => added(lines, { role: 'note', by: 'backend', text });

/** A piece of a reply that is being said. */
export function heardPart(lines: Lines, { type, text, event_id: eventId }: Part): Lines {
  const line = find(lines, 'agent', eventId);
  if (type === 'stop') return line?.growing ? withoutGrowing(lines, line) : lines;
  if (line === undefined) return added(lines, { role: 'agent', by: 'agent', text, eventId, growing: true });
  return line.growing ? replaced(lines, line, { text: line.text + text }) : lines;
}

/**
 * A whole line. After a rejoin the server shows again what it is not sure of, with the old number: that is the same line,
 * and so is what was typed here before (`again`), which had no number yet.
 */
export function said(lines: Lines, { role, message: text, event_id: eventId }: Said, again: boolean): Lines {
  const known = find(lines, role, eventId) ?? (again && role === 'user' ? unnumbered(lines, text) : undefined);
  if (known !== undefined) return withoutGrowing(lines, known, { text, ...(eventId === undefined ? {} : { eventId }) });
  return added(lines, { role, by: role === 'user' ? 'backend' : 'agent', text, ...(eventId === undefined ? {} : { eventId }) });
}

/** The reply was cut: what was said of it stands. */
export function cut(lines: Lines, eventId: number): Lines {
  const line = find(lines, 'agent', eventId);
  return line === undefined ? lines : withoutGrowing(lines, line, { interrupted: true });
}

/** The log says whose line that is, and the number of what was typed here. */
export function attributed(lines: Lines, role: 'user' | 'agent', eventId: number, source: string, text: string): Lines {
  if (source === 'client') {
    const own = find(lines, role, eventId) === undefined ? unnumbered(lines, text) : undefined;
    return own === undefined ? lines : replaced(lines, own, { eventId });
  }
  const line = source === 'api' ? find(lines, role, eventId) : undefined;
  return line === undefined || line.by === 'backend' ? lines : replaced(lines, line, { by: 'backend' });
}

const unnumbered = (lines: Lines, text: string): Line | undefined =>
  lines.find((line) => line.by === 'page' && line.eventId === undefined && line.text === text);

function withoutGrowing(lines: Lines, old: Line, changes: Partial<Line> = {}): Lines {
  const { growing: _, ...line } = { ...old, ...changes };
  return lines.map((other) => (other === old ? line : other));
}
