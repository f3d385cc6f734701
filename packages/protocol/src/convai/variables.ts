import type { DynamicVariables } from './client-message.js';

/**
 * `{{name}}` in an agent's texts. A value is never looked at for names again, so a user's name cannot
 * smuggle another variable in.
 */
const NAME = /\{\{\s*([A-Za-z0-9_][A-Za-z0-9_.-]*)\s*\}\}/g;

/** Reserved names that a text conversation may have no value for (telephony): empty instead of missing. */
const MAYBE_EMPTY: ReadonlySet<string> = new Set(['system__caller_id', 'system__called_number', 'system__call_sid', 'system__call_id']);

const isSecret = (name: string): boolean => name.startsWith('secret__');
const isReserved = (name: string): boolean => name.startsWith('system__');

export type Filled = {
  readonly text: string;
  /** Names without a value, each once, in the order of the text. */
  readonly missing: readonly string[];
};

/** Fills a prompt or a greeting. Secrets never enter it: their places stay empty. */
export function fillVariables(template: string, values: DynamicVariables): Filled {
  const missing = new Set<string>();
  const text = template.replace(NAME, (_place, name: string) => {
    if (isSecret(name)) return '';
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value !== undefined && value !== null) return asText(value);
    if (!MAYBE_EMPTY.has(name)) missing.add(name);
    return '';
  });
  return { text, missing: [...missing] };
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
