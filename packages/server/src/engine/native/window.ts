import type { ConversationEvent, EventOf } from '@backchannel/protocol';

export type WindowLine = {
  readonly role: 'user' | 'agent';
  readonly text: string;
  /** The messages that the line carries or answers. */
  readonly messages: readonly string[];
};
/** `id` only where the context has a key of its own. */
export type WindowContext = { readonly id?: string; readonly text: string };

/** What one prompt is made of. Contexts: those without a key first, each group in the order it was applied. */
export type WindowView = {
  readonly lines: readonly WindowLine[];
  /** The user's lines that the open turn is to answer. */
  readonly unanswered: readonly WindowLine[];
  readonly contexts: readonly WindowContext[];
  /** Older lines and contexts that the prompt no longer holds. */
  readonly leftOut: number;
};

export type WindowLimits = {
  /** Bytes of UTF-8 of all texts; keyed context and the last lines stay even above it. */
  readonly windowBytes: number;
};

type Held = WindowLine & { readonly seq: number; readonly bytes: number; pending: boolean };
type Background = { readonly id: string; readonly text: string; readonly bytes: number };
type OpenTurn = { readonly id: string; readonly cause: ReadonlySet<string>; readonly seq: number; said: boolean };

/** The newest lines never leave. */
const KEPT_LINES = 6;
/** User lines that no reply has covered stay too, up to what can wait in a conversation and some more. */
const MAX_PENDING = 128;

const bytesOf = (text: string): number => Buffer.byteLength(text);

/**
 * The bounded part of a conversation that a model is shown: a fold of its committed events, flat in memory
 * however long the conversation lasts. Above its budget the oldest unkeyed contexts leave first, down to a
 * quarter of the budget, then the oldest lines, then the other unkeyed contexts.
 */
export class Window {
  private seq = 0;
  private readonly lines: Held[] = [];
  private pending = 0;
  private readonly loose: Background[] = [];
  private looseBytes = 0;
  private readonly keyed = new Map<string, Background>();
  private bytes = 0;
  private leftOut = 0;
  private turn: OpenTurn | undefined;
  /** The events began in mid-conversation: the first line tells how many came before it. */
  private truncated = false;

  constructor(private readonly limits: WindowLimits) {}

  /** Of the last event that was taken in; what is not newer is ignored. */
  get lastSeq(): number {
    return this.seq;
  }

  /** Keyed contexts that the record remembers and the events to come may no longer hold. */
  seed(contexts: Iterable<{ readonly contextId: string; readonly text: string }>): void {
    for (const { contextId, text } of contexts) this.setKeyed(contextId, text);
  }

  fold(event: ConversationEvent): void {
    if (event.seq <= this.seq) return;
    if (this.seq === 0 && event.seq > 1) this.truncated = true;
    this.seq = event.seq;
    switch (event.type) {
      case 'message.added':
        this.add(event);
        break;
      case 'context.set':
        if (event.context_id === event.message_id) this.setLoose(event.context_id, event.text);
        else this.setKeyed(event.context_id, event.text);
        break;
      case 'context.removed':
        this.remove(event.context_id);
        break;
      case 'turn.started':
        this.turn = { id: event.turn_id, cause: new Set(event.cause), seq: event.seq, said: false };
        break;
      case 'turn.ended':
        if (this.turn?.id === event.turn_id) {
          if (this.turn.said) this.settle(this.turn.seq);
          this.turn = undefined;
        }
        break;
      default:
        // Everything else is for receipts, clients and people.
        break;
    }
    this.trim();
  }

  view(): WindowView {
    const cause = this.turn?.cause;
    const isUnanswered = (line: Held): boolean => line.role === 'user' && line.messages.some((id) => cause?.has(id));
    return {
      lines: cause === undefined ? [...this.lines] : this.lines.filter((line) => !isUnanswered(line)),
      unanswered: cause === undefined ? [] : this.lines.filter(isUnanswered),
      contexts: [...this.loose.map(({ text }) => ({ text })), ...[...this.keyed.values()].map(({ id, text }) => ({ id, text }))],
      leftOut: this.leftOut,
    };
  }

  private add(event: EventOf<'message.added'>): void {
    if (this.truncated) {
      // Each line and each wordless turn has one `event_id`, from 1: close enough for a count that tells people why.
      this.leftOut += event.event_id - 1;
      this.truncated = false;
    }
    const pending = event.role === 'user';
    const bytes = bytesOf(event.text);
    this.lines.push({ role: event.role, text: event.text, messages: event.messages, seq: event.seq, bytes, pending });
    this.bytes += bytes;
    if (pending) this.pending += 1;
    else if (event.source === 'operator') this.settle(event.seq);
    if (this.turn !== undefined && event.turn_id === this.turn.id) this.turn.said = true;
  }

  /** A reply, or a person's line, has covered every user line before `seq`. */
  private settle(seq: number): void {
    for (const line of this.lines) {
      if (!line.pending || line.seq >= seq) continue;
      line.pending = false;
      this.pending -= 1;
    }
  }

  private setLoose(id: string, text: string): void {
    const context = { id, text, bytes: bytesOf(text) };
    this.loose.push(context);
    this.looseBytes += context.bytes;
    this.bytes += context.bytes;
  }

  private setKeyed(id: string, text: string): void {
    this.remove(id);
    const context = { id, text, bytes: bytesOf(text) };
    this.keyed.set(id, context);
    this.bytes += context.bytes;
  }

  private remove(id: string): void {
    const keyed = this.keyed.get(id);
    if (keyed !== undefined) {
      this.keyed.delete(id);
      this.bytes -= keyed.bytes;
      return;
    }
    const at = this.loose.findIndex((context) => context.id === id);
    if (at >= 0) this.dropLoose(at);
  }

  private trim(): void {
    while (this.bytes > this.limits.windowBytes && this.dropOne()) this.leftOut += 1;
  }

  private dropOne(): boolean {
    if (this.looseBytes > this.limits.windowBytes / 4) return this.dropLoose(0);
    const at = this.oldestLeaver();
    return at < 0 ? this.dropLoose(0) : this.dropLine(at);
  }

  private dropLoose(at: number): boolean {
    const [gone] = this.loose.splice(at, 1);
    if (gone === undefined) return false;
    this.looseBytes -= gone.bytes;
    this.bytes -= gone.bytes;
    return true;
  }

  /** Where the oldest line stands that may leave. Looks at `MAX_PENDING` lines at most: usually it is the first. */
  private oldestLeaver(): number {
    let newer = this.pending;
    const end = this.lines.length - KEPT_LINES;
    return this.lines.findIndex((line, at) => at < end && (!line.pending || newer-- > MAX_PENDING));
  }

  private dropLine(at: number): boolean {
    const [gone] = this.lines.splice(at, 1);
    if (gone === undefined) return false;
    this.bytes -= gone.bytes;
    if (gone.pending) this.pending -= 1;
    return true;
  }
}
