import { type BodyOf, type ConversationEvent, type ConversationId, type EventBody, newConversationId } from '@backchannel/protocol';
import type { EventStore } from '../conversation/event-store.js';

export const START = Date.parse('2030-01-01T00:00:00.000Z');

/** Appends to one conversation as its owner would: numbers events, counts on whatever becomes of them. */
export class LogWriter {
  epoch = 1;
  lastSeq = 0;
  /** Wall time of the next events, in milliseconds. */
  at = START;

  constructor(
    readonly store: EventStore,
    readonly id: ConversationId = newConversationId(),
  ) {}

  /** The first append. */
  create(fields: Partial<BodyOf<'conversation.created'>> = {}): Promise<void> {
    return this.append([{ ...created(this.id), ...fields }]);
  }

  append(bodies: readonly EventBody[], when: 'now' | 'ride' = 'now'): Promise<void> {
    const firstSeq = this.lastSeq + 1;
    this.lastSeq += bodies.length;
    return this.store.append(this.id, this.epoch, firstSeq, numbered(bodies, this.epoch, firstSeq, this.at), when);
  }

  async claim(): Promise<void> {
    this.epoch = await this.store.claim(this.id);
  }

  /** The whole log as seqs, read in small pages. */
  async seqs(pageSize = 100): Promise<number[]> {
    const seqs: number[] = [];
    for (;;) {
      const page = await this.store.read(this.id, seqs.at(-1) ?? 0, pageSize);
      if (page.length === 0) return seqs;
      seqs.push(...page.map((event) => event.seq));
    }
  }
}

export function numbered(bodies: readonly EventBody[], epoch: number, firstSeq: number, at = START): ConversationEvent[] {
  // Joining a union's member with three fields gives a member again; the compiler cannot see that through a spread.
  return bodies.map((body, place) => ({ ...body, seq: firstSeq + place, epoch, time: new Date(at).toISOString() }) as ConversationEvent);
}

export const created = (id: ConversationId): BodyOf<'conversation.created'> => ({
  type: 'conversation.created',
  conversation_id: id,
  workspace_id: 'ws_1',
  agent_id: 'agent_1',
  agent_hash: 'hash_1',
  engine: 'native',
  begun: 'api',
});

export const opened: EventBody = { type: 'conversation.opened' };
export const dropped: EventBody = { type: 'conversation.dropped', session_id: 'sess_1', resume_in_ms: 30_000 };
export const ended: EventBody = { type: 'conversation.ended', reason: 'ended_by_api', status: 'done' };

export const line = (text: string): EventBody => ({
  type: 'message.added',
  role: 'agent',
  text,
  source: 'api',
  event_id: 1,
  messages: [],
});

export const warned = (message: string): EventBody => ({ type: 'conversation.warned', code: 'test', message });

export const joined = (fields: Partial<BodyOf<'client.joined'>> = {}): EventBody => ({
  type: 'client.joined',
  session_id: 'sess_1',
  role: 'user',
  transport: 'websocket',
  authorization_method: 'signed_url',
  formats: { input: 'pcm_16000', output: 'pcm_16000' },
  ...fields,
});
