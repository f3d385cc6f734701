import type { BrainBook } from './brain-book.js';
import { asSentence, sentencesOf, shortened } from './sentences.js';
import { stems } from './words.js';

type Source = 'prompt' | 'said' | 'told' | 'fact' | 'context';
export type Entry = { readonly source: Source; readonly text: string; readonly stems: ReadonlySet<string> };
/** `share`: how much of what was asked for the entry is about, from 0 to 1. */
export type Match = { readonly entry: Entry; readonly share: number };

/** A context up to here is one thing to know; a longer one is many. In characters. */
const WHOLE = 240;
const MOST_LISTED = 5;
const LONGEST_LIST = 600;
const LONGEST_ANSWER = 1_000;
/** An entry about less of the question than this is no answer to it. */
const LEAST_SHARE = 0.25;
const LEAST_SHARE_OF_TALK = 0.34;

/** All that a conversation has told the brain. */
export class Knowledge {
  private readonly entries: Entry[] = [];
  private readonly facts = new Map<string, Entry>();

  constructor(private readonly book: BrainBook) {}

  /** `id`: the context's key, if it has one; its words count too. */
  addContext(text: string, id?: string): void {
    const parts = text.length <= WHOLE ? [text] : sentencesOf(text, undefined).map((sentence) => sentence.text);
    for (const part of parts) this.entries.push(this.entry('context', part.replace(/\s+/g, ' ').trim(), `${id ?? ''} ${part}`));
  }

  /** A newer fact about the same thing takes the place of the older one. */
  addFact(thing: string | undefined, value: string): void {
    const { flip, phrases, vocabulary } = this.book;
    const text = thing === undefined ? value : phrases.fact.replaceAll('{thing}', () => thing).replaceAll('{value}', () => value);
    const key = [...stems(thing ?? value, vocabulary)].sort().join(' ');
    this.facts.delete(key);
    this.facts.set(key, this.entry('fact', flip.user(text)));
  }

  addTold(sentence: string): void {
    this.entries.push(
      this.entry(
        'told',
        this.book.phrases.told.replaceAll('{text}', () => sentence),
        sentence,
      ),
    );
  }

  /** What was put into the agent's mouth, for example by an `agent_message`. */
  addSaid(sentence: string): void {
    this.entries.push(this.entry('said', sentence));
  }

  /** What an agent's prompt states; what it orders is nothing to tell a user. */
  addPrompt(prompt: string): void {
    const { flip, orders } = this.book;
    for (const { text } of sentencesOf(prompt, undefined)) {
      const [first = ''] = text.toLowerCase().split(/[\s,:]/);
      if (!orders.has(first)) this.entries.push(this.entry('prompt', flip.prompt(text)));
    }
  }

  /** The entry that has most of the question's words, rare ones counting more; of equals, contexts and the newest. */
  best(question: string): Match | undefined {
    const wanted = stems(question, this.book.vocabulary);
    const entries = this.ranked();
    const weights = weightsOf(wanted, entries);
    const total = sum(weights.values());
    let best: Match | undefined;
    for (const entry of entries) {
      const share = sum(common(weights, entry.stems)) / total;
      const least = entry.source === 'context' || entry.source === 'fact' ? LEAST_SHARE : LEAST_SHARE_OF_TALK;
      if (share >= least && share >= (best?.share ?? 0)) best = { entry, share };
    }
    return best;
  }

  /** The newest contexts and facts, as sentences; empty when there are none. */
  listed(): string {
    const contexts = this.entries.filter(({ source }) => source === 'context');
    const newest = [contexts, [...this.facts.values()]].flatMap((entries) => entries.slice(-MOST_LISTED));
    return shortened(newest.map(({ text }) => asSentence(text)).join(' '), LONGEST_LIST);
  }

  /** Least telling first: of two that fit alike, the later one wins. */
  private ranked(): readonly Entry[] {
    const from = (source: Source): Entry[] => this.entries.filter((entry) => entry.source === source);
    return [...from('prompt'), ...from('told'), ...from('said'), ...this.facts.values(), ...from('context')];
  }

  private entry(source: Source, text: string, words = text): Entry {
    return { source, text: shortened(text, LONGEST_ANSWER), stems: stems(words, this.book.vocabulary) };
  }
}

/** A word that stands in every entry tells them apart as little as one that stands in none. One look at what is known, however long the question. */
function weightsOf(wanted: ReadonlySet<string>, entries: readonly Entry[]): ReadonlyMap<string, number> {
  const having = new Map([...wanted].map((word) => [word, 0]));
  for (const entry of entries) for (const word of entry.stems) if (wanted.has(word)) having.set(word, (having.get(word) ?? 0) + 1);
  return new Map([...having].map(([word, times]) => [word, Math.log(1 + (entries.length + 1) / (times + 1))]));
}

/** The weights of the words that stand in both, always in the same order: added up, equals must come out equal. */
function common(weights: ReadonlyMap<string, number>, stems: ReadonlySet<string>): number[] {
  const both: number[] = [];
  if (stems.size < weights.size) for (const word of stems) both.push(weights.get(word) ?? 0);
  else for (const [word, value] of weights) if (stems.has(word)) both.push(value);
  return both.sort((a, b) => a - b);
}

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
