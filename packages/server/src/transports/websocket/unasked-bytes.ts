import type { Socket } from 'node:net';
import type { ErrorCode } from '@backchannel/protocol';

export type UnaskedLimits = {
  /** Bytes that may have come and be no whole message yet, and in how many pieces: each costs memory of its own. */
  readonly maxInitFrameBytes: number;
  readonly maxEarlyChunks: number;
};

/** A frame's head and its mask at most, for frames below 64 KiB. */
const HEAD_BYTES = 8;
/** Heads of parts, pings and pongs, which are not counted one by one. */
const SLACK_BYTES = 1_024;

/**
 * What lies in memory of a peer that has not said yet who it is. ws keeps an unfinished message up to its own limit,
 * which is four times as much, and tells nobody; so this looks at the line beside it. Stopped when the peer has asked.
 */
export class UnaskedBytes {
  private bytes = 0;
  private chunks = 0;

  constructor(
    private readonly line: Socket,
    private readonly limits: UnaskedLimits,
    private readonly tooMuch: (code: ErrorCode, message: string) => void,
  ) {
    line.on('data', this.came);
  }

  /** A whole message has been handed over, from the chunk that `came` hears of after it. */
  frame(bytes: number): void {
    this.bytes -= bytes + HEAD_BYTES;
    this.chunks = 0;
  }

  stop(): void {
    this.line.off('data', this.came);
  }

  private readonly came = (chunk: Buffer): void => {
    const { maxInitFrameBytes, maxEarlyChunks } = this.limits;
    this.bytes = Math.max(0, this.bytes + chunk.length);
    this.chunks++;
    if (this.bytes > maxInitFrameBytes + SLACK_BYTES)
      this.tooMuch('frame_too_long', `Before the init a frame has at most ${maxInitFrameBytes} bytes; send less at once.`);
    else if (this.chunks > maxEarlyChunks) this.tooMuch('invalid_request', 'The first frame came in too many pieces; send it in fewer.');
  };
}
