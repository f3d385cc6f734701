import type { Socket } from 'node:net';
import { isNamedClose, parseJson } from '@backchannel/protocol';
import { type ClientOptions, WebSocket } from 'ws';

export type Frame = { readonly type: string } & Readonly<Record<string, unknown>>;
export type Closed = { readonly code: number; readonly reason: string };

export type RawClientOptions = ClientOptions & { readonly protocols?: readonly string[] };

const INIT = {
  type: 'conversation_initiation_client_data',
  conversation_config_override: { agent: {}, tts: {}, conversation: { text_only: true } },
};

/** Codes that no test closes with itself: a server that does says why. */
const SAID_BY_SERVERS = new Set([1002, 1003, 1007, 1008, 1009, 1011, 1012]);
/** Whether a close began with the server: what only answers the client's has its code, and no reason. */
const isOurs = ({ code, reason }: Closed): boolean => reason !== '' || SAID_BY_SERVERS.has(code);

/** A client by hand: whatever it is told to send, every frame it got, and how it was closed. It answers nothing by itself but WebSocket pings. */
export class RawClient {
  readonly frames: Frame[] = [];
  readonly closed: Promise<Closed>;
  private taken = 0;
  private waiting: (() => void)[] = [];

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => {
      const parsed = parseJson(String(data));
      this.frames.push((parsed.ok ? parsed.value : { type: 'not JSON', data: String(data) }) as Frame);
      for (const wake of this.waiting.splice(0)) wake();
    });
    // Errors of the line are followed by its close, which is what a test looks at.
    socket.on('error', () => {});
    this.closed = new Promise((resolve, reject) => {
      socket.on('close', (code, data) => {
        const seen = { code, reason: String(data) };
        if (isOurs(seen) && !isNamedClose(seen))
          reject(new Error(`${code} “${seen.reason}” is not among the closes that the documents name.`));
        else resolve(seen);
      });
    });
  }

  /** Resolves when the socket is open; rejects when the upgrade is answered by anything else. */
  static open(url: string, { protocols = ['convai'], ...options }: RawClientOptions = {}): Promise<RawClient> {
    const socket = new WebSocket(url, [...protocols], options);
    const client = new RawClient(socket);
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(client));
      socket.once('error', reject);
    });
  }

  /** Objects are sent as JSON, texts and bytes as they are. */
  send(frame: object | string | Uint8Array): void {
    this.socket.send(typeof frame === 'string' || frame instanceof Uint8Array ? frame : JSON.stringify(frame));
  }

  /** Sends an init that asks for text, with `fields` besides. */
  init(fields: object = {}): void {
    this.send({ ...INIT, ...fields });
  }

  /** The next frame that was not taken yet. */
  async next(): Promise<Frame> {
    for (;;) {
      const frame = this.frames[this.taken];
      if (frame !== undefined) {
        this.taken++;
        return frame;
      }
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  /** Resolves when the server has answered a WebSocket ping: whatever it wrote before has arrived by then. */
  roundTrip(): Promise<void> {
    return new Promise((resolve) => {
      this.socket.once('pong', () => resolve());
      this.socket.ping();
    });
  }

  close(code?: number): Promise<Closed> {
    this.socket.close(code);
    return this.closed;
  }

  /** Cuts the line without a close frame. */
  cut(): void {
    this.socket.terminate();
  }

  /** The TCP connection, for what no WebSocket client would do. */
  get line(): Socket {
    // ws keeps it to itself; a client that misbehaves needs it.
    return (this.socket as unknown as { _socket: Socket })._socket;
  }
}
