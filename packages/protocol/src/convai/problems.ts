import type { z } from 'zod';
import type { Answer, FieldProblem } from '../errors.js';
import { refuse } from '../errors.js';
import { findUnfit, JSON_DEPTH, type UnfitJson } from './limits.js';

/**
 * What is wrong with a value, in sentences that say what to do: the schema library's issues become
 * ElevenLabs' `{loc, msg, type}` here and nowhere else.
 */
/** How many of them a refusal names: a body can hold a hundred thousand. */
const MOST_PROBLEMS = 50;

type Path = readonly PropertyKey[];

const NOUNS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** What a value is, for a sentence: `a number`, `a list`, `nothing`. */
export function nounOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  return NOUNS[Array.isArray(value) ? 'array' : typeof value] ?? typeof value;
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<PropertyKey, unknown>)[key]; // hasOwn above
  }
  return at;
}

function sentence(issue: z.core.$ZodIssue, name: string, got: unknown): { msg: string; type: string } {
  switch (issue.code) {
    case 'invalid_type': {
      const wanted = NOUNS[issue.expected] ?? issue.expected;
      if (got === undefined) return { msg: `Add ${name}: ${wanted}.`, type: 'missing' };
      const was = issue.expected === 'int' && typeof got === 'number' ? String(got) : nounOf(got);
      return { msg: `Send ${name} as ${wanted}, not ${was}.`, type: `${issue.expected}_type` };
    }
    case 'invalid_value': {
      const values = issue.values.map(String).join(', ');
      if (got === undefined) return { msg: `Add ${name}: one of ${values}.`, type: 'missing' };
      return { msg: issue.values.length === 1 ? `Send ${name} as ${values}.` : `Choose ${name} from ${values}.`, type: 'enum' };
    }
    case 'unrecognized_keys':
      return { msg: `There is no field ${name}; remove it or correct its name.`, type: 'extra_forbidden' };
    case 'too_big':
      if (issue.origin === 'string') return { msg: `Send ${name} with at most ${issue.maximum} characters.`, type: 'too_long' };
      if (issue.origin === 'array') return { msg: `Give ${name} at most ${issue.maximum} entries.`, type: 'too_long' };
      return { msg: `Send ${name} as a number of at most ${issue.maximum}.`, type: 'less_than_equal' };
    case 'too_small':
      if (issue.origin === 'string') return { msg: `Do not send ${name} empty; leave it out or give it a text.`, type: 'too_short' };
      if (issue.origin === 'array') return { msg: `Give ${name} at least ${issue.minimum} entry, or leave it out.`, type: 'too_short' };
      return issue.inclusive === false
        ? { msg: `Send ${name} as a number above ${issue.minimum}.`, type: 'greater_than' }
        : { msg: `Send ${name} as a number of at least ${issue.minimum}.`, type: 'greater_than_equal' };
    case 'invalid_union': {
      const wanted = issue.errors
        .map((branch) => branch[0])
        .map((inner) => (inner?.code === 'invalid_type' ? NOUNS[inner.expected] : undefined));
      const nouns = wanted.filter((noun) => noun !== undefined);
      return {
        msg:
          nouns.length === 0
            ? `${name} is not valid; see the documentation.`
            : `Send ${name} as ${nouns.join(' or ')}, not ${nounOf(got)}.`,
        type: 'union',
      };
    }
    default:
      return { msg: issue.message, type: 'value_error' };
  }
}

function locOf(path: Path): (string | number)[] {
  return path.map((key) => (typeof key === 'number' ? key : String(key)));
}

/** A field as people know it: a parameter that may come more than once has one name, and an entry of a list none of its own. */
function nameOf(path: Path, where: 'body' | 'query'): string {
  if (path.length === 0) return `the ${where}`;
  const isEntry = path.length > 1 && typeof path.at(-1) === 'number';
  const [first = '', ...rest] = isEntry ? path.slice(0, -1) : path;
  const name = rest.reduce<string>((so, key) => (typeof key === 'number' ? `${so}[${key}]` : `${so}.${String(key)}`), String(first));
  return isEntry && where === 'body' ? `an entry of ${name}` : name;
}

/** One problem an issue (an unknown field each its own), with `where` (`body`, `query`) in front of the path. */
export function problemsOf(error: z.ZodError, value: unknown, where: readonly string[] = []): FieldProblem[] {
  return error.issues.flatMap((issue) => {
    const paths: Path[] = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    return paths.map((path) => {
      const name = nameOf(path, where[0] === 'query' ? 'query' : 'body');
      return { loc: [...where, ...locOf(path)], ...sentence(issue, name, valueAt(value, path)) };
    });
  });
}

/** The sentence for a value that could not be written again unchanged. */
export function unfitSentence({ path, what }: UnfitJson): string {
  const name = path.length === 0 ? 'the text' : path.join('.');
  if (what === 'prototype_key') return `Send ${name} under another name: __proto__ is taken by the language that reads it.`;
  return what === 'too_deep'
    ? `Send less nesting: ${JSON_DEPTH} levels of objects and lists are the most.`
    : `Send ${name} as well-formed Unicode: it holds half of a surrogate pair.`;
}

/** Reads a parsed body or query by its schema: what it says, or every field that is not as it should be. */
export function readBy<S extends z.ZodType>(
  schema: S,
  value: unknown,
  where: 'body' | 'query' = 'body',
): Answer<{ readonly value: z.output<S> }> {
  const unfit = findUnfit(value, true);
  if (unfit)
    return refuse('invalid_request', { problems: [{ loc: [where, ...unfit.path], msg: unfitSentence(unfit), type: 'value_error' }] });
  const read = schema.safeParse(value);
  if (read.success) return { ok: true, value: read.data };
  return refuse('invalid_request', { problems: problemsOf(read.error, value, [where]).slice(0, MOST_PROBLEMS) });
}
