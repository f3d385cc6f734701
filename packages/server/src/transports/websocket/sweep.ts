import { WebSocket } from 'ws';
import type { Clock } from '../../lib/clock.js';
import { Tally } from '../../lib/tally.js';
import type { ClientSocket, Watch, WatchLimits } from './client-socket.js';
import type { PaceRates } from './frame-pace.js';

/** Milliseconds. `silentPingMs` of silence earn a WebSocket ping; a socket that is silent until `silentLostMs` is lost. */
export type SweepLimits = { readonly silentPingMs: number; readonly silentLostMs: number; readonly sweepMs: number };

/**
 * Finds dead sockets: one alarm for all of a node, and none while there are no sockets. It judges in the phase of
 * the event loop behind the one that reads, so that after a standstill of our own what lies in the
 * buffers is read first: otherwise a server that froze would declare everybody else dead.
 */
export class Sweep implements Watch {
  readonly sockets = new Set<ClientSocket>();
  readonly closed = new Tally();
  private running = false;

  constructor(
    readonly clock: Clock,
    readonly limits: SweepLimits & WatchLimits,
    readonly pace: PaceRates | undefined,
  ) {}

  /** To be called whenever a socket was added. */
  begin(): void {
    if (this.running) return;
    this.running = true;
    this.rest();
  }

  private rest(): void {
    this.clock.alarm(this.clock.mono() + this.limits.sweepMs, () => setImmediate(() => this.judge()));
  }

  private judge(): void {
    const now = this.clock.mono();
    for (const socket of this.sockets) {
      if (socket.readyState === WebSocket.OPEN) this.look(socket, now);
    }
    this.running = this.sockets.size > 0;
    if (this.running) this.rest();
  }

  private look(socket: ClientSocket, now: number): void {
    if (now - socket.heardAt < this.limits.silentPingMs) return;
    // A paused socket is silent because we do not read it.
    if (socket.hasNewBytes() || socket.isPaused) socket.heard();
    else if (socket.askedAt === undefined) {
      socket.askedAt = now;
      socket.ping();
    } else if (now - socket.askedAt >= this.limits.silentLostMs - this.limits.silentPingMs) {
      socket.terminate();
    }
  }
}
