import type { BrainBook, Rule } from './brain-book.js';

export type RuleMatch = { readonly rule: Rule; readonly slots: Readonly<Record<string, string>> };

/** What is longer is no sentence that a rule could be about, and would cost too much to try. */
const LONGEST = 300;

/** The first rule that fits the sentence as it is, or else without the fillers at its start. */
export function matchRule(sentence: string, rules: readonly Rule[], fillers: BrainBook['fillers']): RuleMatch | undefined {
  if (sentence.length > LONGEST) return undefined;
  for (let rest: string | undefined = sentence; rest !== undefined; rest = withoutFiller(rest, fillers)) {
    for (const rule of rules) {
      for (const { regex } of rule.when) {
        const match = regex.exec(rest);
        if (match !== null) return { rule, slots: { ...match.groups } };
      }
    }
  }
  return undefined;
}

function withoutFiller(text: string, fillers: BrainBook['fillers']): string | undefined {
  const [, first = '', rest] = /^([\p{L}\p{N}']+)[,;:!.]*\s+(.+)$/u.exec(text) ?? [];
  return fillers.has(first.toLowerCase()) ? rest : undefined;
}
