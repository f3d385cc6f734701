import {
  type AnyAnswer,
  type Command,
  type ConversationEvent,
  type EndReason,
  type MessageRequest,
  type MessageType,
  parseOwn,
  type SendMessage,
} from '@backchannel/protocol';
import { nextAlarm } from '../conversation/deadlines.js';
import { type Decided, decide } from '../conversation/decide.js';
import type { Out } from '../conversation/decision.js';
import { fold } from '../conversation/evolve.js';
import type { ConversationRecord } from '../conversation/record.js';
import { rides } from '../conversation/riding.js';
import { situationOf } from '../conversation/situation.js';
import { type ConversationSettings, type ConversationState, newLive } from '../conversation/state.js';
import { conversationSettings } from './conversation-settings.js';
import { must } from './log-rules.js';
import { messageRequest } from './message-requests.js';
import { describeEvent, Names } from './notation.js';
import { RecordShadow } from './record-shadow.js';
import { type SentFrame, SessionWires } from './session-wires.js';

/** What one command led to. */
export type Step = {
  readonly answer: AnyAnswer;
  /** The one append, event by event; empty: nothing was appended. */
  readonly append: readonly string[];
  /** What leaves once the append is durable, in this order. */
  readonly leaves: readonly string[];
  /** Turns that are aborted at once, before the append is durable. */
  readonly aborts: readonly string[];
  readonly events: readonly ConversationEvent[];
  readonly out: readonly Out[];
  /** The frames of it, with the session that each went to. */
  readonly frames: readonly SentFrame[];
  /** True when the append may wait for the next group commit. */
  readonly rides: boolean;
};

export type RehearsalOptions = {
  readonly settings?: ConversationSettings;
  /** In place of the core's own, to see whether a broken one is noticed. */
  readonly decide?: (state: ConversationState, command: Command, stamp: Parameters<typeof decide>[2]) => Decided;
  /** Left out: after every step. With thousands of lines that takes seconds; then a test calls `compare` itself. */
  readonly compares?: 'when asked';
};

type Of<T extends Command['type']> = Extract<Command, { type: T }>;

/**
 * A conversation without its surroundings: commands go to `decide` with a stamp that the test controls, and
 * everything counts as durable at once. Notes what is appended and what leaves, and after every step compares the
 * record with the fold of the log.
 */
export class Rehearsal {
  readonly names = new Names();
  /** How the conversation closed its sessions, in order. */
  readonly closes: string[] = [];
  log: ConversationEvent[] = [];
  state: ConversationState;
  /** Milliseconds: this process' own clock, and since 1970. */
  mono = 0;
  wall = Date.parse('2030-01-01T00:00:00.000Z');
  readonly settings: ConversationSettings;
  private readonly decide: NonNullable<RehearsalOptions['decide']>;
  readonly wires = new SessionWires(this.names);
  /** The present client, as the test sees it; empty: nobody. */
  session = '';
  private shadow = new RecordShadow();
  private readonly comparesAlways: boolean;
  private randoms = 0;

  constructor(options: RehearsalOptions = {}) {
    this.settings = options.settings ?? conversationSettings();
    this.decide = options.decide ?? decide;
    this.comparesAlways = options.compares === undefined;
    this.state = { record: blank(1), live: newLive(this.settings, 1) };
  }

  /** A client's conversation at seq 5: created, joined by s1, opened, greeted and confirmed. */
  static opened(options: RehearsalOptions = {}): Rehearsal {
    const rehearsal = new Rehearsal(options);
    rehearsal.create({ begun: 'client' });
    rehearsal.join('s1', { init: { first_message: 'Hello' } });
    rehearsal.ready();
    rehearsal.pong();
    return rehearsal;
  }

  /** A backend's conversation at seq 2 (3 with a greeting): created and opened, and nobody is there. */
  static begunByBackend(greeting = '', options: RehearsalOptions = {}): Rehearsal {
    const rehearsal = new Rehearsal(options);
    rehearsal.create({ begun: 'api', init: { first_message: greeting } });
    return rehearsal;
  }

  get record(): ConversationRecord {
    return this.state.record;
  }
  get situation() {
    return situationOf(this.state);
  }
  /** When something is due next, in milliseconds from now; undefined: never. */
  get nextIn(): number | undefined {
    const next = nextAlarm(this.state);
    return next === undefined ? undefined : next - this.mono;
  }

  perform(command: Command, name?: string): Step {
    const stamp = { wall: this.wall, time: new Date(this.wall).toISOString(), mono: this.mono, random: this.random() };
    const { answer, now, out } = this.decide(this.state, command, stamp);
    if (name !== undefined && answer.ok && 'message_id' in answer) this.names.give(String(answer.message_id), name);
    const events = out.flatMap((item) => (item.kind === 'event' ? item.event : []));
    for (const event of events) {
      this.log.push(parseOwn(JSON.stringify(event)));
      this.shadow.take(event);
    }
    if (this.comparesAlways) this.compare();
    const append = events.map((event) => describeEvent(event, this.names));
    const before = this.wires.sent.length;
    const leaves = out.flatMap((item) => this.wires.perform(item));
    const frames = this.wires.sent.slice(before);
    this.closes.push(...leaves.filter((word) => word.startsWith('close')));
    return {
      answer,
      append,
      leaves,
      aborts: now.map((turn) => this.names.turn(turn)),
      events,
      out,
      frames,
      rides: events.length > 0 && rides(out),
    };
  }

  /** Throws when the record is not the fold of the log. */
  compare(): void {
    this.shadow.compare(this.record);
  }

  create(more: Partial<Of<'conversation.create'>>): Step {
    return this.perform({
      type: 'conversation.create',
      conversation_id: 'conv_rehearsal',
      workspace_id: 'ws_1',
      agent_id: 'agent_1',
      agent_hash: 'hash',
      engine: 'native',
      begun: 'client',
      ...more,
    });
  }

  join(session: string, more: Partial<Of<'client.join'>> = {}): Step {
    const before = this.wires.newest;
    this.wires.connect(session);
    const step = this.perform({
      type: 'client.join',
      session_id: session,
      role: 'user',
      transport: 'websocket',
      authorization_method: 'signed_url',
      formats: { input: 'pcm_16000', output: 'pcm_16000' },
      ...more,
    });
    if (step.answer.ok) this.session = session;
    else this.wires.newest = before;
    return step;
  }

  /** The session's 100 ms are over; it is given the lines that the record says are owed. */
  ready(session = this.session): Step {
    const lines = this.record.owed.flatMap(({ seq }) => this.log[seq - 1] ?? []);
    return this.perform({ type: 'client.ready', session_id: session, lines });
  }

  /** A client is there and was shown all it was owed. */
  rejoin(session: string): Step {
    this.join(session);
    return this.ready();
  }

  leave(reason: Of<'client.leave'>['reason'] = 'lost', code?: number): Step {
    const session = this.session;
    this.session = '';
    return this.perform({ type: 'client.leave', session_id: session, reason, ...(code === undefined ? {} : { code }) });
  }

  /** Answers the newest ping of the present session, or whatever a test says. */
  pong(through = this.wires.pingOf(this.session)): Step {
    return this.perform({ type: 'client.pong', session_id: this.session, through });
  }

  typing(): Step {
    return this.perform({ type: 'client.activity', session_id: this.session });
  }

  /** The present client types a line. */
  typed(name: string, text = 'typed'): Step {
    const message = messageRequest('user_message', { text, urgency: 'immediate' });
    return this.perform({ type: 'message.send', message, source: 'client', session_id: this.session }, name);
  }

  /** A backend sends a message. */
  post(name: string, type: MessageType, request: Partial<MessageRequest> = {}, more: Partial<SendMessage> = {}): Step {
    return this.perform({ type: 'message.send', message: messageRequest(type, request), source: 'api', ...more }, name);
  }

  cancel(name: string): Step {
    return this.perform({ type: 'message.cancel', message_id: this.idOf(name) });
  }

  end(message?: string, reason: 'ended_by_api' | 'deleted' = 'ended_by_api'): Step {
    return this.perform({ type: 'conversation.end', reason, ...(message === undefined ? {} : { message }) });
  }

  /** The engine says more of the open reply, or of another turn's. */
  delta(text: string, turn = this.openTurn): Step {
    return this.perform({ type: 'reply.delta', turn_id: turn, text });
  }

  done(more: Partial<Of<'reply.done'>> = {}): Step {
    return this.perform({ type: 'reply.done', turn_id: this.openTurn, ...more });
  }

  failed(reason: 'model_timeout' | 'model_error' = 'model_error'): Step {
    return this.perform({ type: 'reply.failed', turn_id: this.openTurn, reason });
  }

  /** Lets `ms` pass, then rings. */
  wait(ms: number): Step {
    this.pass(ms);
    const step = this.perform({ type: 'time.passed' });
    must(this.nextIn === undefined || this.nextIn > 0, 'the alarm rings without end');
    return step;
  }

  /** Time passes and nothing rings: the next command finds what is over. */
  pass(ms: number): void {
    this.mono += ms;
    this.wall += ms;
  }

  /** The process dies; only what was durable (through seq `durable`) is there when it starts again `downMs` later. */
  crash({ durable = this.log.length, downMs = 0 }: { readonly durable?: number; readonly downMs?: number } = {}): Step {
    const epoch = this.state.live.epoch + 1;
    this.log = this.log.slice(0, durable);
    this.mono = 1_000_000;
    this.wall += downMs;
    this.session = '';
    this.shadow = new RecordShadow(this.log);
    this.state = { record: fold(this.log), live: newLive(this.settings, epoch) };
    return this.perform({ type: 'conversation.recover' });
  }

  /** The id behind a test's name of a message, read from the log. */
  idOf(name: string): string {
    const accepted = this.log.find((event) => event.type === 'message.accepted' && this.names.of(event.message_id) === name);
    if (accepted?.type !== 'message.accepted') throw new Error(`No message ${name} was accepted.`);
    return accepted.message_id;
  }

  get openTurn(): string {
    return this.record.turn?.turnId ?? 'turn_none';
  }

  /** Every level that a message reached, in order. */
  levels(name: string): string[] {
    const id = this.idOf(name);
    const reached = this.log.flatMap((event) => (event.type === 'message.level' && event.message_id === id ? event.level : []));
    return ['accepted', ...reached];
  }

  get endReason(): EndReason | undefined {
    return this.record.ended?.reason;
  }

  private random(): string {
    this.randoms += 1;
    return String(this.randoms).padStart(22, '0');
  }
}

/** Before its first event a conversation only counts. */
const blank = (epoch: number): ConversationRecord => ({ seq: 0, epoch }) as ConversationRecord;
