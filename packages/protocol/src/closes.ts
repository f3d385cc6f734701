import { closeReason, ERRORS, type ErrorCode } from './errors.js';
import type { EndReason } from './event.js';

/**
 * Every close that a conversation socket is ever sent by this server. Closes are made from here alone, and so are the documents
 * of them. What is missing is what a client's own close is answered with: its own code.
 */

type Farewell = { readonly reason: string; readonly description: string };

/** What the client is closed with, 1000, when its conversation ends. */
export const FAREWELLS: Readonly<Record<EndReason, Farewell>> = {
  client_left: { reason: 'user left', description: 'The conversation ended because its client had left it.' },
  ended_by_api: { reason: 'ended by the backend', description: 'A backend has ended the conversation.' },
  end_call: { reason: 'ended by the agent', description: 'The agent has hung up.' },
  max_duration: { reason: 'maximum duration reached', description: 'The agent’s maximum duration is over.' },
  idle: { reason: 'no activity', description: 'Nothing was said for as long as the agent waits.' },
  client_lost: { reason: 'client lost', description: 'The conversation ended because its client was lost and did not come back in time.' },
  never_opened: { reason: 'never opened', description: 'No client came in time.' },
  deleted: { reason: 'deleted', description: 'The conversation was erased.' },
};

const CLOSING = [
  'invalid_api_key',
  'api_key_expired',
  'api_key_revoked',
  'missing_scope',
  'authorization_required',
  'origin_not_allowed',
  'signed_url_used',
  'signed_url_expired',
  'signed_url_invalid',
  'attach_not_available',
  'agent_not_found',
  'conversation_not_found',
  'conversation_ended',
  'override_error',
  'missing_dynamic_variable',
  'rate_limited',
  'invalid_request',
  'superseded',
  'too_slow',
  'unavailable',
  'server_stopping',
  'internal',
] as const satisfies readonly ErrorCode[];

/** An error that a socket may be closed with. */
export type ClosingCode = (typeof CLOSING)[number];

const closing: ReadonlySet<string> = new Set(CLOSING);
export const isClosing = (code: ErrorCode): code is ClosingCode => closing.has(code);

type Breach = { readonly error: ErrorCode; readonly message: string };

/** What breaks the rules of frames; the WebSocket library closes it with these codes and no word of its own. */
export const BREACHES = {
  1002: { error: 'invalid_request', message: 'The frame breaks the WebSocket protocol (RFC 6455).' },
  1007: { error: 'invalid_request', message: 'Text frames hold UTF-8.' },
  1008: { error: 'invalid_request', message: 'The frame came in too many pieces; send it in fewer.' },
  1009: { error: 'frame_too_long', message: 'The frame is longer than the limit; send less at once.' },
} as const satisfies Record<number, Breach>;

export const isBreach = (code: number | undefined): code is keyof typeof BREACHES => code !== undefined && code in BREACHES;

/** ElevenLabs' own sentence, because apps look for it. */
const UNKNOWN_AGENT = 'The AI agent you are trying to reach does not exist.';

/** The close code and the reason (at most 123 bytes) of an error. `message` says more than the table's sentence. */
export function closeOfError(code: ClosingCode, message?: string): { readonly code: number; readonly reason: string } {
  return { code: ERRORS[code].close, reason: code === 'agent_not_found' ? UNKNOWN_AGENT : closeReason(code, message) };
}

export type SocketClose = {
  readonly code: number;
  /** In full; with `…` at its end where more follows. */
  readonly reason: string;
  /** The error that it stands for; none where the conversation just ended. */
  readonly error?: ErrorCode;
  readonly description: string;
};

const LONG_TEXT = 'Or a text of the agent is too long with the client’s overrides and variables in it; the reason names it and its limit.';

/** All of them, as the documents name them. */
export const CLOSES: readonly SocketClose[] = [
  ...Object.values(FAREWELLS).map((farewell) => ({ code: 1000, ...farewell })),
  ...CLOSING.filter((error) => error !== 'invalid_request').map((error) => ({
    code: ERRORS[error].close,
    reason: error === 'agent_not_found' ? UNKNOWN_AGENT : `${error}: …`,
    error,
    description: ERRORS[error].message,
  })),
  ...Object.entries(BREACHES).map(([code, { error, message }]) => ({
    code: Number(code),
    reason: `${error}: …`,
    error,
    // The same code and word as a text that grows too long, which says so itself.
    description: Number(code) === ERRORS.invalid_request.close ? `${message} ${LONG_TEXT}` : message,
  })),
];

/** Whether the documents name a close that a client has seen. */
export const isNamedClose = (seen: { readonly code: number; readonly reason: string }, closes: readonly SocketClose[] = CLOSES): boolean =>
  closes.some(
    ({ code, reason }) =>
      code === seen.code && (reason.endsWith('…') ? seen.reason.startsWith(reason.slice(0, -1)) : seen.reason === reason),
  );
