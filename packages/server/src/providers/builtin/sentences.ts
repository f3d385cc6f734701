import type { BrainBook } from './brain-book.js';

/** A sentence without its closing mark, and that mark, if it had one. */
export type Sentence = { readonly text: string; readonly mark: string };

/** The sentences of a text: at line ends, behind closing marks, and where the book says that one sentence is two. */
export function sentencesOf(text: string, clauses: BrainBook['clauses']): Sentence[] {
  return text
    .replace(/[’‘]/g, "'")
    .split(/\n+|(?<=[.!?…])["')\]]*\s+/)
    .flatMap((part) => (clauses === undefined ? [part] : part.split(clauses)))
    .map((part) => {
      const whole = part.trim();
      const text = whole.slice(0, endOfText(whole));
      return { text, mark: whole.slice(text.length, text.length + 1) };
    })
    .filter((sentence) => sentence.text !== '');
}

/** Where the closing marks begin. Looked for from behind: a pattern would begin anew at each of ten thousand marks. */
function endOfText(whole: string): number {
  let end = whole.length;
  while (end > 0 && /[.!?…\s]/.test(whole.charAt(end - 1))) end--;
  return end;
}

/** With a closing mark and a capital, as a sentence of its own. */
export function asSentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  const [first = ''] = trimmed;
  return first.toUpperCase() + trimmed.slice(first.length) + (/[.!?…:]["')\]]*$/.test(trimmed) ? '' : '.');
}

/** At most so many characters, cut behind a word. */
export function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  const cut = text.slice(0, length).replace(/\s+\S*$|[\uD800-\uDBFF]$/, '');
  return `${cut}…`;
}
