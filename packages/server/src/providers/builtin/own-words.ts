import { sentencesOf } from './sentences.js';

const LEAST_HEAD = 6;

/**
 * Tells what the brain says by itself from what was put into the agent's mouth: only the latter is news.
 * A template's sentence is known by its words, or by those before its first place.
 */
export function ownWords(templates: readonly string[]): (sentence: string) => boolean {
  const whole = new Set<string>();
  const heads: string[] = [];
  for (const { text } of templates.flatMap((template) => sentencesOf(template, undefined))) {
    const [head = ''] = text.split('{');
    if (head === text) whole.add(text);
    else if (head.length >= LEAST_HEAD) heads.push(head);
  }
  return (sentence) => whole.has(sentence) || heads.some((head) => sentence.startsWith(head));
}
