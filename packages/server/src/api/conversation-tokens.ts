import { type ConversationId, randomPart } from '@backchannel/protocol';
import { hashKey } from '../lib/api-key.js';
import type { Clock } from '../lib/clock.js';
import type { Caller } from './caller.js';
import type { Scope } from './scopes.js';

/** `expiresAt` in milliseconds since 1970. */
export type MintedToken = { readonly token: string; readonly expiresAt: number };

/** What the holder may do, in its conversation alone. */
export const TOKEN_SCOPES: readonly Scope[] = ['conversations:read', 'messages:write', 'messages:speak'];

const PREFIX = 'bct_';
const SCOPES_OF_TOKEN: ReadonlySet<Scope> = new Set(TOKEN_SCOPES);

type Held = { readonly caller: Caller; readonly until: number };

/** True for what could be a token; an API key never begins like that. */
export const looksLikeToken = (text: string): boolean => text.startsWith(PREFIX);

/**
 * Tokens for one conversation each, to be handed to a page. They live in this process alone and for a limited time: a start
 * begins without any, and of more than `mostHeld` the oldest goes. Held by their hash, so that a dump of memory has none to use.
 */
export class ConversationTokens {
  private readonly held = new Map<string, Held>();

  constructor(
    private readonly clock: Clock,
    private readonly limits: { readonly tokenMs: number; readonly mostHeld: number },
  ) {}

  mint(workspaceId: string, conversationId: ConversationId): MintedToken {
    const token = `${PREFIX}${randomPart()}${randomPart()}`;
    const { tokenMs, mostHeld } = this.limits;
    const caller: Caller = { workspaceId, keyId: `token_${randomPart()}`, scopes: SCOPES_OF_TOKEN, conversationId };
    this.held.set(hashKey(token), { caller, until: this.clock.mono() + tokenMs });
    for (const oldest of this.held.keys()) {
      if (this.held.size <= mostHeld) break;
      this.held.delete(oldest);
    }
    return { token, expiresAt: this.clock.wall() + tokenMs };
  }

  /** `undefined` for a token that is unknown, over, or of another life of this process. */
  callerOf(token: string): Caller | undefined {
    const hash = hashKey(token);
    const held = this.held.get(hash);
    if (held === undefined) return undefined;
    if (this.clock.mono() < held.until) return held.caller;
    this.held.delete(hash);
    return undefined;
  }
}
