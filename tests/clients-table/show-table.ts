import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CAPABILITIES } from './capabilities.js';
import type { Cell } from './try-version.js';

export type Row = { readonly client: string; readonly version: string; readonly note: string; readonly cells: readonly Cell[] };

const DOCUMENT = join('docs', 'compatibility.md');
const [BEGIN, END] = ['<!-- clients-table -->', '<!-- /clients-table -->'];
/** Of a failure in the terminal; the JSON has the whole. */
const WHY_CHARACTERS = 400;
const NAMES = CAPABILITIES.map(({ name }) => name);

/** The table as a terminal shows it, with the notes and what failed below. */
export function plainTable(rows: readonly Row[]): string {
  const { lines, notes } = cellsOf(rows);
  const widths = (lines[0] ?? []).map((_name, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const text = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const failures = rows.flatMap(({ client, version, cells }) =>
    cells.flatMap((cell) =>
      cell.outcome === 'fails' ? [`✗ ${client} ${version}, ${cell.capability}: ${cell.why.slice(0, WHY_CHARACTERS)}`] : [],
    ),
  );
  return [...text, '', ...notes, ...failures].join('\n').replaceAll('`', '');
}

/** Replaces what stands between the markers in docs/compatibility.md. */
export function writeIntoDocument(root: string, rows: readonly Row[]): void {
  const path = join(root, DOCUMENT);
  const text = readFileSync(path, 'utf8');
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`${DOCUMENT} lacks the markers ${BEGIN} and ${END}.`);
  writeFileSync(path, `${text.slice(0, from)}${BEGIN}\n${markdownTable(rows)}\n${text.slice(to)}`);
}

function markdownTable(rows: readonly Row[]): string {
  const { lines, notes } = cellsOf(rows);
  const [head = [], ...body] = lines.map((line) => `| ${line.join(' | ')} |`);
  const rule = `|${NAMES.map(() => '---|').join('')}---|---|`;
  const meanings = CAPABILITIES.map(({ name, means }) => `- **${name}**: ${means}.`);
  return [head, rule, ...body, '', ...notes.flatMap((note) => [note, '']), ...meanings].join('\n');
}

/** All cells as texts, the headings first, and the notes that they refer to. */
function cellsOf(rows: readonly Row[]): { readonly lines: readonly string[][]; readonly notes: readonly string[] } {
  const reasons: string[] = [];
  const noteOf = (why: string): string => {
    if (!reasons.includes(why)) reasons.push(why);
    return superscript(reasons.indexOf(why) + 1);
  };
  const body = rows.map(({ client, version, note, cells }) => [
    client,
    note === '' ? version : `${version} (${note})`,
    ...NAMES.map((name) => {
      const cell = cells.find(({ capability }) => capability === name);
      if (cell?.outcome === 'works') return '✓';
      return cell?.outcome === 'none' ? `–${noteOf(cell.why)}` : '✗';
    }),
  ]);
  return { lines: [['client', 'version', ...NAMES], ...body], notes: reasons.map((why, index) => `${superscript(index + 1)} ${why}`) };
}

const superscript = (number: number): string => [...String(number)].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('');
