import type { ErrorCode } from '@backchannel/protocol';
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import type { Policy } from './policy.js';

/** One good answer: its JSON by a schema, or another content type without one. */
export type GoodAnswer = {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Of what is not JSON. */
  readonly contentType?: string;
};

/**
 * What a route does, as its callers read it. The document is made of it, and nothing is checked by it at run time:
 * a route reads its query and body itself, by the same schemas.
 */
export type Operation = {
  /** Unique, camelCase; clients that are generated name their methods so. */
  readonly id: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  readonly query?: z.ZodObject;
  /** Parameters of the query that no schema can name, each with its description. */
  readonly queryPatterns?: Readonly<Record<string, string>>;
  readonly body?: { readonly schema: z.ZodType; readonly optional?: true; readonly example?: object };
  readonly answers: Readonly<Record<number, GoodAnswer>>;
  /** What it may refuse, besides what its policy, a body and an Idempotency-Key bring along. */
  readonly errors?: readonly ErrorCode[];
  /** It takes an Idempotency-Key. */
  readonly idempotent?: true;
};

export const TAGS = {
  messages: 'Send a message into a live conversation, and see what became of it.',
  conversations: 'Open, find, read, follow, label and end conversations.',
  agents: 'What a conversation is held with, in ElevenLabs’ shape.',
  'signed URLs': 'How a client gets into a conversation.',
  'API keys': 'Who may do what: keys with scopes, for all agents or some, for ever or a while.',
  server: 'How this server is, and what it offers.',
} as const;
export type Tag = keyof typeof TAGS;

/** A route that is there, with what it declares. `path` has `{name}` for a parameter. */
export type DescribedRoute = { readonly method: string; readonly path: string; readonly policy: Policy; readonly operation: Operation };

declare module 'fastify' {
  interface FastifyContextConfig {
    operation?: Operation;
    /** Why a route is no operation of its own: it answers for others. */
    noOperation?: string;
  }
}

/**
 * A route without a description does not register. The list that is returned fills while routes register; whoever
 * reads it afterwards sees every one that there is.
 */
export function requireDescriptions(app: FastifyInstance): readonly DescribedRoute[] {
  const described: DescribedRoute[] = [];
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.noOperation !== undefined) return;
    const { operation, policy } = config ?? {};
    if (operation === undefined || policy === undefined) throw new Error(`${String(method)} ${url} has no description.`);
    for (const name of [method].flat()) {
      // HEAD comes with its GET, from the framework.
      if (name === 'HEAD') continue;
      const same = described.find((route) => route.operation.id === operation.id);
      if (same !== undefined) throw new Error(`${name} ${url} has the same operation id as ${same.method} ${same.path}.`);
      described.push({ method: name.toLowerCase(), path: url.replace(/:(\w+)/g, '{$1}'), policy, operation });
    }
  });
  return described;
}
