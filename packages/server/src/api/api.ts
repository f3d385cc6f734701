import type { ApiParts } from './api-parts.js';
import type { ConversationOwners } from './conversation-owners.js';
import type { IdempotentPosts } from './idempotent-posts.js';
import type { SendCounts } from './metrics.js';
import type { DescribedRoute } from './operation.js';
import type { UnderWay } from './pending.js';
import type { RateLimit } from './rates.js';

export const BASE = '/v1/convai';

/** The parts, and what all routes share. */
export type Api = ApiParts & {
  readonly owners: ConversationOwners;
  readonly posts: IdempotentPosts;
  readonly keyRate: RateLimit;
  readonly conversationRate: RateLimit;
  /** For what comes without a key. */
  readonly openRate: RateLimit;
  readonly feedbackRate: RateLimit;
  /** For pages that ask for a conversation of their own. */
  readonly pageRate: RateLimit;
  /** Messages with an Idempotency-Key that are under way on this node. */
  readonly keyedSends: UnderWay;
  readonly sends: SendCounts;
  /** Every route that is there, once all have registered. */
  readonly routes: readonly DescribedRoute[];
  /** Aborts when the server stops: whoever waits is answered with what is known by then. */
  readonly stopping: AbortSignal;
};
