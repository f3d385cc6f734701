import {
  type AnswerTo,
  type AnyAnswer,
  type Command,
  type ConversationEvent,
  type ConversationId,
  type PartialEvent,
  refuse,
  type SessionId,
} from '@backchannel/protocol';
import type { Clock } from '../lib/clock.js';
import type { Log } from '../lib/log.js';
import type { ClientSession } from './client-session.js';
import { nextAlarm } from './deadlines.js';
import { type Decided, decide } from './decide.js';
import type { Out } from './decision.js';
import type { Engine, EngineInput, EngineSession } from './engine.js';
import type { EventStore } from './event-store.js';
import { Gate } from './gate.js';
import { readOwedLines } from './owed-lines.js';
import type { ConversationRecord } from './record.js';
import { rides } from './riding.js';
import { FreshStamp, type TimeWriter } from './stamping.js';
import { type ConversationSettings, type ConversationState, newLive } from './state.js';

/** What a live conversation needs of its node. Shared by all, so that an idle conversation holds nothing of its own. */
export interface Surroundings {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly times: TimeWriter;
  /** Committed events and partials, for whoever follows. */
  publish(id: ConversationId, entries: readonly (ConversationEvent | PartialEvent)[]): void;
  /** The live object is over: its end is durable, or an append failed and it must be loaded again. */
  over(conversation: Conversation, why: 'ended' | 'failed'): void;
}

type Held = {
  readonly out: readonly Out[];
  readonly events: readonly ConversationEvent[];
  readonly answer: AnyAnswer;
  readonly resolve: (answer: AnyAnswer) => void;
};

/**
 * One conversation as a live object on its owner: stamps, decides, appends, and lets go what was decided once
 * it is durable. It is the only writer of its log.
 */
export class Conversation {
  private readonly state: ConversationState;
  private readonly gate: Gate<Held>;
  private sessions: ClientSession[] = [];
  private engineSession: EngineSession | undefined;
  private alarm: { at: number; cancel: () => void } | undefined;
  private failed = false;

  /** `durable`: the seq up to which the record is in the store; 0 for a new conversation. */
  constructor(
    private readonly around: Surroundings,
    private readonly engine: Engine,
    settings: ConversationSettings,
    record: ConversationRecord | undefined,
    epoch: number,
  ) {
    // A new conversation's record begins with its first event; until then it only counts.
    const blank = { seq: 0, epoch } as ConversationRecord;
    this.state = {
      record: record ?? blank,
      live: newLive(settings, epoch),
    };
    this.gate = new Gate(this.state.record.seq, (held) => this.letGo(held));
  }

  get record(): Readonly<ConversationRecord> {
    return this.state.record;
  }
  /** A reply is being made, or what was decided has not left yet: a drain waits for both. */
  get busy(): boolean {
    return this.state.record.turn !== undefined || this.gate.holds;
  }

  /** The user's client session that is connected here, if any. */
  get userSession(): ClientSession | undefined {
    const id = this.state.record.client?.sessionId;
    return this.sessions.find((session) => session.id === id);
  }

  /** Resolves in log order, once everything the answer rests on is durable. Never rejects. */
  dispatch<C extends Command>(command: C): Promise<AnswerTo<C>> {
    if (this.failed) return Promise.resolve(refuse('unavailable') as AnswerTo<C>);
    const first = this.state.record.seq + 1;
    const decided = this.decide(command);
    if (decided === undefined) return Promise.resolve(refuse('internal') as AnswerTo<C>);
    const { answer, now, out, events } = decided;
    if (command.type === 'client.leave') {
      this.forget(command.session_id);
      if (events.length > 0) this.tellLeft(command);
    }
    for (const turn of now) this.engineSession?.handle({ type: 'abort', turn });
    const { seq } = this.state.record;
    if (events.length > 0) this.append(first, out, events);
    return new Promise((resolve) => {
      this.gate.pass(seq, { out, events, answer, resolve: resolve as (answer: AnyAnswer) => void });
      this.setAlarm();
    });
  }

  private tellLeft({ session_id, reason, code }: Extract<Command, { type: 'client.leave' }>): void {
    const { conversationId, phase } = this.state.record;
    this.around.log.info({ conversation_id: conversationId, session_id, reason, code, phase }, 'a client left');
  }

  /** Connects a session, then lets it join; it is shown nothing before its `client.joined` is durable. */
  join(session: ClientSession, command: Extract<Command, { type: 'client.join' }>): Promise<AnswerTo<typeof command>> {
    this.sessions = [...this.sessions, session];
    return this.dispatch(command).then((answer) => {
      if (!answer.ok) this.forget(session.id);
      return answer;
    });
  }

  /** 100 ms after its metadata: reads the lines that are owed to it, then shows them and lets what waits act. */
  ready(sessionId: SessionId): void {
    this.showMissed(sessionId).catch((error: unknown) => this.fail(error));
  }

  private async showMissed(sessionId: SessionId): Promise<void> {
    for (;;) {
      await this.durable();
      if (this.failed) return;
      const lines = await readOwedLines(this.around.store, this.state.record);
      // Whatever became owed while we read is not in `lines` yet: look again until nothing is missing.
      const missing = this.state.record.owed.some((owed) => !lines.some((line) => line.seq === owed.seq));
      if (!missing) return void this.dispatch({ type: 'client.ready', session_id: sessionId, lines });
    }
  }

  /** An append failed, the store fenced us off, or a decision broke: nobody gets an answer that was not stored. */
  fail(error: unknown): void {
    if (this.failed) return;
    this.failed = true;
    this.around.log.warn({ conversation_id: this.state.record.conversationId, err: error }, 'conversation failed, it is loaded again');
    this.alarm?.cancel();
    for (const held of this.gate.abandon()) held.resolve(refuse('unavailable'));
    for (const session of this.sessions) session.close({ kind: 'error', code: 'unavailable' });
    this.closeEngine('failed');
    this.around.over(this, 'failed');
  }

  /** A decision that breaks off may have half-changed the record: nothing of it is kept, as after a failed append. */
  private decide(command: Command): Decided | undefined {
    try {
      return decide(this.state, command, new FreshStamp(this.around.clock, this.around.times));
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  /** Resolves when all that was decided so far is in the store, or never will be. */
  private durable(): Promise<AnyAnswer> {
    return new Promise((resolve) => this.gate.pass(this.state.record.seq, { out: [], events: [], answer: { ok: true }, resolve }));
  }

  private append(first: number, out: readonly Out[], events: readonly ConversationEvent[]): void {
    const { conversationId, seq } = this.state.record;
    this.around.store.append(conversationId, this.state.live.epoch, first, events, rides(out) ? 'ride' : 'now').then(
      () => this.gate.open(seq),
      (error: unknown) => this.fail(error),
    );
  }

  /** What one decision produced leaves in its order; frames of one session leave as one write. */
  private letGo({ out, events, answer, resolve }: Held): void {
    if (this.failed) return resolve(refuse('unavailable'));
    try {
      this.performAll(out);
      resolve(answer);
      this.publish(out, events);
    } catch (error) {
      this.fail(error);
      resolve(refuse('unavailable'));
    }
  }

  private performAll(out: readonly Out[]): void {
    const { sessions } = this;
    if (out.length > 1) for (const session of sessions) session.cork();
    try {
      for (const item of out) this.perform(item);
    } finally {
      if (out.length > 1) for (const session of sessions) session.uncork();
    }
  }

  private perform(item: Out): void {
    switch (item.kind) {
      case 'event':
        this.engineSession?.handle({ type: 'event', event: item.event });
        if (item.to !== undefined) this.session(item.to)?.send(item.event);
        return;
      case 'show':
        this.session(item.to)?.send(item.event);
        return;
      case 'partial':
        if (item.to !== undefined) this.session(item.to)?.send(item.partial);
        return;
      case 'ping':
        this.session(item.to)?.ping(item.through);
        return;
      case 'engine':
        // A turn that was cut before its beginning was durable is not begun.
        if (item.input.type !== 'reply' || item.input.turn === this.state.record.turn?.turnId) this.handle(item.input);
        return;
      case 'close':
        this.session(item.to)?.close(item.reason);
        this.forget(item.to);
        return;
    }
  }

  private publish(out: readonly Out[], events: readonly ConversationEvent[]): void {
    const entries = out.some(isPartial) ? out.flatMap(followed) : events;
    if (entries.length > 0) this.around.publish(this.state.record.conversationId, entries);
    if (!events.some(isEnd)) return;
    this.alarm?.cancel();
    this.alarm = undefined;
    this.closeEngine('ended');
    this.around.over(this, 'ended');
  }

  private handle(input: EngineInput): void {
    this.engineSession ??= this.engine.start(
      {
        dispatch: (command) => void this.dispatch(command),
        partial: (partial) => this.around.publish(this.state.record.conversationId, [partial]),
        history: (limit) => this.around.store.read(this.state.record.conversationId, Math.max(0, this.state.record.seq - limit), limit),
        clock: this.around.clock,
        log: this.around.log,
      },
      this.state.record,
    );
    this.engineSession.handle(input);
  }

  private closeEngine(reason: string): void {
    const { around, engineSession } = this;
    this.engineSession = undefined;
    engineSession?.close(reason).catch((error: unknown) => around.log.warn({ err: error }, 'engine did not close cleanly'));
  }

  private session(id: SessionId): ClientSession | undefined {
    return this.sessions.find((session) => session.id === id);
  }

  private forget(id: SessionId): void {
    this.sessions = this.sessions.filter((session) => session.id !== id);
  }

  /** One alarm, at the earliest deadline and never moved later: it rings early and looks again. */
  private setAlarm(): void {
    const next = this.failed ? undefined : nextAlarm(this.state);
    if (next === undefined || (this.alarm !== undefined && this.alarm.at <= next)) return;
    this.alarm?.cancel();
    this.alarm = { at: next, cancel: this.around.clock.alarm(next, () => this.ring()) };
  }

  private ring(): void {
    this.alarm = undefined;
    const next = nextAlarm(this.state);
    if (next !== undefined && next <= this.around.clock.mono()) void this.dispatch({ type: 'time.passed' });
    else this.setAlarm();
  }
}

const isPartial = (item: Out): boolean => item.kind === 'partial';
const isEnd = (event: ConversationEvent): boolean => event.type === 'conversation.ended';
const followed = (item: Out): (ConversationEvent | PartialEvent)[] =>
  item.kind === 'event' ? [item.event] : item.kind === 'partial' ? [item.partial] : [];
