import { AppError, type Refusal, refuse } from '@backchannel/protocol';
import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import type { KeyRing } from './auth.js';
import { type Caller, reachRefusal, scopeRefusal } from './caller.js';
import { type ConversationTokens, looksLikeToken } from './conversation-tokens.js';
import type { Policy } from './policy.js';
import type { RateLimit } from './rates.js';
import { sendRefusal } from './refusal-reply.js';

type Parts = {
  readonly keys: KeyRing;
  readonly tokens: ConversationTokens;
  readonly keyRate: RateLimit;
  readonly stopping: AbortSignal;
};

const STOPPING = refuse('server_stopping', { message: 'The server is restarting; retry in a moment.' });
const MISSING = refuse('missing_api_key');
const INVALID_TOKEN = refuse('invalid_token');
const BEARER = /^Bearer +(\S+) *$/i;

/**
 * What stands in front of a route, before its body is read: is the server going on, whose key is it, may that key
 * do this, and is it within its rate. Written without promises, since nearly every key was seen a moment ago.
 */
export function guardOf({ keys, tokens, keyRate, stopping }: Parts): (policy: Policy) => onRequestHookHandler {
  return (policy) => {
    const wanted = 'open' in policy ? undefined : policy;

    const refusalFor = (request: FastifyRequest, caller: Caller): Refusal | undefined => {
      // First, so that the log can say whose key it is that may not.
      request.caller = caller;
      const lacking = wanted && (reachRefusal(caller, wanted.reach) ?? scopeRefusal(caller, wanted.anyOf));
      if (lacking !== undefined) return lacking;
      const secs = wanted?.countsItself ? 0 : keyRate.take(caller.keyId);
      return secs === 0 ? undefined : refuse('rate_limited', { extra: { retry_after_secs: secs } });
    };
    const admit = (request: FastifyRequest, reply: FastifyReply, caller: Caller | Refusal, done: (error?: Error) => void): void => {
      const refusal = 'ok' in caller ? caller : refusalFor(request, caller);
      if (refusal === undefined) done();
      else sendRefusal(reply, refusal);
    };

    return (request, reply, done) => {
      if (stopping.aborted) {
        sendRefusal(reply.header('connection', 'close'), STOPPING);
        return;
      }
      if (wanted === undefined) {
        done();
        return;
      }
      const key = credentialOf(request);
      if (key === undefined) {
        sendRefusal(reply, MISSING);
        return;
      }
      if (looksLikeToken(key)) {
        admit(request, reply, tokens.callerOf(key) ?? INVALID_TOKEN, done);
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

/** What the request came with; `Authorization: Bearer` carries tokens alone, as keys have their own header. */
function credentialOf({ headers }: FastifyRequest): string | undefined {
  const key = headers['xi-api-key'];
  if (typeof key === 'string' && key !== '') return key;
  const token = BEARER.exec(headers.authorization ?? '')?.[1];
  return token !== undefined && looksLikeToken(token) ? token : undefined;
}
