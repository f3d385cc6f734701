import { createHmac } from 'node:crypto';
import { AppError, type Refusal, refuse } from '@backchannel/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../lib/clock.js';
import type { ReplayEntry, ReplayStore } from '../store/store.js';
import type { ApiLimits } from './api-parts.js';
import { callerOf } from './caller.js';
import { fingerprint } from './fingerprint.js';
import { idempotencyKeyOf } from './idempotency-key.js';
import { within } from './pending.js';
import type { RateLimit } from './rates.js';
import { JSON_TYPE, sendRefusal } from './refusal-reply.js';

/** What a POST made: its status and body, or why it did not. `kept`: what is remembered for a retry in place of the body. */
export type Made = { readonly ok: true; readonly status: number; readonly body: string; readonly kept?: string } | Refusal;

/** What a retry is answered with; the same status and what was kept unless told. */
export type Replay = (kept: string) => Refusal;

/**
 * Makes the thing. With a key, `idPart` is what its id has to be made of: the same request under the same key
 * always names the same thing, so one that was made just before a crash is found again instead of made twice.
 */
export type Make = (idPart: string | undefined) => Promise<Made>;

type Done = Made & { readonly replayed?: true };

const UNAVAILABLE = refuse('unavailable');
const PENDING = refuse('idempotency_key_pending');
const REUSED = refuse('idempotency_key_reused', { param: 'Idempotency-Key' });
/** 136 bits, written in hexadecimal digits. */
const ID_PART_LENGTH = 34;

export type IdempotentPostsParts = {
  readonly stored: ReplayStore;
  readonly clock: Clock;
  readonly limits: Pick<ApiLimits, 'acknowledgeMs' | 'replayPendingMs'>;
  /** Ids that keys name are derived from it, so that nobody can guess them. */
  readonly secret: string;
  readonly keyRate: RateLimit;
};

/** POSTs outside a conversation: what was made is remembered 24 h by workspace, route and key. */
export class IdempotentPosts {
  /** The newest request of each scope that is under way. */
  private readonly underWay = new Map<string, Promise<Done>>();

  constructor(private readonly parts: IdempotentPostsParts) {}

  /** A known key is answered before the rate is looked at, which therefore is looked at here. */
  async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    route: string,
    body: unknown,
    make: Make,
    replay?: Replay,
  ): Promise<FastifyReply> {
    const { workspaceId, keyId } = callerOf(request);
    const key = idempotencyKeyOf(request);
    if (key === undefined) {
      this.demandRate(keyId);
      return send(reply, await this.inTime(make(undefined)));
    }
    const scope = `${workspaceId} ${route} ${key}`;
    const before = this.underWay.get(scope);
    const work = this.after(before, scope, () => this.findOrMake(scope, fingerprint(route, body), keyId, make, replay));
    const { clock, limits } = this.parts;
    return send(reply, await (before === undefined ? this.inTime(work) : within(clock, limits.replayPendingMs, work, PENDING)));
  }

  private inTime(work: Promise<Done>): Promise<Done> {
    return within(this.parts.clock, this.parts.limits.acknowledgeMs, work, UNAVAILABLE);
  }

  /** One after the other for one scope, so that a retry finds what its first has made. */
  private after(before: Promise<Done> | undefined, scope: string, next: () => Promise<Done>): Promise<Done> {
    // What became of the one before is for its own caller, also when it failed.
    const work = before === undefined ? next() : before.then(next, next);
    this.underWay.set(scope, work);
    const leave = (): void => {
      if (this.underWay.get(scope) === work) this.underWay.delete(scope);
    };
    work.then(leave, leave);
    return work;
  }

  private async findOrMake(scope: string, print: string, keyId: string, make: Make, replay: Replay | undefined): Promise<Done> {
    const known = await this.parts.stored.get(scope);
    if (known !== undefined) return replayOf(known, print, replay);
    this.demandRate(keyId);
    const made = await make(createHmac('sha256', this.parts.secret).update(`${scope} ${print}`).digest('hex').slice(0, ID_PART_LENGTH));
    if (!made.ok) return made;
    const entry = { fingerprint: print, status: made.status, body: made.kept ?? made.body, at: this.parts.clock.wall() };
    const first = await this.parts.stored.put(scope, entry);
    return first.body === entry.body ? made : replayOf(first, print, replay);
  }

  private demandRate(keyId: string): void {
    const secs = this.parts.keyRate.take(keyId);
    if (secs > 0) throw AppError.of('rate_limited', { extra: { retry_after_secs: secs } });
  }
}

function replayOf({ fingerprint, status, body }: ReplayEntry, print: string, replay: Replay | undefined): Done {
  if (fingerprint !== print) return REUSED;
  return replay === undefined ? { ok: true, status, body, replayed: true } : { ...replay(body), replayed: true };
}

function send(reply: FastifyReply, made: Done): FastifyReply {
  if (made.replayed === true) reply.header('idempotent-replayed', 'true');
  if (!made.ok) return sendRefusal(reply, made);
  return reply.code(made.status).header('content-type', JSON_TYPE).send(made.body);
}
