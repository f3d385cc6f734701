import { isObject } from '../parse.js';

type Json = Readonly<Record<string, unknown>>;

/**
 * `patch` over `base`: objects are merged, everything else (lists too) is replaced, null takes the member
 * away so that its default holds again. Neither input is changed. `Object.fromEntries` keeps a key named
 * `__proto__` an ordinary one.
 */
export function mergeConfig(base: Json, patch: Json): Record<string, unknown> {
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) continue;
    if (value === null) merged.delete(key);
    else if (isObject(value)) {
      const before = merged.get(key);
      merged.set(key, mergeConfig(isObject(before) ? before : {}, value));
    } else merged.set(key, value);
  }
  return Object.fromEntries(merged);
}

/** Equal as JSON: the order of an object's members does not count, a list's does. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((value, i) => sameJson(value, b[i]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]));
}
