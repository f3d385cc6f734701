/**
 * The one table of errors. REST renders a row as ElevenLabs' envelope, sockets as a close code with a
 * reason that begins with the code. Every message says in one sentence what to do next.
 */
export type ErrorType =
  | 'authentication_error'
  | 'permission_error'
  | 'not_found'
  | 'conflict'
  | 'gone'
  | 'validation_error'
  | 'rate_limit_error'
  | 'unavailable';

type Row = {
  readonly http: number;
  readonly type: ErrorType;
  readonly close: number;
  readonly message: string;
  readonly retryAfterSecs?: number;
};

const row = (http: number, type: ErrorType, close: number, message: string, retryAfterSecs?: number): Row =>
  retryAfterSecs === undefined ? { http, type, close, message } : { http, type, close, message, retryAfterSecs };

export const ERRORS = {
  missing_api_key: row(401, 'authentication_error', 1008, 'Send your API key in the xi-api-key header.'),
  invalid_api_key: row(401, 'authentication_error', 1008, 'This API key is not known here; check the xi-api-key header.'),
  api_key_expired: row(401, 'authentication_error', 1008, 'This API key has expired; use another, or have one made.'),
  api_key_revoked: row(401, 'authentication_error', 1008, 'This API key was revoked; use another, or have one made.'),
  api_key_not_found: row(404, 'not_found', 1008, 'No such API key in this workspace; GET /v1/convai/api-keys lists them.'),
  api_key_shown_once: row(
    409,
    'conflict',
    1008,
    'The key was made and shown once; revoke it and make another, under another Idempotency-Key.',
  ),
  too_many_api_keys: row(409, 'conflict', 1008, 'The workspace holds 1,000 API keys; revoke one first.'),
  last_admin_key: row(409, 'conflict', 1008, 'No other key of the workspace has the scope admin; make one first.'),
  invalid_token: row(
    401,
    'authentication_error',
    1008,
    'This token is not known here, or no longer; ask whoever gave it to you for a new one.',
  ),
  narrowed_key: row(403, 'permission_error', 1008, 'This key reaches a part of the workspace only; use one that reaches all of it.'),
  missing_scope: row(403, 'permission_error', 1008, 'This API key lacks the scope that the route needs; use another key.'),
  authorization_required: row(
    401,
    'authentication_error',
    1008,
    'This agent is private: connect with a signed URL from GET /v1/convai/conversation/get-signed-url.',
  ),
  origin_not_allowed: row(403, 'permission_error', 1008, 'Add this origin to the agent’s allowlist.'),
  page_only_local: row(
    403,
    'permission_error',
    1008,
    'Only a page on the server’s own machine is given a conversation; from elsewhere send with an API key.',
  ),
  signed_url_used: row(410, 'gone', 1008, 'Each signed URL joins once: mint one with conversation_id to come back.'),
  signed_url_expired: row(410, 'gone', 1008, 'Signed URLs start within 15 minutes: mint a new one.'),
  signed_url_invalid: row(401, 'authentication_error', 1008, 'The signature does not fit: use the signed_url exactly as it was minted.'),
  attach_not_available: row(409, 'conflict', 1008, 'A client is present; mint with join=resume to replace it.'),
  agent_not_found: row(404, 'not_found', 3000, 'The AI agent you are trying to reach does not exist; check agent_id.'),
  conversation_not_found: row(404, 'not_found', 1008, 'No such conversation here; check the id and the API key’s workspace.'),
  message_not_found: row(404, 'not_found', 1008, 'No such message in this conversation; use the message_id that the send answered.'),
  route_not_found: row(404, 'not_found', 1008, 'There is no such route; GET /openapi.json lists those that exist.'),
  upgrade_required: row(
    426,
    'validation_error',
    1008,
    'This is a WebSocket, and the request came without its Upgrade header: a proxy in between may drop it; docs/https.md says what to set.',
  ),
  method_not_allowed: row(405, 'validation_error', 1008, 'This route exists with another method; GET /openapi.json lists it.'),
  conversation_ended: row(410, 'gone', 1008, 'The conversation is over; open a new one to go on.'),
  already_applied: row(409, 'conflict', 1008, 'The message is already applied and cannot be taken back.'),
  condition_not_met: row(
    409,
    'conflict',
    1008,
    'The condition in "if" does not hold now; nothing was queued, try again later or drop the condition.',
  ),
  no_takeover: row(409, 'conflict', 1008, 'A human_message needs a takeover; send an agent_message to speak as the agent.'),
  idempotency_key_pending: row(
    409,
    'conflict',
    1008,
    'The first request with this Idempotency-Key is still being stored; retry with the same key.',
    1,
  ),
  idempotency_key_reused: row(
    422,
    'validation_error',
    1008,
    'This Idempotency-Key was used with another body; use a new key for a new message.',
  ),
  idempotency_key_invalid: row(422, 'validation_error', 1008, 'An Idempotency-Key is 1 to 255 visible ASCII characters.'),
  too_many_keys: row(429, 'rate_limit_error', 1008, 'This conversation holds 100,000 idempotency keys; send without a key.', 60),
  too_many_waiting: row(
    429,
    'rate_limit_error',
    1008,
    'Too many messages are waiting in this conversation; retry when some were applied.',
    1,
  ),
  too_many_contexts: row(
    409,
    'conflict',
    1008,
    'This conversation holds its most context ids, or the most text under them; reuse one, or send it without a context_id.',
  ),
  rate_limited: row(429, 'rate_limit_error', 1008, 'Too many requests; retry after the given seconds.', 1),
  text_too_long: row(413, 'validation_error', 1008, 'A text has at most 16,384 bytes of UTF-8; send it in parts.'),
  payload_too_large: row(413, 'validation_error', 1009, 'The request is larger than the limit; send less at once.'),
  invalid_request: row(422, 'validation_error', 1008, 'The request is not valid; see the message for the field.'),
  malformed_json: row(422, 'validation_error', 1008, 'The body is not valid JSON; send application/json.'),
  unsupported_media_type: row(415, 'validation_error', 1008, 'Send the body as application/json.'),
  invalid_cursor: row(422, 'validation_error', 1008, 'The cursor is not one of ours; leave it out to start from the beginning.'),
  wrong_agent: row(422, 'validation_error', 1008, 'The conversation belongs to another agent; give that agent’s id.'),
  invalid_message_combination: row(422, 'validation_error', 1008, 'This combination of type, urgency and reply does not exist.'),
  agent_url_refused: row(
    422,
    'validation_error',
    1008,
    'Model URLs come from the server’s environment only; set BACKCHANNEL_LLM_URL there.',
  ),
  override_error: row(422, 'validation_error', 1008, 'The agent does not permit this override.'),
  missing_dynamic_variable: row(
    422,
    'validation_error',
    1008,
    'The agent’s texts need variables that were not given in dynamic_variables.',
  ),
  webrtc_not_enabled: row(400, 'validation_error', 1008, "WebRTC is not enabled here yet; use connectionType:'websocket'."),
  public_url_missing: row(503, 'unavailable', 1011, 'Set BACKCHANNEL_PUBLIC_URL=https://your-host so that signed URLs can be minted.'),
  unavailable: row(503, 'unavailable', 1011, 'Not acknowledged, possibly stored; retry with the same Idempotency-Key.', 1),
  server_stopping: row(503, 'unavailable', 1012, 'The server is restarting; join again with a signed URL that names the conversation.', 1),
  internal: row(500, 'unavailable', 1011, 'Something broke on this server; its log has the request id.'),
  superseded: row(409, 'conflict', 4409, 'Another client took this conversation over; do not reconnect by yourself.'),
  too_slow: row(503, 'unavailable', 4008, 'The client did not read fast enough; join again.'),
  frame_too_long: row(413, 'validation_error', 1009, 'The frame is longer than the limit; send less at once.'),
  not_supported: row(422, 'validation_error', 1008, 'This is not supported here.'),
} as const satisfies Record<string, Row>;

export type ErrorCode = keyof typeof ERRORS;

/** A field of body or query that is not as it should be: ElevenLabs' 422 item. */
export type FieldProblem = { readonly loc: readonly (string | number)[]; readonly msg: string; readonly type: string };

/** A refusal as data: it crosses the bus, and REST, sockets and the SDK render it. */
export type Refusal = {
  readonly ok: false;
  readonly code: ErrorCode;
  /** Says more than the table's sentence, where there is more to say. */
  readonly message?: string;
  readonly param?: string;
  /** Further members of the envelope (`ended_at`, `reason`, `last_seq`, `agent_state`, …). */
  readonly extra?: Readonly<Record<string, unknown>>;
  readonly problems?: readonly FieldProblem[];
};

export type Answer<T> = ({ readonly ok: true } & T) | Refusal;

export function refuse(code: ErrorCode, more: Omit<Refusal, 'ok' | 'code'> = {}): Refusal {
  return { ok: false, code, ...more };
}

const BRAND = Symbol.for('backchannel.AppError');

/** A refusal on its way up a call stack. `AppError.is` works across copies of this package. */
export class AppError extends Error {
  readonly [BRAND] = true;
  constructor(
    readonly refusal: Refusal,
    options?: ErrorOptions,
  ) {
    super(refusal.message ?? ERRORS[refusal.code].message, options);
    this.name = 'AppError';
  }
  static of(code: ErrorCode, more: Omit<Refusal, 'ok' | 'code'> = {}, options?: ErrorOptions): AppError {
    return new AppError(refuse(code, more), options);
  }
  static is(error: unknown): error is AppError {
    return typeof error === 'object' && error !== null && BRAND in error;
  }
}

/** A close reason of at most 123 bytes (RFC 6455 §5.5) that begins with the code, cut between graphemes. */
export function closeReason(code: ErrorCode, message: string = ERRORS[code].message): string {
  return cutUtf8(`${code}: ${message}`, 123);
}

/** The longest prefix of whole graphemes that fits into `bytes` of UTF-8. */
export function cutUtf8(text: string, bytes: number): string {
  const encoder = new TextEncoder();
  if (encoder.encode(text).length <= bytes) return text;
  let cut = '';
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += encoder.encode(segment).length;
    if (used > bytes) break;
    cut += segment;
  }
  return cut;
}
