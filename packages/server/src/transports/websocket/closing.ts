import { closeReason, cutUtf8, ERRORS, type ErrorCode } from '@backchannel/protocol';
import type { CloseReason } from '../../conversation/client-session.js';

/** A close frame: `reason` has at most 123 bytes of UTF-8 (RFC 6455 §5.5). */
export type Close = { readonly code: number; readonly reason: string };

const MAX_REASON_BYTES = 123;

const BREACHES: Readonly<Record<number, string>> = {
  1002: closeReason('invalid_request', 'The frame breaks the WebSocket protocol (RFC 6455).'),
  1007: closeReason('invalid_request', 'Text frames hold UTF-8.'),
  1008: closeReason('invalid_request', 'The frame came in too many pieces; send it in fewer.'),
};

/** ElevenLabs' own sentence, because apps look for it. */
const UNKNOWN_AGENT = 'The AI agent you are trying to reach does not exist.';

/** The close of a client that is not let in, or of one that broke a rule. `message` says more than the table's sentence. */
export function closeFor(code: ErrorCode, message?: string): Close {
  const reason = code === 'agent_not_found' ? UNKNOWN_AGENT : closeReason(code, message);
  return { code: ERRORS[code].close, reason };
}

/** The words that go with a code of ws itself, for a client whose frames broke a rule. */
export function closeOfBreach(code: number | undefined, maxFrameBytes: number): string | undefined {
  if (code === 1009) return closeReason('frame_too_long', `A frame has at most ${maxFrameBytes} bytes; send less at once.`);
  return code === undefined ? undefined : BREACHES[code];
}

/** The close that a conversation asks for. */
export function closeOf(reason: CloseReason): Close {
  return reason.kind === 'error' ? closeFor(reason.code) : { code: 1000, reason: cutUtf8(reason.message, MAX_REASON_BYTES) };
}
