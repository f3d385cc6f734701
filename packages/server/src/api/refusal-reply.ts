import { AppError, ERRORS, type ErrorCode, type Refusal, refuse } from '@backchannel/protocol';
import type { FastifyError, FastifyReply } from 'fastify';

export const JSON_TYPE = 'application/json; charset=utf-8';

declare module 'fastify' {
  interface FastifyReply {
    /** What it was refused with. */
    refusal?: ErrorCode;
  }
  interface FastifyInstance {
    /** Told of every refusal. */
    onRefusal?: (reply: FastifyReply, code: ErrorCode) => void;
  }
}

export type RenderedRefusal = { readonly status: number; readonly body: string; readonly retryAfterSecs?: number };

/**
 * A refusal as ElevenLabs' clients read it: the envelope, or the list of fields where fields are wrong.
 * `retry_after_secs` in a refusal's extra members goes before the table's.
 */
export function renderRefusal(refusal: Refusal, requestId: string): RenderedRefusal {
  const row: (typeof ERRORS)[ErrorCode] & { readonly retryAfterSecs?: number } = ERRORS[refusal.code];
  const { code, param, extra, problems } = refusal;
  const given = extra?.retry_after_secs;
  const retryAfterSecs = typeof given === 'number' ? Math.max(1, Math.ceil(given)) : row.retryAfterSecs;
  const detail =
    problems !== undefined && problems.length > 0
      ? problems
      : {
          ...extra,
          type: row.type,
          code,
          message: refusal.message ?? row.message,
          status: code,
          request_id: requestId,
          ...(param === undefined ? {} : { param }),
        };
  return { status: row.http, body: JSON.stringify({ detail }), ...(retryAfterSecs === undefined ? {} : { retryAfterSecs }) };
}

export function sendRefusal(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const { status, body, retryAfterSecs } = renderRefusal(refusal, reply.request.id);
  reply.refusal = refusal.code;
  reply.server.onRefusal?.(reply, refusal.code);
  if (retryAfterSecs !== undefined) reply.header('retry-after', String(retryAfterSecs));
  return reply.code(status).header('content-type', JSON_TYPE).send(body);
}

/** What the HTTP library itself refuses, in our words. */
const OF_LIBRARY: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_request',
  FST_ERR_BAD_URL: 'route_not_found',
  FST_ERR_MAX_PARAM_LENGTH: 'route_not_found',
};

/** The refusal that an exception stands for (the store's are known by name: they come through its port); `undefined` when it is a fault of ours. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (AppError.is(error)) return error.refusal;
  if (!(error instanceof Error)) return undefined;
  if (error.name === 'InvalidCursorError') return refuse('invalid_cursor', { param: 'cursor' });
  if (error.name === 'AppendError') return refuse('unavailable');
  const { code, statusCode } = error as Partial<FastifyError>; // both absent on any other error
  const known = code === undefined ? undefined : OF_LIBRARY[code];
  if (known !== undefined) return refuse(known);
  return statusCode !== undefined && statusCode >= 400 && statusCode < 500 ? refuse('invalid_request') : undefined;
}
