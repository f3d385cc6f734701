import type { Pattern } from './pattern.js';
import type { Vocabulary } from './words.js';

/** The rules of a brain, as read from its file. */
export type BrainBook = {
  readonly vocabulary: Vocabulary;
  /** Whose words become whose: a user's, the prompt's and an instruction's, as the agent says them to the user. */
  readonly flip: { readonly [S in Speaker]: (text: string) => string };
  /** Words at the start of a sentence that a rule need not know. */
  readonly fillers: ReadonlySet<string>;
  /** A sentence that begins with one of these is a question, also without its mark. */
  readonly questions: ReadonlySet<string>;
  /** Sentences of an agent's prompt that begin with these are orders, and no knowledge. */
  readonly orders: ReadonlySet<string>;
  /** Where one sentence is two: "… and my …". */
  readonly clauses: RegExp | undefined;
  readonly phrases: Phrases;
  /** The sentence is one of the brain's own, and so tells nothing new. */
  readonly isOwn: (sentence: string) => boolean;
  /** For what the user says, and for what the agent is instructed to do; the first that fits wins. */
  readonly rules: readonly Rule[];
  readonly instructions: readonly Rule[];
};

export const SPEAKERS = ['user', 'prompt', 'instruction'] as const;
export type Speaker = (typeof SPEAKERS)[number];

export type Rule = {
  readonly when: readonly Pattern[];
  /** Several are taken in turn. */
  readonly say: readonly string[];
  /** Said where a place of `say` has nothing to stand in it, or the call cannot be ended. */
  readonly otherwise: string | undefined;
  /** The slot `value` is kept as a fact, under `thing` or the slot of that name. */
  readonly remember: { readonly thing: string | undefined } | undefined;
  /** What to look up for the place `{found}`. */
  readonly lookUp: string | undefined;
  readonly hangUp: boolean;
  /** Sentences behind it that no rule fits are said too. */
  readonly goesOn: boolean;
  /** Milliseconds a word; 0 is as fast as it goes. */
  readonly pace: number;
};

/** What the brain says where no rule fits. */
export const PHRASES = ['found', 'close', 'fact', 'told', 'not_found', 'nothing_known', 'noted', 'obey', 'nothing_to_do'] as const;
export type Phrases = Readonly<Record<(typeof PHRASES)[number], string>>;

/** Places that the brain fills by itself: its last line, all it knows, what it looked up, and the sentence itself. */
export const PLACES = ['last', 'known', 'found', 'text'] as const;
/** A slot of this name is said as it was written; all others change sides: my, your. */
export const VERBATIM = 'words';
