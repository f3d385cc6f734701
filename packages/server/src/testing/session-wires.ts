import { FAREWELLS } from '@backchannel/protocol';
import { createStreamView, encode, ping, type ServerMessage, type StreamView } from '@backchannel/protocol/convai';
import type { Out } from '../conversation/decision.js';
import { describeFrame, type Names } from './notation.js';

export type SentFrame = { readonly to: string; readonly frame: ServerMessage };

/** The wires of a conversation's client sessions: turns what leaves into frames, and into words for a test to compare. */
export class SessionWires {
  /** Every frame of every session, in order. */
  readonly sent: SentFrame[] = [];
  /** Whose frames are noted without a name: the newest session's. */
  newest = '';
  private readonly views = new Map<string, StreamView>();
  private readonly pinged = new Map<string, number>();

  constructor(private readonly names: Names) {}

  connect(session: string): void {
    this.views.set(session, createStreamView('conv_rehearsal', session));
    this.newest = session;
  }

  /** The `event_id` of the newest ping that the session was sent; 0 before the first. */
  pingOf(session: string): number {
    return this.pinged.get(session) ?? 0;
  }

  /** Lets one thing leave; answers what is to be seen of it outside. */
  perform(item: Out): string[] {
    switch (item.kind) {
      case 'event':
      case 'show':
        return item.to === undefined ? [] : this.show(item.to, this.encoded(item.to, item.event));
      case 'partial':
        return item.to === undefined ? [] : this.show(item.to, this.encoded(item.to, item.partial));
      case 'ping':
        this.pinged.set(item.to, item.through);
        return this.show(item.to, [ping(item.through)]);
      case 'engine':
        return item.input.type === 'reply' ? [`engine: reply ${this.names.turn(item.input.turn)}`] : [];
      case 'close':
        return [this.word(item.to, describeClose(item))];
    }
  }

  private encoded(session: string, output: Parameters<typeof encode>[1]): readonly ServerMessage[] {
    const view = this.views.get(session);
    if (view === undefined) throw new Error(`Something was shown to ${session}, who never joined.`);
    return encode(view, output);
  }

  private show(to: string, frames: readonly ServerMessage[]): string[] {
    for (const frame of frames) this.sent.push({ to, frame });
    return frames.map((frame) => this.word(to, describeFrame(frame)));
  }

  private word(session: string, word: string): string {
    return session === this.newest ? word : `${session} ${word}`;
  }
}

function describeClose({ reason }: Extract<Out, { kind: 'close' }>): string {
  if (reason.kind === 'error') return `close ${reason.code}`;
  const words = FAREWELLS[reason.reason].reason;
  return reason.graceMs === undefined ? `close ${words}` : `close after ${reason.graceMs} ms ${words}`;
}
