import type { ConversationId } from '@backchannel/protocol';
import type { Clock } from '../lib/clock.js';
import type { Log } from '../lib/log.js';
import type { Router } from '../routing/router-port.js';
import type { Store } from '../store/store.js';
import type { Whose } from './conversation-owners.js';
import type { ConversationTokens } from './conversation-tokens.js';
import type { CreateConversation } from './create-conversation.js';
import type { KeyEnds } from './key-ends.js';
import type { ServerNumbers } from './metrics.js';
import type { Rate } from './rates.js';

/** The limits of the server's configuration that concern its REST door: times in milliseconds, sizes in bytes. */
export type ApiLimits = {
  readonly signedUrlMs: number;
  /** A POST that is not durable by then is answered 503. */
  readonly acknowledgeMs: number;
  /** A retry whose first is not durable by then is answered 409. */
  readonly replayPendingMs: number;
  readonly maxBodyBytes: number;
  /** For the head of a request to arrive, and for the whole of it; `httpCheckMs` is how often that is looked at. */
  readonly requestHeadMs: number;
  readonly requestMs: number;
  readonly httpCheckMs: number;
  /** Between two requests of a connection. */
  readonly keepAliveMs: number;
  /** Without a byte in either direction. */
  readonly stalledMs: number;
  /** Between the answer to what cannot be read and the end of its connection. */
  readonly goodbyeMs: number;
  /** Requests a second that may come without a key: to all routes together, and to one conversation. */
  readonly openPerSec: number;
  readonly openPerConversation: number;
  /** Conversations a second that pages may ask for. */
  readonly pagesPerSec: number;
};

export type ApiConfig = {
  /** Where the outside finds this server; a path prefix in it is kept. */
  readonly publicUrl?: string;
  /** What the server is bound to. */
  readonly host: string;
  /** Whose pages may use routes that want a key, besides those on loopback. */
  readonly corsOrigins: readonly string[];
  readonly rates: { readonly perConversation: Rate; readonly perKey: Rate };
};

/** What the API is built from: everything that it may know. */
export type ApiParts = {
  readonly router: Router;
  readonly store: Store;
  readonly createConversation: CreateConversation;
  readonly clock: Clock;
  readonly log: Log;
  readonly config: ApiConfig;
  readonly limits: ApiLimits;
  /** Whose a conversation is that lives on this node and has not ended. */
  readonly liveHere: (id: ConversationId) => Whose | undefined;
  /** Is told of keys that are revoked here, and tells who is in the middle of something. */
  readonly keyEnds: KeyEnds;
  /** Tokens for one conversation, which pages come with. */
  readonly tokens: ConversationTokens;
  /** Signs the URLs that are minted. */
  readonly signingSecret: string;
  readonly page: {
    /** Where it was built, when not in its own package. */
    readonly folder?: string;
    /** Where whoever runs this server finds the API key: a file, seen from where it was started, or a variable. Never the key. */
    readonly key: { readonly file: string } | { readonly variable: string };
  };
  /** What of an agent's stored configuration is not served here, a sentence each. */
  readonly agentWarnings: (config: string) => readonly string[];
  /** Whether requests can be answered now; `store` says how it is. */
  readonly ready: () => { readonly ok: boolean; readonly store: string };
  /** How things are now, for whoever scrapes. */
  readonly numbers: () => ServerNumbers;
};
