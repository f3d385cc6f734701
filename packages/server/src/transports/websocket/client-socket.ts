import type { Socket } from 'node:net';
import { type RawData, WebSocket } from 'ws';
import type { Clock } from '../../lib/clock.js';
import type { Tally } from '../../lib/tally.js';
import { closeFor, closeOfBreach, nameOfCode } from './closing.js';
import { FramePace, looksLikeAudio, type PaceRates } from './frame-pace.js';

/** Why a client is gone, as far as its socket can tell. */
export type Going = 'left' | 'lost' | 'frame_too_long' | 'server_stopped';

/** Who a socket's frames belong to: first the joiner, then the session. */
export interface SocketOwner {
  /** `data` is valid UTF-8 unless `isBinary`. */
  frame(data: Buffer, isBinary: boolean): void;
  /** Called once at least; `code` is the close code, 1006 when the line was lost without one. */
  gone(reason: Going, code: number): void;
  /** The transport goes away. */
  stopServing(): void;
}

const nobody: SocketOwner = { frame() {}, gone() {}, stopServing() {} };

export type WatchLimits = {
  /** Bytes of one frame from the init on; a longer one closes 1009. */
  readonly maxFrameBytes: number;
  /** Milliseconds that a client's frames may have to wait for its pace; one that sends still faster is closed. */
  readonly maxBehindMs: number;
};

/** What all sockets of a node share. */
export interface Watch {
  readonly clock: Clock;
  readonly sockets: Set<ClientSocket>;
  /** Those that are gone, by close code. */
  readonly closed: Tally;
  /** How fast each client may send; undefined where that is not limited. */
  readonly pace: PaceRates | undefined;
  readonly limits: WatchLimits;
}

/**
 * A client's socket. An idle one must stay small, so its listeners are shared by all and find
 * everything through these fields, and nothing here remembers the upgrade request.
 */
export class ClientSocket extends WebSocket {
  owner: SocketOwner = nobody;
  /** The line below the WebSocket: what is corked, and whose bytes are counted. */
  line: Socket | undefined;
  private watch: Watch | undefined;
  /** When something last came, on the monotonic clock in milliseconds. */
  heardAt = 0;
  /** When it was asked for a sign of life, as above; undefined while it was not. */
  askedAt: number | undefined;
  private bytesSeen = 0;
  /** Whoever waits for the next sign of life; made when first needed. */
  private awaiting: ((alive: boolean) => void)[] | undefined;
  private readonly pace = new FramePace();
  private waitsForPace = false;
  /** How many do not want it to be read at present. */
  private holds = 0;

  /** Bytes that a frame may have. */
  private maxFrameBytes = 0;

  adopt(line: Socket, watch: Watch, owner: SocketOwner, maxFrameBytes: number): void {
    this.maxFrameBytes = maxFrameBytes;
    this.line = line;
    this.watch = watch;
    this.owner = owner;
    watch.sockets.add(this);
    this.heard();
    // Unbound: an emitter calls its listeners with itself as `this`, and a bound one would be a closure a socket.
    this.on('message', this.onMessage);
    this.on('ping', this.onPing);
    this.on('pong', this.onPong);
    this.on('error', this.onError);
    this.on('close', this.onClose);
  }

  heard(): void {
    this.heardAt = this.watch?.clock.mono() ?? 0;
    this.bytesSeen = this.line?.bytesRead ?? 0;
    this.askedAt = undefined;
    if (this.awaiting !== undefined) this.tell(true);
  }

  /** True when bytes came that have not made a whole frame yet. */
  hasNewBytes(): boolean {
    return this.line !== undefined && this.line.bytesRead !== this.bytesSeen;
  }

  /**
   * Asks for a sign of life, and calls `told` once: with true at the next one, with false when the socket closes first.
   * Many who ask at once share one ping.
   */
  askForSign(told: (alive: boolean) => void): void {
    if (this.awaiting !== undefined) {
      this.awaiting.push(told);
      return;
    }
    this.awaiting = [told];
    this.ping();
  }

  /** From now on a frame may be so long. ws knows one limit for all sockets; this one is of the exact version that is installed. */
  takeFrames(maxFrameBytes: number): void {
    this.maxFrameBytes = maxFrameBytes;
    (this as unknown as { _receiver: { _maxPayload: number } })._receiver._maxPayload = maxFrameBytes;
  }

  /** Nothing more is read until everybody who holds it has called `release`. What was read already still comes. */
  hold(): void {
    this.holds++;
    this.pause();
  }

  release(): void {
    this.holds--;
    if (this.holds === 0) this.resume();
  }

  /** ws closes what breaks its protocol with a code and no word; a client that reads why can mend it. */
  override close(code?: number, data?: string | Buffer): void {
    super.close(code, data ?? closeOfBreach(code, this.maxFrameBytes));
  }

  private count(bytes: number, audio: boolean): void {
    const { watch } = this;
    if (watch?.pace === undefined) return;
    const now = watch.clock.mono();
    this.pace.took(watch.pace, now, bytes, audio);
    const behindMs = this.pace.behindMs(now);
    if (behindMs === 0) return;
    if (behindMs > watch.limits.maxBehindMs) this.tooFast(watch.pace);
    else if (!this.waitsForPace) {
      this.waitsForPace = true;
      this.hold();
      this.waitForPace(watch, behindMs);
    }
  }

  private waitForPace(watch: Watch, ms: number): void {
    const now = watch.clock.mono();
    watch.clock.alarm(now + ms, () => {
      const behindMs = this.readyState === WebSocket.OPEN ? this.pace.behindMs(watch.clock.mono()) : 0;
      if (behindMs > 0) this.waitForPace(watch, behindMs);
      else {
        this.waitsForPace = false;
        this.release();
      }
    });
  }

  private tooFast({ framesPerSec, bytesPerSec }: PaceRates): void {
    if (this.readyState !== WebSocket.OPEN) return;
    const { code, reason } = closeFor('rate_limited', `Send at most ${framesPerSec} frames and ${bytesPerSec} bytes a second.`);
    this.owner.gone('lost', code);
    this.close(code, reason);
  }

  private onPing(): void {
    this.heard();
    this.count(0, false);
  }

  private onPong(): void {
    this.heard();
    this.count(0, false);
  }

  private onMessage(data: RawData, isBinary: boolean): void {
    this.heard();
    // ws gives Buffers unless `binaryType` was changed
    this.count((data as Buffer).length, !isBinary && looksLikeAudio(data as Buffer));
    this.owner.frame(data as Buffer, isBinary);
  }

  /** ws closes by itself, with the right code; the close frame that answers may never come, so it counts from here. */
  private onError(error: Error & { code?: string }): void {
    if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') this.owner.gone('frame_too_long', 1009);
    else if (error.code === 'WS_ERR_TOO_MANY_BUFFERED_PARTS') this.owner.gone('lost', 1008);
    else if (error.code === 'WS_ERR_INVALID_UTF8') this.owner.gone('lost', 1007);
    // Other breaches of the protocol are closed with 1002. An error of the line itself is followed by its close.
    else if (error.code?.startsWith('WS_ERR_')) this.owner.gone('lost', 1002);
  }

  /** 1005: some official clients close without a code when their app ends the conversation. */
  private onClose(code: number): void {
    this.watch?.sockets.delete(this);
    this.watch?.closed.add(nameOfCode(code));
    this.tell(false);
    this.owner.gone(code === 1000 || code === 1005 ? 'left' : 'lost', code);
    this.owner = nobody;
  }

  private tell(alive: boolean): void {
    const awaiting = this.awaiting ?? [];
    this.awaiting = undefined;
    for (const told of awaiting) told(alive);
  }
}
