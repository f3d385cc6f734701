import type { ModelRequest } from '../language-model.js';
import { isNeutralLine } from '../neutral-lines.js';
import { type BrainBook, type Rule, VERBATIM } from './brain-book.js';
import { Knowledge } from './knowledge.js';
import { matchRule, type RuleMatch } from './rule-match.js';
import { asSentence, type Sentence, sentencesOf, shortened } from './sentences.js';

export type AnswerPart = { readonly text: string; readonly pace: number; readonly hangUp: boolean };
export type Question = Pick<ModelRequest, 'messages' | 'contexts' | 'instructions' | 'tools' | 'prompt'>;

const MOST_PARTS = 8;
const OLD_SENTENCES = 50;
/** Of what the user says now and of what he said, the newest: each is looked at with every rule. */
const NEW_SENTENCES = 50;
const FACT_SENTENCES = 500;
/** Characters that are read of the prompt, of all contexts (the newest), and of what the user said. */
const READ_OF_PROMPT = 32_768;
const READ_OF_CONTEXTS = 65_536;
const READ_OF_USER = 65_536;
const LONGEST_QUOTE = 300;
/** A match for at least so much of a question is an answer; for less, it is the closest that is known. */
const GOOD_SHARE = 0.5;

/** What the brain says to a prompt: to each of the user's new sentences, then what it was instructed to do. */
export function answer(book: BrainBook, question: Question): readonly AnswerPart[] {
  const thought = new Thought(book, question);
  const parts = [...thought.toUser(), ...thought.toInstructions()].filter((part) => part.text !== '' || part.hangUp);
  const once = parts.filter((part, at) => parts.findIndex((other) => other.text === part.text) === at);
  const inOrder = [...once.filter(({ hangUp }) => !hangUp).slice(0, MOST_PARTS), ...once.filter(({ hangUp }) => hangUp).slice(0, 1)];
  return inOrder.length > 0 ? inOrder : [{ text: book.phrases.nothing_to_do, pace: 0, hangUp: false }];
}

class Thought {
  private readonly knowledge: Knowledge;
  private readonly current: readonly Sentence[];
  private readonly said: readonly string[];

  constructor(
    private readonly book: BrainBook,
    private readonly question: Question,
  ) {
    const turns = question.messages.filter(({ role, content }) => role !== 'system' && !isNeutralLine(content));
    const last = question.messages.at(-1)?.role === 'user' ? question.messages.at(-1) : undefined;
    this.current =
      last === undefined || isNeutralLine(last.content)
        ? []
        : sentencesOf(last.content.slice(-READ_OF_USER), book.clauses).slice(-NEW_SENTENCES);
    this.said = turns.flatMap(({ role, content }) => (role === 'assistant' ? [content] : []));
    this.knowledge = this.learn(turns.flatMap((turn) => (turn.role === 'user' && turn !== last ? [turn.content] : [])));
  }

  *toUser(): Generator<AnswerPart> {
    for (const sentence of this.current) {
      const match = matchRule(sentence.text, this.book.rules, this.book.fillers);
      yield match === undefined ? part(this.lookUp(sentence)) : this.follow(match, sentence, this.book.flip.user);
    }
  }

  *toInstructions(): Generator<AnswerPart> {
    const { flip, instructions, fillers, phrases } = this.book;
    for (const instruction of this.question.instructions) {
      let goesOn = false;
      for (const sentence of sentencesOf(instruction, this.book.clauses)) {
        const match = matchRule(sentence.text, instructions, fillers);
        if (match !== undefined) yield this.follow(match, sentence, flip.instruction);
        else if (goesOn) yield part(sentence.text + sentence.mark);
        else yield part(this.fill(phrases.obey, { text: shortened(sentence.text, LONGEST_QUOTE) }) ?? '');
        goesOn = match?.rule.goesOn ?? goesOn;
      }
    }
  }

  /** Everything that the prompt holds, and what the user has said before and states now. */
  private learn(before: readonly string[]): Knowledge {
    const { prompt, contexts } = this.question;
    const { clauses, fillers, rules } = this.book;
    const knowledge = new Knowledge(this.book);
    knowledge.addPrompt(prompt.slice(0, READ_OF_PROMPT));
    const old = before.flatMap((text) => sentencesOf(text, clauses));
    for (const sentence of old.slice(-OLD_SENTENCES)) {
      const { text } = sentence;
      if (!this.asks(sentence) && matchRule(text, rules, fillers) === undefined) knowledge.addTold(text);
    }
    for (const sentence of this.said.flatMap((text) => sentencesOf(text, undefined)).slice(-OLD_SENTENCES)) {
      if (!this.asks(sentence) && !this.book.isOwn(sentence.text)) knowledge.addSaid(sentence.text);
    }
    const facts = rules.filter(({ remember }) => remember !== undefined);
    for (const { text, mark } of [...old, ...this.current].slice(-FACT_SENTENCES)) {
      const match = mark === '?' ? undefined : matchRule(text, facts, fillers);
      const { thing, value } = match?.slots ?? {};
      if (value !== undefined) knowledge.addFact(match?.rule.remember?.thing ?? thing, value);
    }
    for (const { id, text } of newest(contexts)) knowledge.addContext(text, id);
    return knowledge;
  }

  private follow({ rule, slots }: RuleMatch, { text, mark }: Sentence, flip: (text: string) => string): AnswerPart {
    const places: Record<string, string> = { text: shortened(text, LONGEST_QUOTE) };
    for (const [name, value] of Object.entries(slots)) {
      if (value !== undefined) places[name] = name === VERBATIM ? unquoted(value) + mark : flip(value);
    }
    const query = rule.lookUp === undefined ? undefined : this.fill(rule.lookUp, places);
    const found = query === undefined ? undefined : this.knowledge.best(query)?.entry.text;
    if (found !== undefined) places.found = asSentence(found);
    const able = !rule.hangUp || this.question.tools.some(({ name }) => name === 'end_call');
    const said = able ? this.fill(this.variant(rule), places) : undefined;
    return { text: tidy(said ?? this.fill(rule.otherwise ?? '', places) ?? ''), pace: rule.pace, hangUp: rule.hangUp && able };
  }

  private variant({ say }: Rule): string {
    return say[this.said.length % say.length] ?? '';
  }

  /** No rule fits: the answer is in what the brain knows, or it says so. */
  private lookUp(sentence: Sentence): string {
    const { phrases } = this.book;
    const { text } = sentence;
    const match = this.knowledge.best(text);
    const places = match === undefined ? {} : { found: asSentence(match.entry.text) };
    if (match !== undefined) return this.fill(match.share >= GOOD_SHARE ? phrases.found : phrases.close, places) ?? '';
    if (!this.asks(sentence)) return this.fill(phrases.noted, { text: shortened(text, LONGEST_QUOTE) }) ?? '';
    return this.fill(phrases.not_found, {}) ?? phrases.nothing_known;
  }

  private asks({ text, mark }: Sentence): boolean {
    const [first = ''] = text.toLowerCase().split(/[\s,]/);
    return mark === '?' || this.book.questions.has(first);
  }

  /** The template with its places filled; undefined when one of them has nothing to stand in it. */
  private fill(template: string, places: Readonly<Record<string, string>>): string | undefined {
    let empty = false;
    const text = template.replace(/\{([^{}]*)\}/g, (_place, name: string) => {
      const value = name === 'known' ? this.knowledge.listed() : name === 'last' ? (this.said.at(-1) ?? '') : (places[name] ?? '');
      empty ||= value === '';
      return value;
    });
    return empty ? undefined : text;
  }
}

/** The newest contexts, up to so many characters; the newest of all whatever its length. */
function newest(contexts: Question['contexts']): Question['contexts'] {
  let left = READ_OF_CONTEXTS;
  const tooMuch = contexts.findLastIndex(({ text }) => {
    left -= text.length;
    return left < 0;
  });
  return contexts.slice(Math.min(tooMuch + 1, Math.max(0, contexts.length - 1)));
}

const part = (text: string): AnswerPart => ({ text: tidy(text), pace: 0, hangUp: false });

const unquoted = (text: string): string => /^(["'])(.+)\1$/.exec(text)?.[2] ?? text;

/** A slot may bring a closing mark of its own, or begin a sentence. */
const tidy = (text: string): string => {
  const first = text.trim();
  return first.charAt(0).toUpperCase() + first.slice(1).replace(/([.!?])\.$/, '$1');
};
