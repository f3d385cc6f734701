import type { ConversationEvent } from '@backchannel/protocol';
import type { DisconnectionDetails, TextConversation } from '@elevenlabs/client';
import { cut, heardPart, type Line, type Lines, noted, said, typed } from './chat-lines.js';
import { refusalOf, startClientSession } from './client-session.js';
import { ConversationLog } from './conversation-log.js';
import { LoggedLines, noteOf } from './logged-lines.js';
import type { OutgoingMessage } from './outgoing-message.js';
import { openPageSession, type PageSession } from './page-session.js';
import { foldReceipts, type ShownReceipt } from './receipts.js';
import { askServer, Refused } from './refused.js';
import { placeOfServer } from './server-place.js';
import { wayBack } from './way-back.js';

/** `lost`: the line is gone and the page tries to come back. `over`: only a new conversation helps. */
export type Phase = 'connecting' | 'live' | 'lost' | 'over';

export type View = {
  readonly phase: Phase;
  readonly conversationId?: string;
  /** What a page on this machine was given; elsewhere it can only talk. */
  readonly session?: PageSession;
  readonly lines: Lines;
  readonly receipts: readonly ShownReceipt[];
  /** What went wrong or came to an end, in words. */
  readonly notice?: string;
};

const NOTHING: View = { phase: 'connecting', lines: [], receipts: [] };
/** Between two attempts to come back. */
const RETRY_MS = 1_000;

/**
 * The page's conversation: the official client's session, what it heard, the log of what backends sent, and the way back after
 * a loss. It is a store: whoever shows it subscribes and reads `view`, which is replaced and never changed.
 */
export class LiveConversation {
  view: View = NOTHING;
  private readonly listeners = new Set<() => void>();
  private client: TextConversation | undefined;
  private log: ConversationLog | undefined;
  /** Counts conversations and attempts: what an older one still says is not heard. */
  private attempt = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private logged = new LoggedLines();
  /** The way back into this conversation. */
  private resume: string | undefined;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** The conversation that this tab had before it was loaded again, while that lives; else a new one. */
  async start(): Promise<void> {
    const resume = wayBack.read();
    this.resume = resume;
    await this.enter(++this.attempt, resume);
    // Over, or not known to this server.
    if (resume !== undefined && this.view.phase === 'over' && this.view.conversationId === undefined) await this.begin();
  }

  /** A new conversation; the one before is left. */
  async begin(): Promise<void> {
    const attempt = ++this.attempt;
    clearTimeout(this.retry);
    await Promise.all([this.client?.endSession(), this.log?.finish()]);
    if (attempt !== this.attempt) return;
    [this.client, this.log, this.logged] = [undefined, undefined, new LoggedLines()];
    this.keep(undefined);
    this.show(NOTHING, true);
    await this.enter(attempt, undefined);
  }

  /** The same conversation again, now. */
  async comeBack(): Promise<void> {
    clearTimeout(this.retry);
    await this.enter(++this.attempt, this.resume);
  }

  /** Leaves, and with it ends, the conversation. */
  async end(): Promise<void> {
    this.attempt += 1;
    clearTimeout(this.retry);
    const { client } = this;
    this.client = undefined;
    this.keep(undefined);
    this.show({ phase: 'over', notice: 'You ended the conversation.' });
    await client?.endSession();
    await this.log?.finish();
  }

  /** What the user types. */
  say(text: string): void {
    if (this.client === undefined) return;
    this.client.sendUserMessage(text);
    this.show({ lines: typed(this.view.lines, text, this.attempt) });
    this.log?.soon();
  }

  /** What was typed into a line that broke, once more: it stands where it is said now. */
  sayAgain({ key, text }: Line): void {
    if (this.client === undefined) return;
    this.show({ lines: this.view.lines.filter((line) => line.key !== key) });
    this.say(text);
  }

  /** Sends as a backend does, over REST. Rejects with `Refused`; the same `key` may be sent again and is one message. */
  async send(message: OutgoingMessage, key: string): Promise<void> {
    try {
      await this.post(message, key);
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== 'invalid_token') throw error;
      await this.renew();
      await this.post(message, key);
    }
    this.log?.soon();
  }

  private async post(message: OutgoingMessage, key: string): Promise<void> {
    const { session } = this.view;
    if (session === undefined) throw new Refused('page_only_local', 'This page can send only when the server is on this machine.');
    const headers = { 'content-type': 'application/json', 'xi-api-key': session.token, 'idempotency-key': key };
    const path = `v1/convai/conversations/${session.conversation_id}/messages`;
    const { message_id } = await askServer<{ readonly message_id: string }>(path, {
      method: 'POST',
      headers,
      body: JSON.stringify(message),
    });
    const note = noteOf(message.type, message.text);
    if (note !== undefined) this.show({ lines: noted(this.view.lines, message_id, note) });
  }

  /** Tokens last for a while only; the line may stand for longer. */
  private async renew(): Promise<void> {
    const { attempt } = this;
    const session = await openPageSession(this.resume);
    if (attempt === this.attempt && session !== undefined) this.follow(session);
  }

  private async enter(attempt: number, resume: string | undefined): Promise<void> {
    this.show({ phase: resume === undefined ? 'connecting' : this.view.phase });
    try {
      const session = await openPageSession(resume);
      if (attempt !== this.attempt) return;
      const door = session === undefined ? { origin: placeOfServer().replace(/^http/, 'ws'), agentId: 'agent_demo' } : session;
      if (session !== undefined) this.follow(session);
      const client = await this.connect(attempt, 'signed_url' in door ? { signedUrl: door.signed_url } : door, resume !== undefined);
      if (attempt !== this.attempt) return void client.endSession();
      this.client = client;
      this.show({ phase: 'live', conversationId: client.getId() }, true);
      this.log?.soon();
    } catch (error) {
      if (attempt === this.attempt) this.failed(error);
    }
  }

  private follow(session: PageSession): void {
    const { conversation_id: conversationId, token } = session;
    this.keep(session.resume);
    this.show({ session, conversationId });
    this.log ??= new ConversationLog({ conversationId, onEvent: (event) => this.happened(event), onTokenOver: () => this.tokenOver() });
    this.log.read(token);
  }

  private connect(attempt: number, door: Parameters<typeof startClientSession>[0], again: boolean): Promise<TextConversation> {
    const change = (lines: (before: Lines) => Lines): void => {
      if (attempt === this.attempt) this.show({ lines: lines(this.view.lines) });
    };
    return startClientSession(door, {
      onMessage: (line) => change((lines) => said(lines, line, again)),
      onAgentChatResponsePart: (part) => change((lines) => heardPart(lines, part)),
      onInterruption: ({ event_id }) => change((lines) => cut(lines, event_id)),
      onError: (message) => this.show({ notice: message }),
      onDisconnect: (details) => {
        if (attempt === this.attempt && this.client !== undefined) this.left(details);
      },
    });
  }

  /** Where the line is lost too, coming back brings a token. */
  private tokenOver(): void {
    if (this.view.phase === 'live') this.renew().catch((error: unknown) => this.show({ notice: String(error) }));
  }

  /** One more event of the log: whose lines those are, and how far messages have got. */
  private happened(event: ConversationEvent): void {
    const { lines, receipts } = this.view;
    this.show({ lines: this.logged.after(lines, event, this.attempt), receipts: foldReceipts(receipts, event) });
  }

  /** The client's session is over. Who leaves well has ended the conversation; any other loss is one to come back from. */
  private left(details: DisconnectionDetails): void {
    this.client = undefined;
    const reason = 'closeReason' in details ? details.closeReason : undefined;
    if (details.reason === 'agent') return this.over(reason === undefined ? 'The agent ended the conversation.' : `It is over: ${reason}.`);
    if (reason?.startsWith('superseded')) return this.over('Another client took this conversation over.');
    if (this.view.session === undefined) return this.over('The line to the server was lost, and with it this conversation.');
    this.log?.pause();
    this.show({ phase: 'lost', notice: 'The line to the server was lost.' });
    this.tryLater();
  }

  private failed(error: unknown): void {
    const refusal = error instanceof Refused ? error : refusalOf(`internal: ${String(error)}`);
    const mayPass = ['unreachable', 'server_stopping', 'unavailable', 'rate_limited', 'internal'].includes(refusal.code);
    if (!mayPass) return this.over(refusal.message);
    this.show({ phase: 'lost', notice: refusal.message });
    this.tryLater();
  }

  private over(notice: string): void {
    // Also when another tab has it now: loaded again, this one would take it back.
    this.keep(undefined);
    this.show({ phase: 'over', notice });
    void this.log?.finish();
  }

  private keep(resume: string | undefined): void {
    this.resume = resume;
    wayBack.keep(resume);
  }

  private tryLater(): void {
    clearTimeout(this.retry);
    this.retry = setTimeout(() => void this.comeBack(), RETRY_MS);
  }

  /** `clean` takes the old notice away. */
  private show(changes: Partial<View>, clean = false): void {
    const { notice, ...rest } = this.view;
    const before: View = changes === NOTHING ? NOTHING : clean || notice === undefined ? rest : { ...rest, notice };
    this.view = { ...before, ...changes };
    for (const listener of this.listeners) listener();
  }
}
