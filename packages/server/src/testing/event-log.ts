import type { ConversationEvent, EventBody, EventOf } from '@backchannel/protocol';

const TIME = '2030-01-01T00:00:00.000Z';

type Line = Partial<Omit<EventOf<'message.added'>, 'type' | 'role' | 'text'>>;

/** Writes a conversation's events by hand: numbers them, and fills in what a test does not care about. */
export class EventLog {
  readonly events: ConversationEvent[] = [];
  private eventIds = 0;

  constructor(private readonly epoch = 1) {}

  add(body: EventBody): ConversationEvent {
    // Joining a union's member with three fields gives a member again; the compiler cannot see that through a spread.
    const event = { ...body, seq: this.events.length + 1, epoch: this.epoch, time: TIME } as ConversationEvent;
    this.events.push(event);
    return event;
  }

  user(text: string, message: string, more: Line = {}): ConversationEvent {
    return this.add({ type: 'message.added', role: 'user', text, source: 'api', event_id: ++this.eventIds, messages: [message], ...more });
  }

  agent(text: string, more: Line = {}): ConversationEvent {
    return this.add({ type: 'message.added', role: 'agent', text, source: 'api', event_id: ++this.eventIds, messages: [], ...more });
  }

  context(text: string, message: string, key = message): ConversationEvent {
    return this.add({ type: 'context.set', context_id: key, message_id: message, text });
  }

  turn(turn: string, ...cause: readonly string[]): ConversationEvent {
    return this.add({ type: 'turn.started', turn_id: turn, event_id: ++this.eventIds, cause: [...cause], interruptible: true });
  }

  ended(turn: string, outcome: 'complete' | 'interrupted' | 'failed' = 'complete'): ConversationEvent {
    return this.add({ type: 'turn.ended', turn_id: turn, outcome });
  }

  /** A whole answered exchange. */
  exchange(question: string, answer: string, id: string): void {
    this.user(question, `msg_${id}`);
    this.turn(`turn_${id}`, `msg_${id}`);
    this.agent(answer, { turn_id: `turn_${id}`, source: 'engine', messages: [`msg_${id}`] });
    this.ended(`turn_${id}`);
  }
}
