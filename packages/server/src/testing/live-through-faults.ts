import type { AnyAnswer, MessageRequest, SendMessage } from '@backchannel/protocol';
import fc from 'fast-check';
import type { ConversationSettings } from '../conversation/state.js';
import { LiveStage } from './live-stage.js';
import { LogRules, must, RuleBroken } from './log-rules.js';
import { type Act, randomAct } from './random-acts.js';
import { RecordShadow } from './record-shadow.js';

/** What happens to the store and to the process. */
export type Fault =
  | { readonly fault: 'commits wait' }
  | { readonly fault: 'some commit'; readonly count: number }
  | { readonly fault: 'all commit' }
  | { readonly fault: 'those that wait fail' }
  | { readonly fault: 'the disk is full for a moment' }
  | { readonly fault: 'another owner' }
  | { readonly fault: 'kill' };

export type Happening = Act | Fault;

const fault = (name: Exclude<Fault['fault'], 'some commit'>): fc.Arbitrary<Fault> => fc.constant({ fault: name });

export const randomHappenings = (most: number): fc.Arbitrary<Happening[]> =>
  fc.array(
    fc.oneof(
      { weight: 80, arbitrary: randomAct.filter(({ act }) => act !== 'crash' && act !== 'end') },
      { weight: 10, arbitrary: fault('commits wait') },
      { weight: 8, arbitrary: fc.integer({ min: 1, max: 3 }).map((count): Fault => ({ fault: 'some commit', count })) },
      { weight: 8, arbitrary: fault('all commit') },
      { weight: 3, arbitrary: fault('those that wait fail') },
      { weight: 2, arbitrary: fault('the disk is full for a moment') },
      { weight: 1, arbitrary: fault('another owner') },
      { weight: 3, arbitrary: fault('kill') },
    ),
    { minLength: 1, maxLength: most, size: 'max' },
  );

type Post = { readonly key: string; readonly request: MessageRequest; acknowledged: number | undefined };

/**
 * A whole conversation on a store whose commits are late, fail or are never heard of, and a backend that sends
 * every message again under its key until it is acknowledged. Throws at the first thing that must not be.
 */
export class FaultyLife {
  private readonly posts: Post[] = [];
  private readonly stage: LiveStage;
  private sessions = 0;
  private pending = 0;
  /** What was seen in the middle of something, where an exception would only be in the way. */
  private broken: RuleBroken | undefined;

  /** `sabotage` may break what the conversation stands on, to see whether it is noticed. */
  constructor(settings: ConversationSettings, sabotage: (stage: LiveStage) => void = () => {}) {
    this.stage = new LiveStage(settings);
    sabotage(this.stage);
    this.stage.onLeave = (output) => {
      if ('seq' in output) this.mustBeStored(output.seq, output.type);
    };
  }

  async through(happenings: readonly Happening[]): Promise<void> {
    const { stage } = this;
    await stage.create('client');
    await this.join();
    for (const happening of happenings) {
      await this.happen(happening);
      await stage.settled();
      if (this.broken !== undefined) throw this.broken;
      if (stage.over.includes('failed')) await this.reload();
    }
    stage.store.release();
    await stage.settled();
    if (stage.over.includes('failed')) await this.reload();
    await this.finish();
  }

  private async happen(happening: Happening): Promise<void> {
    const { stage } = this;
    if ('act' in happening) return this.act(happening);
    switch (happening.fault) {
      case 'commits wait':
        return stage.store.hold();
      case 'some commit':
        return stage.store.commit(happening.count);
      case 'all commit':
        return stage.store.release();
      case 'those that wait fail':
        return stage.store.fail();
      case 'the disk is full for a moment':
        stage.store.break();
        stage.store.release();
        this.send({ type: 'agent_message', text: 'in vain', urgency: 'soon', reply: 'none' });
        await stage.settled();
        return stage.store.repair();
      case 'another owner':
        await stage.store.claim('conv_stage');
        return;
      case 'kill':
        this.pending = 0;
        return this.reload();
    }
  }

  private async act(act: Act): Promise<void> {
    const { stage } = this;
    const { conversation } = stage;
    const session_id = stage.session.id;
    switch (act.act) {
      case 'post':
        this.send(act.request);
        return;
      case 'typed':
        return void this.counted(stage.typed(`typed ${this.posts.length}`));
      case 'join':
        return this.join();
      case 'ready':
        return void conversation.ready(session_id);
      case 'leave':
        return void this.counted(conversation.dispatch({ type: 'client.leave', session_id, reason: 'lost' }));
      case 'pong':
        return void this.counted(conversation.dispatch({ type: 'client.pong', session_id, through: stage.session.pinged }));
      case 'typing':
        return void this.counted(conversation.dispatch({ type: 'client.activity', session_id }));
      case 'delta':
        return stage.engine.delta(act.text);
      case 'done':
        return stage.engine.done();
      case 'failed':
        return stage.engine.failed();
      case 'pass':
      case 'ring':
        return stage.clock.advance(Math.min(act.ms, 10_000));
      default:
        return;
    }
  }

  private async join(): Promise<void> {
    this.sessions += 1;
    void this.counted(this.stage.join(`s${this.sessions}`, { join: 'resume' }));
  }

  private send(request: MessageRequest): void {
    const post: Post = { key: `K${this.posts.length}`, request, acknowledged: undefined };
    this.posts.push(post);
    void this.try(post);
  }

  private async try(post: Post): Promise<void> {
    const command: SendMessage = {
      type: 'message.send',
      message: post.request,
      source: 'api',
      idempotency_key: post.key,
      fingerprint: post.key,
    };
    const answer = await this.counted(this.stage.conversation.dispatch(command));
    if (!answer.ok || !('seq' in answer)) return;
    this.mustBeStored(answer.seq, post.key);
    must(post.acknowledged === undefined || post.acknowledged === answer.seq, `${post.key} was ${post.acknowledged}, and is ${answer.seq}`);
    post.acknowledged = answer.seq;
  }

  private async counted<A extends AnyAnswer>(answer: Promise<A>): Promise<A> {
    this.pending += 1;
    const given = await answer;
    this.pending = Math.max(0, this.pending - 1);
    return given;
  }

  private mustBeStored(seq: number, what: string): void {
    if (this.stage.store.events('conv_stage').length >= seq) return;
    this.broken ??= new RuleBroken(`${what}, at seq ${seq}, left before it was stored`);
  }

  /** As the node does it: from the store, under the next epoch; and the backend sends again what was not acknowledged. */
  private async reload(): Promise<void> {
    const { stage } = this;
    must(this.pending === 0, `${this.pending} were not answered`);
    stage.store.fail();
    stage.store.release();
    stage.over.length = 0;
    await stage.restart();
    this.compare();
    for (const post of this.posts) if (post.acknowledged === undefined) void this.try(post);
    await stage.settled();
  }

  private async finish(): Promise<void> {
    const { stage } = this;
    must(this.pending === 0, `${this.pending} were not answered`);
    this.compare();
    await this.end();
    if (stage.over.includes('failed')) {
      // Another has owned it since, and this was the first append that found out.
      await this.reload();
      await this.end();
    }
    if (this.broken !== undefined) throw this.broken;
    this.compare();
    must(stage.conversation.record.phase === 'ended', 'it does not come to an end');
    const log = stage.store.events('conv_stage');
    new LogRules(log).mustBeSettled();
    for (const { key, acknowledged } of this.posts) {
      const stored = log.flatMap((event) => (event.type === 'message.accepted' && event.idempotency_key === key ? event.seq : []));
      must(stored.length <= 1, `${key} is stored ${stored.length} times`);
      must(acknowledged === undefined || stored[0] === acknowledged, `${key} was acknowledged at ${acknowledged}, and is at ${stored[0]}`);
    }
  }

  private async end(): Promise<void> {
    await this.stage.conversation.dispatch({ type: 'conversation.end', reason: 'ended_by_api' });
    this.stage.clock.advance(1_000);
    await this.stage.settled();
  }

  private compare(): void {
    new RecordShadow(this.stage.store.events('conv_stage')).compare(this.stage.conversation.record);
  }
}
