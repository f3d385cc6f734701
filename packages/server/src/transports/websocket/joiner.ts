import type { Socket } from 'node:net';
import { ERRORS, type ErrorCode, isClosing } from '@backchannel/protocol';
import { readClientFrame } from '@backchannel/protocol/convai';
import type { ConversationHandle, JoinRequest, OpenConversation } from '../../conversation/joining.js';
import type { ClientSocket, Going, SocketOwner, WatchLimits } from './client-socket.js';
import { closeFor } from './closing.js';
import { asksForTextOnly, ignoredOf, sourceInfoOf } from './init-frame.js';
import { type SessionContext, type SessionLimits, WebSocketSession } from './session.js';
import { UnaskedPieces } from './unasked-pieces.js';
import { type Arrival, printable } from './upgrade-request.js';

/** The SDKs refuse a metadata frame without formats of this kind, also where nothing is heard. */
const FORMATS = { input: 'pcm_16000', output: 'pcm_16000' } as const;

export type JoinerLimits = {
  /** Milliseconds that the init may take; then the agent's defaults hold. */
  readonly initWaitMs: number;
  readonly maxInitFrameBytes: number;
  /** Bytes that are kept while the join is being decided; then nothing more is read until it is. */
  readonly maxEarlyBytes: number;
  /** Pieces in which what comes before the init may arrive. */
  readonly maxEarlyChunks: number;
};

export type JoinerContext = SessionContext & {
  readonly limits: SessionLimits & JoinerLimits & Pick<WatchLimits, 'maxFrameBytes'>;
  readonly openConversation: OpenConversation;
  readonly onConnected: (client: Connected) => void;
  readonly onRefused: (client: Refused) => void;
};

export type Connected = Pick<JoinRequest, 'agentId' | 'source' | 'version'> & { readonly conversationId: string };
export type Refused = Pick<JoinRequest, 'agentId' | 'origin' | 'source' | 'version'> & {
  readonly code: ErrorCode;
  /** In full, where the client is told as much as a close frame holds. */
  readonly message: string;
};

/** What it costs to keep a frame, however short. */
const KEPT_BYTES = 128;

type Init = Readonly<Record<string, unknown>>;

/** A client between its upgrade and its session: waits for the init, asks for the conversation, keeps what comes meanwhile. */
export class Joiner implements SocketOwner {
  private readonly early: { readonly data: Buffer; readonly isBinary: boolean }[] = [];
  private earlyBytes = 0;
  private holding = false;
  private readonly unasked: UnaskedPieces;
  private asked = false;
  private left: { readonly reason: Going; readonly code: number } | undefined;
  private session: WebSocketSession | undefined;
  private readonly stopWaiting: () => void;

  constructor(
    private readonly socket: ClientSocket,
    line: Socket,
    private readonly arrival: Arrival,
    private readonly context: JoinerContext,
  ) {
    const { clock, limits } = context;
    this.stopWaiting = clock.alarm(clock.mono() + limits.initWaitMs, () => this.ask(undefined));
    this.unasked = new UnaskedPieces(line, limits.maxEarlyChunks, () => this.cutShort());
  }

  frame(data: Buffer, isBinary: boolean): void {
    this.unasked.message();
    if (this.left) return;
    if (this.asked) this.keep(data, isBinary);
    else this.first(data, isBinary);
  }

  /** Audio is no first frame: some official clients push it as soon as the socket is open. */
  private first(data: Buffer, isBinary: boolean): void {
    const read = isBinary ? undefined : readClientFrame(data.toString());
    const message = read?.ok ? read.message : undefined;
    if (message?.type === 'user_audio_chunk' || message?.type === 'enclave_setup_config') return;
    if (message?.type === 'conversation_initiation_client_data') {
      this.ask(message);
      return;
    }
    this.keep(data, isBinary);
    this.ask(undefined);
  }

  gone(reason: Going, code: number): void {
    if (reason === 'frame_too_long' && !this.left) this.tellRefused('frame_too_long');
    this.left ??= { reason, code };
    this.unasked.stop();
    this.stopWaiting();
    this.asked = true;
  }

  /** Not in yet; a join that is being decided is left as soon as it is. */
  stopServing(): void {
    this.refuse('server_stopping');
  }

  private keep(data: Buffer, isBinary: boolean): void {
    this.early.push({ data, isBinary });
    this.earlyBytes += data.length + KEPT_BYTES;
    if (this.holding || this.earlyBytes <= this.context.limits.maxEarlyBytes) return;
    this.holding = true;
    this.socket.hold();
  }

  private ask(init: Init | undefined): void {
    if (this.asked) return;
    this.asked = true;
    this.socket.takeFrames(this.context.limits.maxFrameBytes);
    this.unasked.stop();
    this.stopWaiting();
    const named = sourceInfoOf(init);
    const request: JoinRequest = {
      ...this.arrival,
      transport: 'websocket',
      source: this.arrival.source ?? printable(named.source),
      version: this.arrival.version ?? printable(named.version),
      init,
      formats: FORMATS,
    };
    const connect = (handle: ConversationHandle, sessionId: string): WebSocketSession => {
      this.session = new WebSocketSession(sessionId, handle, this.socket, this.context);
      return this.session;
    };
    this.context.openConversation(request, connect).then(
      (answer) => {
        if (!answer.ok) this.refuse(answer.code, answer.message);
        else this.enter(request, answer.conversationId);
      },
      (error: unknown) => {
        this.context.log.error({ err: error, agent_id: request.agentId }, 'A client could not be let in');
        this.refuse('internal');
      },
    );
  }

  private enter(request: JoinRequest, conversationId: string): void {
    const { session, socket, early, left } = this;
    if (!session) {
      this.context.log.error({ conversation_id: conversationId }, 'A client was let in without a session');
      this.refuse('internal');
      return;
    }
    socket.owner = session;
    this.context.onConnected({ conversationId, agentId: request.agentId, source: request.source, version: request.version });
    const ignored = request.init && ignoredOf(request.init);
    if (ignored) session.warn('init_ignored', ignored);
    if (!asksForTextOnly(request.init)) session.warnOfVoice();
    if (this.holding) socket.release(); // first, because the session may hold it again
    for (const { data, isBinary } of early) session.frame(data, isBinary);
    if (left) session.gone(left.reason, left.code);
  }

  private refuse(code: ErrorCode, message?: string): void {
    if (this.left) return;
    if (!isClosing(code)) {
      // Nobody could look it up: what is not in the table of closes is not sent.
      this.context.log.error({ code, agent_id: this.arrival.agentId }, 'A client was refused with what closes no socket');
      this.refuse('internal');
      return;
    }
    const close = closeFor(code, message);
    this.gone(code === 'server_stopping' ? 'server_stopped' : 'lost', close.code);
    this.tellRefused(code, message);
    this.socket.close(close.code, close.reason);
    if (this.holding) this.socket.release();
  }

  private tellRefused(code: ErrorCode, message?: string): void {
    this.context.onRefused({
      agentId: this.arrival.agentId,
      origin: this.arrival.origin,
      source: this.arrival.source,
      version: this.arrival.version,
      code,
      message: message ?? ERRORS[code].message,
    });
  }

  /** Of a peer that costs more than it says nothing more is taken; the line ends with the time for closing. */
  private cutShort(): void {
    this.refuse('invalid_request', 'The first frame came in too many pieces; send it in fewer.');
    this.socket.hold();
  }
}
