import { LineCounter, parseDocument } from 'yaml';
import { type BrainBook, PHRASES, type Phrases, PLACES, type Rule, SPEAKERS } from './brain-book.js';
import { ownWords } from './own-words.js';
import { compilePattern, type Pattern } from './pattern.js';
import { replacing, stem } from './words.js';
import { type Field, readFields } from './yaml-fields.js';

/** A brain file that cannot be used: one sentence that names file and line. */
export class BrainFileError extends Error {
  constructor(file: string, line: number | undefined, problem: string) {
    super(line === undefined ? `${file}: ${problem}.` : `${file}, line ${line}: ${problem}.`);
    this.name = 'BrainFileError';
  }
}

const FIELDS = ['stop_words', 'synonyms', 'flip', 'fillers', 'questions', 'orders', 'clauses', 'phrases', 'rules', 'instructions'] as const;
const RULE_FIELDS = ['when', 'say', 'otherwise', 'remember', 'look_up', 'hang_up', 'goes_on', 'pace'] as const;

/** Reads a brain's rules. `file` is only named in errors. Throws a BrainFileError. */
export function parseBrain(text: string, file: string): BrainBook {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const fail = (problem: string, offset?: number): never => {
    throw new BrainFileError(file, offset === undefined ? undefined : lines.linePos(offset).line, problem);
  };
  const [error] = document.errors;
  if (error !== undefined) fail(`this is no YAML (${error.message.replace(/\.$/, '')})`, error.pos[0]);
  const fields = readFields(document.contents, 'a brain', FIELDS, fail);
  const phrases = phrasesOf(fields.phrases, fail);
  const rules = (fields.rules?.items() ?? []).map((rule) => ruleOf(rule, fail));
  const instructions = (fields.instructions?.items() ?? []).map((rule) => ruleOf(rule, fail));
  const said = [...rules, ...instructions].flatMap(({ say, otherwise }) => [...say, otherwise ?? '']);
  return {
    vocabulary: {
      stopWords: lowered(fields.stop_words),
      synonyms: new Map((fields.synonyms?.items() ?? []).flatMap(synonymsOf)),
    },
    flip: flipsOf(fields.flip, fail),
    fillers: lowered(fields.fillers),
    questions: lowered(fields.questions),
    orders: lowered(fields.orders),
    clauses: clausesOf(fields.clauses, fail),
    phrases,
    isOwn: ownWords([...Object.values(phrases), ...said]),
    rules,
    instructions,
  };
}

type Fail = (problem: string, offset?: number) => never;

const lowered = (field: Field | undefined): ReadonlySet<string> => new Set((field?.texts() ?? []).map((word) => word.toLowerCase()));

function synonymsOf(group: Field): [string, string][] {
  const roots = group.texts().map(stem);
  return roots.flatMap((root) => (roots[0] === undefined ? [] : [[root, roots[0]]]));
}

function flipsOf(field: Field | undefined, fail: Fail): BrainBook['flip'] {
  const given = field?.fields('flip', SPEAKERS, fail) ?? {};
  const flips = SPEAKERS.map(
    (speaker) => [speaker, replacing((given[speaker]?.entries() ?? []).map(([from, to]) => [from, to.text()]))] as const,
  );
  return Object.fromEntries(flips) as BrainBook['flip']; // one entry for each speaker
}

function clausesOf(field: Field | undefined, fail: Fail): RegExp | undefined {
  if (field === undefined) return undefined;
  const { joints, starts } = field.fields('clauses', ['joints', 'starts'], fail);
  const words = (part: Field | undefined): string => (part?.texts() ?? []).map((word) => word.replace(/[^\p{L}\p{N}' ]/gu, '')).join('|');
  // Without an end to the spaces, a text of spaces alone would be tried anew at each of them.
  return new RegExp(`[,;]?\\s{1,9}(?:${words(joints)})\\s{1,9}(?=(?:${words(starts)})\\b)`, 'iu');
}

function phrasesOf(field: Field | undefined, fail: Fail): Phrases {
  const given = field?.fields('phrases', PHRASES, fail) ?? {};
  const entries = PHRASES.map((name) => {
    const phrase = given[name];
    if (phrase === undefined) return fail(`phrases lack "${name}"`, field?.offset);
    checkPlaces(phrase, phrase.text(), name === 'fact' ? [['thing', 'value']] : [], fail);
    return [name, phrase.text()] as const;
  });
  return Object.fromEntries(entries) as Phrases; // one entry for each name
}

function ruleOf(field: Field, fail: Fail): Rule {
  const { when, say, otherwise, remember, look_up, hang_up, goes_on, pace } = field.fields('a rule', RULE_FIELDS, fail);
  if (when === undefined) return fail('the rule has no "when"', field.offset);
  if (say === undefined) return fail('the rule has no "say"', field.offset);
  const patterns = when.items().map((pattern) => patternOf(pattern, fail));
  const slots = patterns.map((pattern) => pattern.slots);
  for (const part of [...say.items(), otherwise, look_up]) if (part) checkPlaces(part, part.text(), slots, fail);
  if (remember && !slots.every((names) => names.includes('value')))
    fail('a rule that remembers needs the slot {value} in each "when"', field.offset);
  if (hang_up?.flag() && otherwise === undefined) fail('a rule that hangs up needs an "otherwise" for agents that cannot', field.offset);
  return {
    when: patterns,
    say: say.texts(),
    otherwise: otherwise?.text(),
    remember: remember && { thing: remember.isFlag() ? undefined : remember.text() },
    lookUp: look_up?.text(),
    hangUp: hang_up?.flag() ?? false,
    goesOn: goes_on?.flag() ?? false,
    pace: pace?.amount() ?? 0,
  };
}

function patternOf(field: Field, fail: Fail): Pattern {
  try {
    return compilePattern(field.text());
  } catch (error) {
    return fail(`the pattern "${field.text()}" cannot be used: ${error instanceof Error ? error.message : error}`, field.offset);
  }
}

/** Every place must be one that some pattern of the rule, or the brain itself, can fill. */
function checkPlaces(field: Field, text: string, slots: readonly (readonly string[])[], fail: Fail): void {
  for (const [place, name = ''] of text.matchAll(/\{([^{}]*)\}/g)) {
    const known = PLACES.some((built) => built === name) || slots.some((names) => names.includes(name));
    if (!known)
      fail(
        `nothing fills ${place}; it knows ${[...new Set([...PLACES, ...slots.flat()])].map((one) => `{${one}}`).join(', ')}`,
        field.offset,
      );
  }
}
