import { BREACHES, CLOSES, type ClosingCode, closeOfError, closeReason, FAREWELLS, isBreach } from '@backchannel/protocol';
import type { CloseReason } from '../../conversation/client-session.js';

/** A close frame: `reason` has at most 123 bytes of UTF-8 (RFC 6455 §5.5). All are made here, of the table of closes. */
export type Close = { readonly code: number; readonly reason: string };

/** What a line or a client that is gone may leave: no code at all, or a usual one of its own. */
const OF_CLIENTS = [1000, 1001, 1003, 1005, 1006, 1010, 1011];
const KNOWN_CODES: ReadonlySet<number> = new Set([...OF_CLIENTS, ...CLOSES.map(({ code }) => code)]);

/** A close code by which sockets are counted: a client may send any of thousands. */
export const nameOfCode = (code: number): string => (KNOWN_CODES.has(code) ? String(code) : 'other');

/** The close of a client that is not let in, or of one that broke a rule. `message` says more than the table's sentence. */
export const closeFor = (code: ClosingCode, message?: string): Close => closeOfError(code, message);

/** The words that go with a code of ws itself, for a client whose frames broke a rule. */
export function closeOfBreach(code: number | undefined, maxFrameBytes: number): string | undefined {
  if (!isBreach(code)) return undefined;
  const { error, message } = BREACHES[code];
  return closeReason(error, code === 1009 ? `A frame has at most ${maxFrameBytes} bytes; send less at once.` : message);
}

/** The close that a conversation asks for. */
export function closeOf(reason: CloseReason): Close {
  return reason.kind === 'error' ? closeFor(reason.code) : { code: 1000, reason: FAREWELLS[reason.reason].reason };
}
