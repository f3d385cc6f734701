/** What of a language the brain knows to compare two texts: which words say nothing, and which say the same. */
export type Vocabulary = {
  /** Words that carry no meaning, as they are written. */
  readonly stopWords: ReadonlySet<string>;
  /** From a stem to the one that stands for all that mean the same. */
  readonly synonyms: ReadonlyMap<string, string>;
};

const WORD = /[\p{L}\p{N}]+(?:'[\p{L}]+)?/gu;

/** Lower case, without accents, and without the commonest endings: rough, but the same on both sides. */
export function stem(word: string): string {
  const plain = word
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}|'s?$/gu, '');
  if (plain.length < 4) return plain;
  if (plain.endsWith('ies')) return `${plain.slice(0, -3)}y`;
  const root = plain.replace(/(?<=.{3})(?:ing|ed)$/, '').replace(/(?<=[sxz]|[cs]h)es$|(?<=[^s])s$/, '');
  return root.length > 3 && root.endsWith('e') ? root.slice(0, -1) : root;
}

/** The stems of a text's meaningful words, each once, synonyms as one. */
export function stems(text: string, { stopWords, synonyms }: Vocabulary): Set<string> {
  const found = new Set<string>();
  for (const [word] of text.matchAll(WORD)) {
    if (stopWords.has(word.toLowerCase())) continue;
    const root = stem(word);
    found.add(synonyms.get(root) ?? root);
  }
  return found;
}

/** Replaces whole words, whatever their case; of two that fit, the first pair wins. */
export function replacing(pairs: readonly (readonly [string, string])[]): (text: string) => string {
  if (pairs.length === 0) return (text) => text;
  const words = pairs.map(([from]) => from.replace(/[^\p{L}\p{N}' ]/gu, '').replace(/\s+/g, '\\s+')).join('|');
  const regex = new RegExp(`(?<![\\p{L}\\p{N}'])(?:${words})(?![\\p{L}\\p{N}'])`, 'giu');
  const others = new Map(pairs.map(([from, to]) => [from.toLowerCase(), to]));
  return (text) => text.replace(regex, (word) => others.get(word.toLowerCase().replace(/\s+/g, ' ')) ?? word);
}
