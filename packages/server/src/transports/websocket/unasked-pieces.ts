import type { Socket } from 'node:net';

/**
 * Counts the pieces in which something comes that is no whole message yet, from a peer that has not said who it is:
 * each costs memory of its own, and ws would keep four times as many. Stopped when the peer has asked.
 */
export class UnaskedPieces {
  private pieces = 0;

  constructor(
    private readonly line: Socket,
    private readonly most: number,
    private readonly tooMany: () => void,
  ) {
    line.on('data', this.came);
  }

  /** A whole message has been handed over. */
  message(): void {
    this.pieces = 0;
  }

  stop(): void {
    this.line.off('data', this.came);
  }

  private readonly came = (): void => {
    this.pieces++;
    if (this.pieces > this.most) this.tooMany();
  };
}
