import { hash } from 'node:crypto';
import { isObject } from '@backchannel/protocol';
import { JSON_DEPTH } from '@backchannel/protocol/convai';

/** How long to wait is a matter of the request, not of what it asks for. */
const OF_THE_WAIT = new Set(['wait_for', 'timeout_ms']);

/** What "the same body" means for an Idempotency-Key: SHA-256, base64url, of the route and the body's canonical JSON. */
export function fingerprint(route: string, body: unknown): string {
  const asked = isObject(body) ? Object.fromEntries(Object.entries(body).filter(([name]) => !OF_THE_WAIT.has(name))) : body;
  return hash('sha256', `${route}\n${canonicalJson(asked)}`, 'base64url');
}

/**
 * JSON with the members of every object in one order. The value comes from a parsed body, so it has no cycles; what is
 * nested too deep is never accepted, so it needs to be no other text than its like, only another than any JSON.
 */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > JSON_DEPTH) return '…';
  if (Array.isArray(value)) return `[${value.map((entry) => canonicalJson(entry, depth + 1)).join()}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? 'null';
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name], depth + 1)}`);
  return `{${members.join()}}`;
}
