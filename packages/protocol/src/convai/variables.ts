import type { DynamicVariables } from './client-message.js';
import { utf8Length } from './limits.js';

/**
 * `{{name}}` in an agent's texts. A value is never looked at for names again, so a user's name cannot
 * smuggle another variable in.
 */
const NAME = /\{\{\s*([A-Za-z0-9_][A-Za-z0-9_.-]*)\s*\}\}/g;

/** Reserved names that a text conversation may have no value for (telephony): empty instead of missing. */
const MAYBE_EMPTY: ReadonlySet<string> = new Set(['system__caller_id', 'system__called_number', 'system__call_sid', 'system__call_id']);

const isSecret = (name: string): boolean => name.startsWith('secret__');
const isReserved = (name: string): boolean => name.startsWith('system__');

export type Measured = {
  /** Names without a value, each once, in the order of the text. */
  readonly missing: readonly string[];
  /** What the filled text would have, in UTF-8. */
  readonly bytes: number;
};

/** What filling would come to, without building it: a value of 30 KB may stand in ten thousand places. */
export function measureVariables(template: string, values: DynamicVariables): Measured {
  const lookUp = remembered(values);
  const missing = new Set<string>();
  let bytes = utf8Length(template);
  for (const [place, name = ''] of template.matchAll(NAME)) {
    const value = lookUp(name);
    if (value === undefined) missing.add(name);
    bytes += (value?.bytes ?? 0) - utf8Length(place);
  }
  return { missing: [...missing], bytes };
}

/**
 * Fills a prompt or a greeting. Secrets never enter it, and what has no value is empty. Undefined when the text would
 * have more than `mostBytes` bytes of UTF-8: nothing was built then.
 */
export function fillVariables(template: string, values: DynamicVariables, mostBytes: number): string | undefined {
  if (measureVariables(template, values).bytes > mostBytes) return undefined;
  const lookUp = remembered(values);
  return template.replace(NAME, (_place, name: string) => lookUp(name)?.text ?? '');
}

type Value = { readonly text: string; readonly bytes: number };
const EMPTY: Value = { text: '', bytes: 0 };

/** Each value is made a text once, however often its name stands there. */
function remembered(values: DynamicVariables): (name: string) => Value | undefined {
  const known = new Map<string, Value | undefined>();
  return (name) => {
    if (!known.has(name)) known.set(name, lookUp(name, values));
    return known.get(name);
  };
}

function lookUp(name: string, values: DynamicVariables): Value | undefined {
  if (isSecret(name)) return EMPTY;
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined || value === null) return MAYBE_EMPTY.has(name) ? EMPTY : undefined;
  const text = asText(value);
  return { text, bytes: utf8Length(text) };
}

/** Later ones win: the agent's placeholders, what the client gave, what the server knows. A null falls back to the placeholder. */
export function conversationVariables(
  placeholders: DynamicVariables,
  given: DynamicVariables | null | undefined,
  system: DynamicVariables = {},
): DynamicVariables {
  const entries = Object.entries(given ?? {}).filter(([name, value]) => value !== null && value !== undefined && !isReserved(name));
  return Object.fromEntries([...Object.entries(placeholders), ...entries, ...Object.entries(system)]);
}

/** Without the secrets: what may be logged and shown. */
export function withoutSecrets(variables: DynamicVariables): DynamicVariables {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !isSecret(name)));
}

function asText(value: unknown): string {
  if (Array.isArray(value)) return value.map(asText).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
