import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import type { Caller, Reach } from './caller.js';
import type { Scope } from './scopes.js';

/**
 * Who may use a route: the holder of any one of these scopes, or, declared open, everybody without a key.
 * `reach`: the narrowest key that it serves; within it the route itself looks at what its URL names.
 * `countsItself`: the route looks at the key's rate by itself, because a known Idempotency-Key goes before it.
 * `fromAnyPage`: pages of every origin may use it, since official clients call it from the browser.
 */
export type Policy =
  | { readonly anyOf: readonly [Scope, ...Scope[]]; readonly reach: Reach; readonly countsItself?: true }
  | { readonly open: true; readonly fromAnyPage?: true };

declare module 'fastify' {
  interface FastifyContextConfig {
    policy?: Policy;
  }
  interface FastifyRequest {
    /** Whose key it was; `undefined` on open routes only. */
    caller: Caller | undefined;
  }
}

/**
 * A route without a declared policy does not register: a door that nobody thought about stays shut.
 * Each route gets the guard of its policy in front of everything else, before its body is read.
 */
export function requirePolicies(app: FastifyInstance, guardOf: (policy: Policy) => onRequestHookHandler): void {
  app.addHook('onRoute', (route) => {
    const policy = route.config?.policy;
    if (policy === undefined) throw new Error(`${String(route.method)} ${route.url} declares no policy.`);
    const others = route.onRequest === undefined ? [] : [route.onRequest].flat();
    route.onRequest = [guardOf(policy), ...others];
  });
}
