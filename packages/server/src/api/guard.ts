import { AppError, type Refusal, refuse } from '@backchannel/protocol';
import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import { type Caller, type KeyRing, scopeRefusal } from './auth.js';
import type { Policy } from './policy.js';
import type { RateLimit } from './rates.js';
import { sendRefusal } from './refusal-reply.js';

type Parts = { readonly keys: KeyRing; readonly keyRate: RateLimit; readonly stopping: AbortSignal };

const STOPPING = refuse('server_stopping', { message: 'The server is restarting; retry in a moment.' });
const MISSING = refuse('missing_api_key');
const INVALID = refuse('invalid_api_key');

/**
 * What stands in front of a route, before its body is read: is the server going on, whose key is it, may that key
 * do this, and is it within its rate. Written without promises, since nearly every key was seen a moment ago.
 */
export function guardOf({ keys, keyRate, stopping }: Parts): (policy: Policy) => onRequestHookHandler {
  return (policy) => {
    const anyOf = 'open' in policy ? undefined : policy.anyOf;
    const countsItself = 'countsItself' in policy;

    const refusalFor = (request: FastifyRequest, caller: Caller | undefined): Refusal | undefined => {
      if (caller === undefined) return INVALID;
      const lacking = anyOf && scopeRefusal(caller, anyOf);
      if (lacking !== undefined) return lacking;
      request.caller = caller;
      const secs = countsItself ? 0 : keyRate.take(caller.keyId);
      return secs === 0 ? undefined : refuse('rate_limited', { extra: { retry_after_secs: secs } });
    };
    const admit = (request: FastifyRequest, reply: FastifyReply, caller: Caller | undefined, done: (error?: Error) => void): void => {
      const refusal = refusalFor(request, caller);
      if (refusal === undefined) done();
      else sendRefusal(reply, refusal);
    };

    return (request, reply, done) => {
      if (stopping.aborted) {
        sendRefusal(reply.header('connection', 'close'), STOPPING);
        return;
      }
      if (anyOf === undefined) {
        done();
        return;
      }
      const key = request.headers['xi-api-key'];
      if (typeof key !== 'string' || key === '') {
        sendRefusal(reply, MISSING);
        return;
      }
      const caller = keys.callerOf(key);
      if (!(caller instanceof Promise)) {
        admit(request, reply, caller, done);
        return;
      }
      caller.then(
        (found) => admit(request, reply, found, done),
        (error: unknown) => done(AppError.of('unavailable', {}, { cause: error })),
      );
    };
  };
}
