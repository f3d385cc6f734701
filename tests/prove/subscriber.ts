import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Backend } from './backend.js';
import type { Recorder } from './recorder.js';

const RETRY_MS = 20;
const LOST_BY_THE_NETWORK = 1006;

/** Numbers for sessions, and who wants to know of each line, with when its session joined. */
export type Audience = {
  readonly backend: Backend;
  readonly recorder: Recorder;
  readonly line: (joinedAt: number) => void;
  sessions: number;
};

/**
 * The user's client of one conversation, as the official ones behave on the wire: joins by signed URL, answers pings. It
 * joins again, by a URL minted anew, whenever its connection is lost.
 */
export class Subscriber {
  readonly #ended = new AbortController();
  #socket: WebSocket | undefined;
  readonly finished: Promise<void>;

  constructor(
    private readonly audience: Audience,
    readonly conversation: string,
    firstUrl: string,
  ) {
    this.finished = this.#live(firstUrl);
  }

  /** The network stops carrying anything to this client, and then breaks: what was sent meanwhile never arrives. */
  async lose(ms: number): Promise<void> {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return;
    socket.pause();
    await pause(ms);
    socket.terminate();
  }

  /** Ends without joining again. */
  close(): Promise<void> {
    this.#ended.abort();
    this.#socket?.terminate();
    return this.finished;
  }

  async #live(firstUrl: string): Promise<void> {
    let url: string | undefined = firstUrl;
    while (!this.#ended.signal.aborted) {
      if (url !== undefined) await this.#join(url);
      if (this.#ended.signal.aborted) return;
      await pause(RETRY_MS);
      url = await this.#mint();
    }
  }

  /** Undefined while there is no server that could mint. */
  async #mint(): Promise<string | undefined> {
    try {
      const { status, body } = await this.audience.backend.mint(this.conversation);
      return status === 200 ? String(body.signed_url) : undefined;
    } catch {
      return undefined; // nobody listens: the loop tries again
    }
  }

  /** One connection, from its upgrade to its end. */
  #join(url: string): Promise<void> {
    const { recorder } = this.audience;
    const session = this.audience.sessions++;
    const socket = new WebSocket(url, ['convai'], { perMessageDeflate: false, handshakeTimeout: 5_000 });
    this.#socket = socket;
    let joinedAt: number | undefined;
    let order = 0;
    socket.once('open', () => socket.send(INIT));
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as Frame;
      if (frame.type === 'conversation_initiation_metadata') {
        joinedAt = performance.now();
        recorder.tell({ type: 'join', session, conversation: this.conversation });
      } else if (frame.type === 'ping') {
        socket.send(JSON.stringify({ type: 'pong', event_id: frame.ping_event.event_id }));
        recorder.tell({ type: 'pong', session, event_id: frame.ping_event.event_id });
      } else if (frame.type === 'agent_response' || frame.type === 'user_transcript') {
        recorder.tell({ type: 'frame', session, order: order++, frame: frame.type, ...lineOf(frame) });
        this.audience.line(joinedAt ?? 0);
      }
    });
    // An error is followed by the close.
    socket.on('error', () => {});
    return new Promise((resolve) => {
      socket.once('close', (code) => {
        if (joinedAt !== undefined) recorder.tell({ type: 'leave', session, code: code || LOST_BY_THE_NETWORK });
        resolve();
      });
    });
  }
}

const INIT = JSON.stringify({
  type: 'conversation_initiation_client_data',
  conversation_config_override: { conversation: { text_only: true } },
});

/** The frames that are read here; the server sends no others in text but those of replies. */
type Frame =
  | { readonly type: 'conversation_initiation_metadata' }
  | { readonly type: 'ping'; readonly ping_event: { readonly event_id: number } }
  | { readonly type: 'agent_response'; readonly agent_response_event: { readonly agent_response: string; readonly event_id: number } }
  | {
      readonly type: 'user_transcript';
      readonly user_transcription_event: { readonly user_transcript: string; readonly event_id: number };
    };

function lineOf(frame: Extract<Frame, { type: 'agent_response' | 'user_transcript' }>): { event_id: number; text: string } {
  if (frame.type === 'agent_response')
    return { event_id: frame.agent_response_event.event_id, text: frame.agent_response_event.agent_response };
  return { event_id: frame.user_transcription_event.event_id, text: frame.user_transcription_event.user_transcript };
}
