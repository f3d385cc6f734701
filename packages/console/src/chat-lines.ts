/** One line of the chat as it is shown. `by` says whose it is: a backend's lines come over REST, not from this page. */
export type Line = {
  readonly key: number;
  readonly role: 'user' | 'agent' | 'note';
  readonly by: 'page' | 'agent' | 'backend';
  readonly text: string;
  /** The number that the wire and the log know it by. */
  readonly eventId?: number;
  /** The message behind a note, or behind what was typed here; with none of these numbers, nobody has said yet that a line arrived. */
  readonly messageId?: string;
  /** Its place in the log. */
  readonly seq?: number;
  /** For what was typed here: the session it was typed into. */
  readonly session?: number;
  /** It was typed into a line that broke, and the log went on without it. */
  readonly lost?: true;
  /** More of it is coming. */
  readonly growing?: true;
  readonly interrupted?: true;
};

export type Lines = readonly Line[];
export type Part = { readonly type: 'start' | 'delta' | 'stop'; readonly text: string; readonly event_id: number };
export type Said = { readonly role: 'user' | 'agent'; readonly message: string; readonly event_id?: number };

/** Changes to a line; what is `undefined` is taken away. */
export type Changes = { readonly [Name in keyof Line]?: Line[Name] | undefined };

export const added = (lines: Lines, line: Omit<Line, 'key'>): Lines => {
  const key = lines.reduce((most, other) => Math.max(most, other.key), 0) + 1;
  return placed([...lines, { ...line, key }], key);
};

export const find = (lines: Lines, role: Line['role'], eventId: number | undefined): Line | undefined =>
  eventId === undefined ? undefined : lines.findLast((line) => line.role === role && line.eventId === eventId);

/** The lines with `old` changed, and at the place where its `seq` belongs. */
export function replaced(lines: Lines, old: Line, changes: Changes): Lines {
  // Left out rather than undefined, as the type has it.
  const line = Object.fromEntries(Object.entries({ ...old, ...changes }).filter(([, value]) => value !== undefined)) as Line;
  return placed(
    lines.map((other) => (other === old ? line : other)),
    line.key,
  );
}

/** What was typed here, into that session; the server does not echo it. */
export const typed = (lines: Lines, text: string, session: number): Lines => added(lines, { role: 'user', by: 'page', text, session });

/** What the agent was told without a word to the user: as soon as it was sent from here, and at its place when the log tells. */
export function noted(lines: Lines, messageId: string, text: string, seq?: number): Lines {
  const known = lines.find((line) => line.role === 'note' && line.messageId === messageId);
  if (known !== undefined) return seq === undefined ? lines : replaced(lines, known, { seq });
  return added(lines, { role: 'note', by: 'backend', text, messageId, ...(seq === undefined ? {} : { seq }) });
}

/** The first line that was typed here with this text and has no number yet. */
export const unnumbered = (lines: Lines, text: string): Line | undefined =>
  lines.find((line) => line.by === 'page' && line.eventId === undefined && line.text === text);

/** The first line that was typed here with this text and of which nobody has said that it arrived. */
export const unconfirmed = (lines: Lines, text: string): Line | undefined =>
  lines.find((line) => isUnconfirmed(line) && line.text === text);

export const isUnconfirmed = (line: Line): boolean => line.by === 'page' && line.messageId === undefined && line.eventId === undefined;

/** A piece of a reply that is being said. */
export function heardPart(lines: Lines, { type, text, event_id: eventId }: Part): Lines {
  const line = find(lines, 'agent', eventId);
  if (type === 'stop') return line?.growing ? replaced(lines, line, { growing: undefined }) : lines;
  if (line === undefined) return added(lines, { role: 'agent', by: 'agent', text, eventId, growing: true });
  return line.growing ? replaced(lines, line, { text: line.text + text }) : lines;
}

/**
 * A whole line. After a rejoin the server shows again what it is not sure of, with the old number: that is the same line,
 * and so is what was typed here before (`again`), which had no number yet.
 */
export function said(lines: Lines, { role, message: text, event_id: eventId }: Said, again: boolean): Lines {
  const known = find(lines, role, eventId) ?? (again && role === 'user' ? unnumbered(lines, text) : undefined);
  if (known === undefined) return added(lines, { role, by: role === 'user' ? 'backend' : 'agent', text, ...numbered(eventId) });
  return replaced(lines, known, { text, growing: undefined, lost: undefined, ...numbered(eventId) });
}

/** The reply was cut: what was said of it stands. */
export function cut(lines: Lines, eventId: number): Lines {
  const line = find(lines, 'agent', eventId);
  return line === undefined ? lines : replaced(lines, line, { growing: undefined, interrupted: true });
}

const numbered = (eventId: number | undefined) => (eventId === undefined ? {} : { eventId });

/** Moves the line, if it has a `seq`, as little as it takes to stand after all with a smaller and before all with a greater one. */
function placed(lines: Lines, key: number): Lines {
  const at = lines.findIndex((line) => line.key === key);
  const line = lines[at];
  if (line?.seq === undefined) return lines;
  const { seq } = line;
  const others = lines.filter((other) => other !== line);
  const least = others.findLastIndex((other) => other.seq !== undefined && other.seq < seq) + 1;
  const later = others.findIndex((other) => other.seq !== undefined && other.seq > seq);
  const place = Math.max(least, Math.min(at, later === -1 ? others.length : later));
  return place === at ? lines : [...others.slice(0, place), line, ...others.slice(place)];
}
