import { isWellFormed } from '../parse.js';

/** A message's text, in bytes of UTF-8. */
export const TEXT_BYTES = 16_384;
/** An agent's prompt, and what becomes of it with its variables filled in, in bytes of UTF-8. */
export const PROMPT_BYTES = 262_144;
/** `dynamic_variables` as JSON, in bytes of UTF-8: as much as the first frame of a socket may bring. */
export const VARIABLES_BYTES = 65_536;
/** `app_metadata` (and a message's `metadata`) as JSON, in bytes of UTF-8. */
export const APP_METADATA_BYTES = 4_096;
/** A `user_id`, in bytes of UTF-8. */
export const USER_ID_BYTES = 4_096;
/** A `context_id`, in bytes of UTF-8. */
export const CONTEXT_ID_BYTES = 256;
/** Levels of objects and lists within each other. Writing deeper JSON again would overflow the stack. */
export const JSON_DEPTH = 64;
/** Longest wait of one request in milliseconds: shorter than what proxies grant, so that ours is the first time-out. */
export const WAIT_MS = 50_000;
/** What a message waits for when its sender does not say, in milliseconds. */
export const DEFAULT_WAIT_MS = 10_000;
/** Longest `expires_in_secs` of a message: seven days. */
export const EXPIRES_SECS = 604_800;

const encoder = new TextEncoder();

/** True when `text` has more than `bytes` bytes of UTF-8; encodes only what is neither clearly short nor clearly long. */
export function longerThan(text: string, bytes: number): boolean {
  if (text.length > bytes) return true;
  if (text.length * 3 <= bytes) return false;
  return encoder.encode(text).length > bytes;
}

export const utf8Length = (text: string): number => encoder.encode(text).length;

export type UnfitJson = { readonly path: readonly (string | number)[]; readonly what: 'lone_surrogate' | 'too_deep' | 'prototype_key' };

/**
 * The first place in a parsed JSON value that could not be stored and sent again unchanged: a lone
 * surrogate in a text or a key, or more nesting than `JSON_DEPTH`. Recursion ends at that depth. With
 * `noPrototypes` also a member named `__proto__`: schemas drop it without a word.
 */
export function findUnfit(value: unknown, noPrototypes = false, levels = JSON_DEPTH): UnfitJson | undefined {
  if (typeof value === 'string') return isWellFormed(value) ? undefined : { path: [], what: 'lone_surrogate' };
  if (typeof value !== 'object' || value === null) return undefined;
  if (levels === 0) return { path: [], what: 'too_deep' };
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const unfit = findUnfit(value[i], noPrototypes, levels - 1);
      if (unfit) return { path: [i, ...unfit.path], what: unfit.what };
    }
    return undefined;
  }
  for (const [key, member] of Object.entries(value)) {
    if (!isWellFormed(key)) return { path: [], what: 'lone_surrogate' };
    if (noPrototypes && key === '__proto__') return { path: [key], what: 'prototype_key' };
    const unfit = findUnfit(member, noPrototypes, levels - 1);
    if (unfit) return { path: [key, ...unfit.path], what: unfit.what };
  }
  return undefined;
}
