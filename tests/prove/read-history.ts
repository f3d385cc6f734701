import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { HistoryLine } from './history.js';

/** Which fields a line of each type must have, and of what kind; whatever else it has is ignored. */
const FIELDS: Readonly<Record<HistoryLine['type'], Readonly<Record<string, 'string' | 'number' | 'object'>>>> = {
  run: {},
  kill: {},
  start: {},
  invoke: { op: 'number', conversation: 'string', key: 'string', message: 'object' },
  ok: { op: 'number', message_id: 'string', seq: 'number', level: 'string' },
  fail: { op: 'number' },
  info: { op: 'number' },
  join: { session: 'number', conversation: 'string' },
  frame: { session: 'number', event_id: 'number', text: 'string' },
  pong: { session: 'number', event_id: 'number' },
  leave: { session: 'number' },
  log: { conversation: 'string', events: 'object' },
};

/** The lines of a history file. Throws an error that names the first line that is none. */
export async function readHistory(path: string): Promise<HistoryLine[]> {
  const lines: HistoryLine[] = [];
  let number = 0;
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    if (text.trim() !== '') lines.push(readLine(text, `${path}:${number}`));
  }
  return lines;
}

function readLine(text: string, where: string): HistoryLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${where}: not a JSON object; a history has one a line`, { cause });
  }
  if (typeof value !== 'object' || value === null) throw new Error(`${where}: not a JSON object; a history has one a line`);
  const line = value as Record<string, unknown>;
  const fields = typeof line.type === 'string' && Object.hasOwn(FIELDS, line.type) ? FIELDS[line.type as HistoryLine['type']] : undefined;
  if (fields === undefined) throw new Error(`${where}: type ${JSON.stringify(line.type)} is none of ${Object.keys(FIELDS).join(', ')}`);
  for (const [field, kind] of Object.entries({ t: 'number', ...fields })) {
    if (typeof line[field] !== kind || line[field] === null)
      throw new Error(`${where}: a line of type "${line.type}" needs "${field}", a ${kind}`);
  }
  // Every field that is read of a line of this type was looked at above.
  return line as unknown as HistoryLine;
}
