import type { ConversationEvent } from '@backchannel/protocol';
import { LogRules, must } from './log-rules.js';
import type { Rehearsal, Step } from './rehearsal.js';
import { WireRules } from './wire-rules.js';

/**
 * Looks at a rehearsal after every step, with a model of its own of what is owed, what was shown and what the
 * engine was asked for; throws `RuleBroken` at the first thing that must not be.
 */
export class ConversationRules {
  private log = new LogRules();
  private readonly wires = new Map<string, WireRules>();
  /** Lines that a client has to get, by seq, as the log alone tells. */
  private owed: number[] = [];
  private client: string | undefined;
  private hadClient = false;
  private readonly shown = new Map<string, Set<number>>();
  private readonly pinged = new Map<string, number>();
  /** Turns that the engine was asked to reply in, and was not told to stop. */
  private asked = new Set<string>();

  constructor(private readonly rehearsal: Rehearsal) {}

  /** The process starts again with what is left of the log. */
  restart(): void {
    const { log, state } = this.rehearsal;
    const kept = log.filter(({ epoch }) => epoch < state.live.epoch);
    this.log = new LogRules(kept);
    this.owed = [];
    this.client = undefined;
    this.hadClient = false;
    this.asked = new Set();
    for (const event of kept) this.account(event);
  }

  look(step: Step): void {
    for (const event of step.events) {
      this.log.take(event);
      this.account(event);
    }
    this.actsAreWhole(step);
    this.answerFits(step);
    this.wireFits(step);
    this.engineFits(step);
    this.recordFits();
    this.nothingIsStuck();
  }

  private account(event: ConversationEvent): void {
    if (event.type === 'client.joined') {
      this.client = event.session_id;
      this.hadClient = true;
    } else if (event.type === 'client.left') this.client = undefined;
    else if (event.type === 'client.confirmed') this.owed = this.owed.filter((seq) => seq > event.through);
    else if (event.type === 'conversation.ended') this.owed = [];
    else if (event.type === 'message.added') {
      const typedThere = event.session_id !== undefined && event.session_id === this.client;
      if (this.hadClient && !typedThere) this.owed.push(event.seq);
    }
  }

  /** A line and the `applied` of its message are one append. */
  private actsAreWhole({ events }: Step): void {
    for (const event of events) {
      if (event.type !== 'message.added' || event.turn_id !== undefined) continue;
      const whole = event.messages.every((id) =>
        events.some((other) => other.type === 'message.level' && other.message_id === id && other.level === 'applied'),
      );
      must(whole, `${event.seq} message.added without its applied in the same append`);
    }
  }

  private answerFits({ answer, events }: Step): void {
    const accepted = events.filter(({ type }) => type === 'message.accepted').length;
    const isNew = answer.ok && 'replayed' in answer && answer.replayed === false;
    must(accepted === (isNew ? 1 : 0), `${accepted} messages were accepted, and the answer says ${JSON.stringify(answer)}`);
  }

  private wireFits({ frames, out }: Step): void {
    const { session } = this.rehearsal.state.live;
    for (const { to, frame } of frames) {
      const wire = this.wires.get(to) ?? new WireRules(to);
      this.wires.set(to, wire);
      wire.take(frame);
      if (frame.type === 'ping') this.pinged.set(to, frame.ping_event.event_id);
      const isReady = session?.id !== to || session.ready;
      must(isReady || frame.type === 'conversation_initiation_metadata', `${to} was shown ${frame.type} before it was ready`);
    }
    for (const item of out) {
      if ((item.kind !== 'event' && item.kind !== 'show') || item.to === undefined || item.event.type !== 'message.added') continue;
      const shown = this.shown.get(item.to) ?? new Set();
      this.shown.set(item.to, shown);
      shown.add(item.event.seq);
    }
  }

  /** The open turn, and no other, is what the engine works on. */
  private engineFits({ out, aborts, events }: Step): void {
    const { names, record } = this.rehearsal;
    for (const turn of [...this.asked]) if (aborts.includes(names.turn(turn))) this.asked.delete(turn);
    for (const event of events) {
      if (event.type === 'turn.interrupted')
        must(!this.asked.has(event.turn_id), `the engine goes on with ${event.turn_id}, which was cut`);
    }
    for (const item of out) if (item.kind === 'engine' && item.input.type === 'reply') this.asked.add(item.input.turn);
    const { turn } = record;
    must(turn === undefined || this.asked.has(turn.turnId), `the engine was not asked for ${turn?.turnId}, which is open`);
  }

  private recordFits(): void {
    const { record, state } = this.rehearsal;
    const { live } = state;
    const owed = record.owed.map(({ seq }) => seq);
    must(owed.join() === this.owed.join(), `owed are ${owed.join()}, and should be ${this.owed.join()}`);
    if (live.session?.ready) {
      const shown = this.shown.get(live.session.id);
      const missed = this.owed.filter((seq) => !shown?.has(seq));
      must(missed.length === 0, `${live.session.id} was never shown ${missed.join()}`);
      must((this.pinged.get(live.session.id) ?? 0) >= (this.owed.at(-1) ?? 0), `no ping covers ${this.owed.at(-1)}`);
    }
    const waiting = new Set(record.waiting.map(({ messageId }) => messageId));
    for (const [id, { final }] of this.log.messages) {
      const held = (waiting.has(id) ? 1 : 0) + (id in record.open ? 1 : 0);
      must(held === (final ? 0 : 1), `${id} is kept ${held} times, and ${final ? 'has' : 'has not'} ended`);
    }
    for (const message of Object.values(record.open)) {
      must(message.line === undefined || owed.includes(message.line), `${message.messageId} waits for a line that nobody is owed`);
    }
    for (const id of record.due) must(id in record.open, `a reply is due to ${id}, which has ended`);
    must(live.speech === undefined || live.speech.turnId === record.turn?.turnId, 'somebody speaks in a turn that is not open');
  }

  /** While all is quiet nothing waits but instructions for the next prompt. */
  private nothingIsStuck(): void {
    const { record, situation } = this.rehearsal;
    const stuck = record.waiting.filter(({ type, reply }) => type !== 'instruction' || reply === 'auto');
    if (situation === 'listening') {
      must(stuck.length === 0, `${stuck.map(({ messageId, type }) => `${messageId} (${type})`).join()} waits, and nothing is in its way`);
      must(record.due.length === 0, 'a reply is due, and nothing is in its way');
    }
    if (situation === 'thinking')
      must(!stuck.some(({ type }) => type === 'agent_message'), 'an agent_message waits while the agent thinks');
  }
}
