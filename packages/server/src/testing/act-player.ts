import type { Command, ConversationEvent } from '@backchannel/protocol';
import { messageRequest } from './message-requests.js';
import type { Act, Life } from './random-acts.js';
import { Rehearsal, type RehearsalOptions, type Step } from './rehearsal.js';

/** Lets the acts of a random life happen to a rehearsal, one by one. */
export class ActPlayer {
  readonly rehearsal: Rehearsal;
  private sessions = 0;
  private messages = 0;
  /** The seqs at which appends end: where a crash can leave the log. */
  private ends: number[] = [];

  constructor(
    private readonly life: Life,
    options: RehearsalOptions = {},
  ) {
    this.rehearsal = new Rehearsal(options);
  }

  /** How it begins; the acts come after it. */
  *begin(): Generator<Step> {
    const { begun, greeting, joins } = this.life;
    const expiry = begun === 'signed_url' ? { expires_in_ms: 900_000 } : {};
    yield this.noted(this.rehearsal.create({ begun, ...expiry, ...(begun === 'api' ? { init: { first_message: greeting } } : {}) }));
    if (!joins) return;
    yield this.noted(this.join(true));
    yield this.noted(this.rehearsal.ready());
  }

  play(act: Act): Step {
    return this.noted(this.perform(act));
  }

  /** Whatever is going on comes to its end, and then the conversation does. */
  *finish(): Generator<Step> {
    const r = this.rehearsal;
    yield this.noted(r.wait(2_000));
    if (r.record.turn !== undefined) {
      yield this.noted(r.delta('The last.'));
      yield this.noted(r.done());
    }
    if (this.life.acts.length % 2 === 0) yield this.noted(r.pong());
    yield this.noted(r.end());
    yield this.noted(r.wait(500));
    yield this.noted(r.wait(500));
  }

  private noted(step: Step): Step {
    if (step.events.length > 0) this.ends.push(this.rehearsal.log.length);
    return step;
  }

  private perform(act: Act): Step {
    const r = this.rehearsal;
    switch (act.act) {
      case 'post': {
        const { request: message, key, fingerprint } = act;
        const keyed = key === undefined ? {} : { idempotency_key: key, fingerprint: fingerprint ?? '' };
        return r.perform({ type: 'message.send', message, source: 'api', ...keyed }, this.name());
      }
      case 'typed':
        return r.typed(this.name());
      case 'wire context': {
        const more = act.context === undefined ? {} : { context_id: act.context };
        const message = messageRequest('contextual_update', more);
        return r.perform({ type: 'message.send', message, source: 'client', session_id: r.session }, this.name());
      }
      case 'cancel':
        return r.perform({ type: 'message.cancel', message_id: this.accepted(act.which) });
      case 'join':
        return this.join(act.resume, act.url);
      case 'ready':
        return r.ready();
      case 'leave':
        return r.leave(act.reason);
      case 'pong':
        return r.pong(r.wires.pingOf(r.session) + { newest: 0, older: -4, 'too much': 1_000 }[act.which]);
      case 'typing':
        return r.typing();
      case 'delta':
        return r.delta(act.text);
      case 'done':
        return r.done(act.hangUp ? { end_call: { tool_call_id: 'call_1', reason: 'bye', message: 'Bye!' } } : {});
      case 'failed':
        return r.failed();
      case 'old report':
        return r.done({ turn_id: this.endedTurn() });
      case 'pass':
        r.pass(act.ms);
        return r.perform({ type: 'client.activity', session_id: 'nobody' });
      case 'ring':
        return r.wait(act.ms);
      case 'ring when due':
        return r.wait(Math.min(Math.max(r.nextIn ?? 0, 0), 61_000));
      case 'end':
        return r.end(act.message);
      case 'other':
        return r.perform(OTHERS[act.command]);
      case 'crash':
        return this.crash(act.lost, act.downMs);
    }
  }

  private join(resume: boolean, url?: number): Step {
    this.sessions += 1;
    return this.rehearsal.join(`s${this.sessions}`, {
      init: { first_message: this.life.greeting },
      ...(resume ? { join: 'resume' } : {}),
      ...(url === undefined ? {} : { url_id: `url_${url}` }),
    });
  }

  private crash(lost: number, downMs: number): Step {
    const kept = this.ends.slice(0, Math.max(1, this.ends.length - lost));
    this.ends = kept;
    return this.rehearsal.crash({ durable: kept.at(-1) ?? 1, downMs });
  }

  private name(): string {
    this.messages += 1;
    return `M${this.messages}`;
  }

  private accepted(which: number): string {
    const ids = this.rehearsal.log.flatMap((event) => (event.type === 'message.accepted' ? event.message_id : []));
    return ids[which % Math.max(1, ids.length)] ?? 'msg_none';
  }

  private endedTurn(): string {
    const isTurn = (event: ConversationEvent) => event.type === 'turn.ended';
    const ended = this.rehearsal.log.findLast(isTurn);
    return ended?.type === 'turn.ended' ? ended.turn_id : 'turn_none';
  }
}

const OTHERS: Readonly<Record<Extract<Act, { act: 'other' }>['command'], Command>> = {
  patch: { type: 'metadata.patch', app_metadata: { reference: 'o-42', old: null } },
  feedback: { type: 'feedback.give', event_id: 1, score: 'like' },
  mint: { type: 'signed_url.mint', agent_id: 'agent_1', expires_in_ms: 900_000 },
  warn: { type: 'client.warn', code: 'init_ignored', message: 'late' },
};
