import { hash } from 'node:crypto';
import { isObject } from '@backchannel/protocol';

/** How long to wait is a matter of the request, not of what it asks for. */
const OF_THE_WAIT = new Set(['wait_for', 'timeout_ms']);

/** What "the same body" means for an Idempotency-Key: SHA-256, base64url, of the route and the body's canonical JSON. */
export function fingerprint(route: string, body: unknown): string {
  const asked = isObject(body) ? Object.fromEntries(Object.entries(body).filter(([name]) => !OF_THE_WAIT.has(name))) : body;
  return hash('sha256', `${route}\n${canonicalJson(asked)}`, 'base64url');
}

/** JSON with the members of every object in one order. The value comes from a parsed body, so it has no cycles. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? 'null';
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name])}`);
  return `{${members.join()}}`;
}
