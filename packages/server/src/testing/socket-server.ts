import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { silentLog } from '../lib/log.js';
import {
  createWebSocketTransport,
  type WebSocketLimits,
  type WebSocketOptions,
  type WebSocketTransport,
} from '../transports/websocket/accept.js';
import { type FakeConversation, FakeOpening } from './fake-opening.js';
import { ManualClock } from './manual-clock.js';
import { RawClient, type RawClientOptions } from './raw-client.js';

export const SOCKET_LIMITS: WebSocketLimits = {
  initWaitMs: 5_000,
  metadataAloneMs: 100,
  metadataReadMs: 1_000,
  maxFrameBytes: 262_144,
  maxInitFrameBytes: 65_536,
  maxEarlyBytes: 262_144,
  maxUnsentBytes: 1_048_576,
  maxUnanswered: 64,
  silentPingMs: 5_000,
  silentLostMs: 10_000,
  sweepMs: 250,
  maxFragments: 256,
  maxBufferedChunks: 1_024,
  maxEarlyChunks: 256,
  maxBehindMs: 30_000,
  closeWaitMs: 1_000,
};

/** The conversation socket on a port of its own, with conversations by hand and a clock that a test moves. */
export class SocketServer {
  readonly clock = new ManualClock();
  readonly opening = new FakeOpening();
  /** The server's ends of the TCP connections, in the order they came. */
  readonly lines: Socket[] = [];
  readonly transport: WebSocketTransport;
  private readonly http: Server;
  private readonly clients: RawClient[] = [];

  constructor(options: Partial<WebSocketOptions> = {}) {
    this.transport = createWebSocketTransport({
      openConversation: this.opening.open,
      clock: this.clock,
      log: silentLog,
      limits: SOCKET_LIMITS,
      ...options,
    });
    this.http = createServer();
    this.http.on('connection', (line) => this.lines.push(line));
    this.http.on('upgrade', (request, line, head) => {
      if (!this.transport.handleUpgrade(request, line, head)) line.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
    });
  }

  async start(): Promise<this> {
    this.http.listen(0, '127.0.0.1');
    await once(this.http, 'listening');
    return this;
  }

  get origin(): string {
    return `ws://127.0.0.1:${(this.http.address() as AddressInfo).port}`; // it listens on TCP
  }

  /** A client that is connected and has sent nothing. */
  async connect(path = '/v1/convai/conversation?agent_id=agent_a', options: RawClientOptions = {}): Promise<RawClient> {
    const client = await RawClient.open(`${this.origin}${path}`, options);
    this.clients.push(client);
    return client;
  }

  /** A client that asked for text and was let in; its metadata is taken, and its 100 ms are over unless `fresh`. */
  async join({ fresh = false } = {}): Promise<{ client: RawClient; conversation: FakeConversation }> {
    const client = await this.connect();
    const index = this.opening.conversations.length;
    client.init();
    const conversation = await this.opening.asked(index);
    await client.next();
    if (!fresh) {
      this.clock.advance(SOCKET_LIMITS.metadataAloneMs);
      await conversation.until(() => conversation.readies === 1);
    }
    return { client, conversation };
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.cut();
    await this.transport.close();
    this.http.close();
    this.http.closeAllConnections();
  }
}
