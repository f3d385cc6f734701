import { APIError } from 'openai';
import { ModelError } from '../model-error.js';

/**
 * Any failure of the SDK as the house knows it, with the status and code that an operator needs. Endpoints repeat the `key` that they
 * refuse, and what they say may be logged.
 */
export function asModelError(error: unknown, key: string): ModelError {
  if (error instanceof ModelError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  const code = error instanceof APIError && error.code ? error.code : networkCode(cause);
  const message = key === '' ? cause.message : cause.message.replaceAll(key, '[redacted]');
  return new ModelError(message, { status: error instanceof APIError ? error.status : undefined, code }, { cause });
}

/** A 400 or 422: something in the request is not to the endpoint's liking. */
export function isRefusal(error: unknown): error is APIError {
  return error instanceof APIError && (error.status === 400 || error.status === 422);
}

/** The first of `names` that the refusal speaks of. */
export function parameterRefused<Name extends string>(refusal: APIError, names: readonly Name[]): Name | undefined {
  const about = `${refusal.param ?? ''} ${refusal.message}`;
  return names.find((name) => about.includes(name.replace(/s$/, '')));
}

/** `ECONNREFUSED` and its like stand some causes deep. */
function networkCode(error: Error): string | undefined {
  const { code } = error as { code?: unknown }; // Node's system errors have one
  if (typeof code === 'string') return code;
  return error.cause instanceof Error ? networkCode(error.cause) : undefined;
}
