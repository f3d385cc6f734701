import type { ConversationEvent } from '@backchannel/protocol';
import { askServer, Refused } from './refused.js';

type Page = { readonly events: readonly ConversationEvent[]; readonly cursor: string; readonly has_more: boolean };

/** Between two looks: while something is under way, and else. */
const BUSY_MS = 250;
const QUIET_MS = 1_000;
/** Where nobody looks. */
const HIDDEN_MS = 5_000;
/** So long after something happened, more is expected. */
const BUSY_FOR_MS = 5_000;

type Parts = {
  readonly conversationId: string;
  readonly onEvent: (event: ConversationEvent) => void;
  /** The token is not known any more: nothing is read until there is a new one. */
  readonly onTokenOver: () => void;
};

/** Reads the log of one conversation as it grows, by a token that may change. What cannot be read now is read later. */
export class ConversationLog {
  private token: string | undefined;
  private cursor: string | undefined;
  private lastSeq = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private busyUntil = 0;
  private stopped = false;

  constructor(private readonly parts: Parts) {}

  /** Goes on reading, with this token. */
  read(token: string): void {
    this.token = token;
    this.soon();
  }

  /** Something is about to happen: look at once. */
  soon(): void {
    this.busyUntil = performance.now() + BUSY_FOR_MS;
    this.schedule(0);
  }

  /** Nothing is read until there is a token again. */
  pause(): void {
    this.token = undefined;
    clearTimeout(this.timer);
  }

  /** What has happened so far is read once more, then no more. */
  async finish(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.look();
  }

  private schedule(ms: number): void {
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => void this.look().then(() => this.schedule(this.pauseMs())), ms);
  }

  private pauseMs(): number {
    if (document.hidden) return HIDDEN_MS;
    return performance.now() < this.busyUntil ? BUSY_MS : QUIET_MS;
  }

  private async look(): Promise<void> {
    const { token } = this;
    if (token === undefined) return;
    try {
      for (let more = true; more; ) {
        const after = this.cursor === undefined ? '' : `&after=${this.cursor}`;
        const path = `v1/convai/conversations/${this.parts.conversationId}/events?limit=200${after}`;
        const page = await askServer<Page>(path, { headers: { 'xi-api-key': token } });
        this.tell(page);
        more = page.has_more;
      }
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      // The server is away for now, or has forgotten the token.
      if (error.code !== 'invalid_token') return;
      this.token = undefined;
      this.parts.onTokenOver();
    }
  }

  /** Two looks at once may have read the same. */
  private tell({ events, cursor }: Page): void {
    const fresh = events.filter(({ seq }) => seq > this.lastSeq);
    const last = fresh.at(-1);
    if (last === undefined) return;
    [this.cursor, this.lastSeq] = [cursor, last.seq];
    this.busyUntil = performance.now() + BUSY_FOR_MS;
    for (const event of fresh) this.parts.onEvent(event);
  }
}
