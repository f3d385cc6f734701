import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Server, WebSocketServer } from 'ws';
import type { OpenConversation } from '../../conversation/joining.js';
import type { Clock } from '../../lib/clock.js';
import type { Log } from '../../lib/log.js';
import type { Tally } from '../../lib/tally.js';
import { ClientSocket, type WatchLimits } from './client-socket.js';
import type { PaceRates } from './frame-pace.js';
import { type Connected, Joiner, type JoinerContext, type JoinerLimits, type Refused } from './joiner.js';
import type { SessionLimits } from './session.js';
import { Sweep, type SweepLimits } from './sweep.js';
import { isConversationPath, readArrival, selectProtocol } from './upgrade-request.js';

export type { Connected, Refused } from './joiner.js';

export type WebSocketLimits = SessionLimits &
  JoinerLimits &
  SweepLimits &
  WatchLimits & {
    /** Parts of one message, and chunks of one frame: many tiny ones cost far more memory than they carry. */
    readonly maxFragments: number;
    readonly maxBufferedChunks: number;
    /** Milliseconds that a peer may take to answer a close frame. */
    readonly closeWaitMs: number;
  };

export type WebSocketOptions = {
  readonly openConversation: OpenConversation;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: WebSocketLimits;
  /** A path that may stand before `/v1/convai/conversation`, without a slash at its end. */
  readonly pathPrefix?: string;
  /** How fast each client may send; not limited when left out. */
  readonly pace?: PaceRates;
  readonly onConnected?: (client: Connected) => void;
  readonly onRefused?: (client: Refused) => void;
  /** Has to answer an upgrade that breaks the rules and to end its line; the library answers by itself when left out. */
  readonly onBadUpgrade?: (why: string, line: Duplex) => void;
};

/** The conversation socket: takes upgrades from whoever listens, and hands each client to the injected `openConversation`. */
export interface WebSocketTransport {
  /** True when the path is ours and the socket is taken; with false it is still the caller's. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Lets nobody in any more and closes every client with 1012; resolves when all sockets are closed. */
  close(): Promise<void>;
  /** Open sockets, those that are not in yet included. */
  readonly count: number;
  /** Sockets that are gone, by close code. */
  readonly closed: Tally;
}

export function createWebSocketTransport(options: WebSocketOptions): WebSocketTransport {
  return new Transport(options);
}

class Transport implements WebSocketTransport {
  private readonly server: Server<typeof ClientSocket>;
  private readonly sweep: Sweep;
  private readonly context: JoinerContext;
  private stopping = false;

  constructor(private readonly options: WebSocketOptions) {
    const { clock, log, limits, openConversation, onConnected = () => {}, onRefused = () => {} } = options;
    this.context = { clock, log, limits, openConversation, onConnected, onRefused };
    this.sweep = new Sweep(clock, limits, options.pace);
    // Known to ws and not to its types. Of pings in one packet, ws answers so many; a client's pace closes it before.
    const closing = { closeTimeout: limits.closeWaitMs, maxPendingAutoPongs: limits.maxBufferedChunks };
    this.server = new WebSocketServer({
      noServer: true,
      // Of ws itself: it would cost a closure a socket; `sweep.sockets` knows them all.
      clientTracking: false,
      WebSocket: ClientSocket,
      perMessageDeflate: false,
      // Until the init; then `takeFrames`.
      maxPayload: limits.maxInitFrameBytes,
      maxFragments: limits.maxFragments,
      maxBufferedChunks: limits.maxBufferedChunks,
      ...closing,
      handleProtocols: selectProtocol,
    });
    const { onBadUpgrade } = options;
    if (onBadUpgrade) this.server.on('wsClientError', ({ message }, line) => onBadUpgrade(message, line));
    this.accept = this.accept.bind(this);
  }

  get count(): number {
    return this.sweep.sockets.size;
  }

  get closed(): Tally {
    return this.sweep.closed;
  }

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    if (!isConversationPath(request, this.options.pathPrefix ?? '')) return false;
    // One bound function for all: a closure here would keep the request for the life of the socket.
    this.server.handleUpgrade(request, socket, head, this.accept);
    return true;
  }

  private accept(socket: ClientSocket, request: IncomingMessage): void {
    const joiner = new Joiner(socket, request.socket, readArrival(request), this.context);
    socket.adopt(request.socket, this.sweep, joiner, this.options.limits.maxInitFrameBytes);
    this.sweep.begin();
    if (this.stopping) joiner.stopServing();
  }

  async close(): Promise<void> {
    this.stopping = true;
    const closed = [...this.sweep.sockets].map(
      (socket) =>
        new Promise<void>((resolve) => {
          socket.once('close', () => resolve());
          socket.owner.stopServing();
        }),
    );
    await Promise.all(closed);
  }
}
