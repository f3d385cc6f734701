import { once } from 'node:events';
import { WebSocket } from 'ws';

const INIT = JSON.stringify({
  type: 'conversation_initiation_client_data',
  conversation_config_override: { conversation: { text_only: true } },
});

/** A user's client of one connection, as the official ones behave on the wire. */
export class SoakClient {
  /** Resolves when its conversation is open; rejects when it was closed before. */
  readonly joined: Promise<void>;
  readonly #socket: WebSocket;

  constructor(url: string) {
    const socket = new WebSocket(url, ['convai'], { perMessageDeflate: false });
    this.#socket = socket;
    socket.once('open', () => socket.send(INIT));
    // An error is followed by the close.
    socket.on('error', () => {});
    this.joined = new Promise((resolve, reject) => {
      socket.once('close', (code, reason) => reject(new Error(`a client was closed with ${code} ${String(reason)}`)));
      socket.on('message', (data) => {
        const text = String(data);
        if (text.startsWith('{"type":"ping"')) this.#send({ type: 'pong', event_id: Number(/"event_id":(\d+)/.exec(text)?.[1]) });
        else if (text.startsWith('{"type":"conversation_initiation_metadata"')) resolve();
      });
    });
    // Whoever waits for it also hears of it.
    this.joined.catch(() => {});
  }

  type(text: string): void {
    this.#send({ type: 'user_activity' });
    this.#send({ type: 'user_message', text });
  }

  /** Says goodbye, as a client whose user closes it. */
  async close(): Promise<void> {
    await this.#ended(() => this.#socket.close(1000));
  }

  /** Its network is gone. */
  async lose(): Promise<void> {
    await this.#ended(() => this.#socket.terminate());
  }

  async #ended(end: () => void): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.#socket, 'close');
    end();
    await closed;
  }

  #send(frame: object): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }
}
