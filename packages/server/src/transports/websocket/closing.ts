import { closeReason, cutUtf8, ERRORS, type ErrorCode } from '@backchannel/protocol';
import type { CloseReason } from '../../conversation/client-session.js';

/** A close frame: `reason` has at most 123 bytes of UTF-8 (RFC 6455 §5.5). */
export type Close = { readonly code: number; readonly reason: string };

const MAX_REASON_BYTES = 123;

/** ElevenLabs' own sentence, because apps look for it. */
const UNKNOWN_AGENT = 'The AI agent you are trying to reach does not exist.';

/** The close of a client that is not let in, or of one that broke a rule. `message` says more than the table's sentence. */
export function closeFor(code: ErrorCode, message?: string): Close {
  const reason = code === 'agent_not_found' ? UNKNOWN_AGENT : closeReason(code, message);
  return { code: ERRORS[code].close, reason };
}

/** The close that a conversation asks for. */
export function closeOf(reason: CloseReason): Close {
  return reason.kind === 'error' ? closeFor(reason.code) : { code: 1000, reason: cutUtf8(reason.message, MAX_REASON_BYTES) };
}
