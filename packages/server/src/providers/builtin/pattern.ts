/**
 * The patterns of a brain's rules. Words stand for themselves, whatever their case; a gap may hold a comma.
 *   {name}      a slot: one word or more       {name:a|b}  a slot that takes one of these
 *   (a|b c)     one of these                   [a|b c]     one of these, or nothing
 *   *           anything, or nothing
 */
export type Pattern = { readonly regex: RegExp; readonly slots: readonly string[] };

/** Each of them may try every length of a sentence, so few are allowed. */
const MOST_OPEN = 4;
const GAP = '[,;:]*\\s+';

/** Throws an Error whose message says what is wrong with the pattern. */
export function compilePattern(source: string): Pattern {
  const parser = new PatternParser(source);
  const body = parser.alternatives('');
  if (body === '') throw new Error('it is empty');
  if (parser.open > MOST_OPEN) throw new Error(`it has ${parser.open} slots and stars, and ${MOST_OPEN} are the most`);
  return { regex: new RegExp(`^(?:${body})$`, 'iu'), slots: parser.slots };
}

/** What is matched and how: the gap before an item belongs to it, so that what is optional takes its gap along. */
type Item = { readonly text: string; readonly optional: boolean };

class PatternParser {
  readonly slots: string[] = [];
  open = 0;
  private readonly tokens: readonly string[];
  private at = 0;

  constructor(source: string) {
    this.tokens = source.match(/\{[^{}]*\}|[()[\]|*]|[^\s{}()[\]|*]+|[{}]/g) ?? [];
  }

  /** Up to `close`, which is taken; the empty one is the end of the pattern. */
  alternatives(close: string): string {
    const sequences: string[] = [];
    for (;;) {
      sequences.push(this.sequence());
      const token = this.tokens[this.at++];
      if (token === '|') continue;
      if ((token ?? '') !== close)
        throw new Error(token === undefined ? `"${close}" is missing` : `"${token}" stands where nothing was opened`);
      return sequences.join('|');
    }
  }

  private sequence(): string {
    const items: Item[] = [];
    for (let item = this.item(); item !== undefined; item = this.item()) items.push(item);
    const first = items.findIndex(({ optional }) => !optional);
    // Before the first item that must be there, the gap stands behind an optional one; after it, before.
    return items
      .map(({ text, optional }, at) => {
        if (first < 0 || at < first) return optional ? `(?:(?:${text})${first < 0 && at === items.length - 1 ? '' : GAP})?` : text;
        if (at === first) return text;
        return optional ? `(?:${GAP}(?:${text}))?` : `${GAP}${text}`;
      })
      .join('');
  }

  private item(): Item | undefined {
    const token = this.tokens[this.at];
    if (token === undefined || token === ')' || token === ']' || token === '|') return undefined;
    this.at += 1;
    if (token === '(') return { text: `(?:${this.alternatives(')')})`, optional: false };
    if (token === '[') return { text: `(?:${this.alternatives(']')})`, optional: true };
    if (token === '*') {
      this.open += 1;
      return { text: '.+?', optional: true };
    }
    if (token.startsWith('{')) return { text: this.slot(token), optional: false };
    return { text: literally(token), optional: false };
  }

  private slot(token: string): string {
    const match = /^\{\s*([a-z][a-z_]*)\s*(?::(.*))?\}$/.exec(token);
    const [, name, choices] = match ?? [];
    if (name === undefined) throw new Error(`"${token}" is no slot: write {name} or {name:one|other}`);
    if (this.slots.includes(name)) throw new Error(`the slot {${name}} stands in it twice`);
    this.slots.push(name);
    if (choices === undefined) {
      this.open += 1;
      return `(?<${name}>.+?)`;
    }
    return `(?<${name}>${choices
      .split('|')
      .map((choice) => choice.trim().split(/\s+/).map(literally).join(GAP))
      .join('|')})`;
  }
}

const literally = (word: string): string => word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
