import {
  type Answer,
  type ClientCommand,
  type ConversationEvent,
  ERRORS,
  type NamedCommand,
  type PartialEvent,
  type SessionId,
} from '@backchannel/protocol';
import { clientError, createStreamView, encode, ping, type ServerMessage, type StreamView } from '@backchannel/protocol/convai';
import { WebSocket } from 'ws';
import type { ClientSession, CloseReason } from '../../conversation/client-session.js';
import type { ConversationHandle } from '../../conversation/joining.js';
import type { Clock } from '../../lib/clock.js';
import type { Log } from '../../lib/log.js';
import { type Complaint, readAsk } from './client-ask.js';
import type { ClientSocket, Going, SocketOwner } from './client-socket.js';
import { type Close, closeFor, closeOf } from './closing.js';

export type SessionLimits = {
  /** Milliseconds in which nothing follows the metadata: official clients on Node lose what comes to them in one piece with it. */
  readonly metadataAloneMs: number;
  /** Milliseconds that a client may take to show that it has read the metadata; one that stands still has not. */
  readonly metadataReadMs: number;
  /** Bytes that may wait for a client that reads slowly. */
  readonly maxUnsentBytes: number;
  /** Commands of one client that wait for their answers; beyond it nothing more is read from the client. */
  readonly maxUnanswered: number;
};

export type SessionContext = { readonly clock: Clock; readonly log: Log; readonly limits: SessionLimits };

type SessionCommand = ClientCommand | NamedCommand;

/** One client of a conversation on a WebSocket: ElevenLabs' frames on one side, commands and events on the other. */
export class WebSocketSession implements ClientSession, SocketOwner {
  readonly role = 'user';
  private readonly view: StreamView;
  /** Frames that wait until the metadata was alone for its time; undefined from then on. */
  private held: string[] | undefined = [];
  private heldLength = 0;
  private metadataLeft = false;
  /** A close that waits for the same. */
  private closing: Close | undefined;
  /** Closed by us or left by the client: nothing is shown and nothing dispatched any more. */
  private over = false;
  private corked = false;
  private unanswered = 0;
  private pingedThrough = 0;
  private pingedAt: number | undefined;
  private roundTripMs: number | null = null;

  constructor(
    readonly id: SessionId,
    private readonly handle: ConversationHandle,
    private readonly socket: ClientSocket,
    private readonly context: SessionContext,
  ) {
    this.view = createStreamView(handle.conversationId, id);
  }

  send(output: ConversationEvent | PartialEvent): void {
    if (this.over) return;
    for (const message of encode(this.view, output)) {
      if (message.type === 'conversation_initiation_metadata') this.sendMetadata(message);
      else this.show(message);
    }
  }

  ping(through: number): void {
    this.pingedThrough = through;
    this.pingedAt = this.context.clock.mono();
    this.show(ping(through, this.roundTripMs));
  }

  /** Text is never played: nothing waits that could be forgotten, and `interruption` goes out with its event. */
  stop(): void {}

  answers(withinMs: number): Promise<boolean> {
    const { socket } = this;
    if (this.over || socket.readyState !== WebSocket.OPEN) return Promise.resolve(false);
    const { clock } = this.context;
    const before = socket.line?.bytesRead;
    return new Promise((resolve) => {
      // Judged behind the reading phase, as in the sweep; and one that we do not read at present is not silent.
      const judge = (): void => resolve(socket.isPaused || socket.line?.bytesRead !== before);
      const stop = clock.alarm(clock.mono() + withinMs, () => setImmediate(judge));
      socket.askForSign((alive) => {
        stop();
        resolve(alive);
      });
    });
  }

  cork(): void {
    if (this.isTooSlow()) return;
    this.corked = true;
    this.socket.line?.cork();
  }

  uncork(): void {
    if (!this.corked) return;
    this.corked = false;
    this.socket.line?.uncork();
  }

  close(reason: CloseReason): void {
    if (this.over) return;
    this.over = true;
    const close = closeOf(reason);
    if (this.metadataLeft && this.held) this.closing = close;
    else if (reason.kind === 'ended' && reason.graceMs !== undefined) {
      const { clock } = this.context;
      clock.alarm(clock.mono() + reason.graceMs, () => this.socket.close(close.code, close.reason));
    } else this.socket.close(close.code, close.reason);
  }

  /** The transport goes away: a close that the conversation does not know of. */
  stopServing(): void {
    this.drop('server_stopped', closeFor('server_stopping'));
  }

  /** Tells the client, and `metadata.warnings`, that something it asked for was not taken. */
  warn(code: 'init_ignored', text: string): void {
    this.complain(code, text);
    this.dispatch({ type: 'client.warn', code, message: text });
  }

  /** Until there is voice, a voice client gets text; an `error` would make it give up. */
  warnOfVoice(): void {
    this.dispatch({
      type: 'client.warn',
      code: 'voice_not_available',
      message: 'The client asked for voice; this server answers in text.',
    });
  }

  frame(data: Buffer, isBinary: boolean): void {
    if (this.over) return;
    const { command, complaint } = readAsk(data, isBinary, this.id, this.role);
    if (complaint?.code === 'init_ignored') this.warn(complaint.code, complaint.message);
    else if (complaint) this.complain(complaint.code, complaint.message);
    if (!command) return;
    if (command.type === 'client.pong') this.measure(command.through);
    this.dispatch(command);
  }

  gone(reason: Going, code: number): void {
    if (this.over) return;
    this.over = true;
    this.leave(reason, code);
  }

  private measure(through: number): void {
    if (this.pingedAt === undefined || through !== this.pingedThrough) return;
    this.roundTripMs = Math.round(this.context.clock.mono() - this.pingedAt);
    this.pingedAt = undefined;
  }

  private sendMetadata(message: ServerMessage): void {
    this.socket.send(JSON.stringify(message));
    this.metadataLeft = true;
    const { clock, limits } = this.context;
    // Whoever answers a ping behind the metadata has read both.
    const read = this.answers(limits.metadataReadMs);
    clock.alarm(clock.mono() + limits.metadataAloneMs, () => void read.then(() => this.becomeReady()));
  }

  private becomeReady(): void {
    const held = this.held ?? [];
    this.held = undefined;
    this.socket.line?.cork();
    if (this.socket.readyState === WebSocket.OPEN) for (const text of held) this.socket.send(text);
    if (this.closing) this.socket.close(this.closing.code, this.closing.reason);
    this.socket.line?.uncork();
    if (!this.over) this.handle.ready(this.id);
  }

  private show(message: ServerMessage): void {
    if (this.over || this.socket.readyState !== WebSocket.OPEN) return;
    const text = JSON.stringify(message);
    if (this.held) {
      this.held.push(text);
      this.heldLength += text.length;
      if (this.heldLength > this.context.limits.maxUnsentBytes) this.drop('too_slow', closeFor('too_slow'));
    } else if (this.corked || !this.isTooSlow()) this.socket.send(text);
  }

  /** Asked before a write, not after: what one append has for a client that kept up may be more than the limit. */
  private isTooSlow(): boolean {
    if (this.over || this.socket.bufferedAmount <= this.context.limits.maxUnsentBytes) return false;
    this.drop('too_slow', closeFor('too_slow'));
    return true;
  }

  private drop(reason: 'too_slow' | 'server_stopped', close: Close): void {
    if (this.over) return;
    this.over = true;
    this.leave(reason, close.code);
    this.socket.close(close.code, close.reason);
  }

  private leave(reason: Going | 'too_slow', code: number): void {
    this.dispatch({ type: 'client.leave', session_id: this.id, reason, code });
  }

  private dispatch(command: SessionCommand): void {
    this.unanswered++;
    if (this.unanswered === this.context.limits.maxUnanswered) this.socket.hold();
    this.handle.dispatch(command).then(
      (answer) => this.answered(command, answer),
      (error: unknown) => {
        this.context.log.error({ err: error, session_id: this.id, command: command.type }, 'A client’s command failed');
        this.answered(command, { ok: false, code: 'internal' });
      },
    );
  }

  private answered(command: SessionCommand, answer: Answer<object>): void {
    if (this.unanswered === this.context.limits.maxUnanswered) this.socket.release();
    this.unanswered--;
    if (answer.ok || this.over) return;
    const what = command.type === 'message.send' ? command.message.type : command.type === 'feedback.give' ? 'feedback' : undefined;
    if (what) this.complain(answer.code, `${what}: ${answer.message ?? ERRORS[answer.code].message}`);
  }

  private complain(code: Complaint['code'], text: string): void {
    this.show(clientError(code, text, code === 'init_ignored' ? 1008 : ERRORS[code].close));
  }
}
