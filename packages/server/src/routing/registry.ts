import type { Command, ConversationId, NamedCommand } from '@backchannel/protocol';
import { Conversation, type Surroundings } from '../conversation/conversation.js';
import type { Engine } from '../conversation/engine.js';
import type { EventStore } from '../conversation/event-store.js';
import { fold } from '../conversation/evolve.js';
import { TimeWriter } from '../conversation/stamping.js';
import type { ConversationSettings } from '../conversation/state.js';
import type { Clock } from '../lib/clock.js';
import type { Log } from '../lib/log.js';
import type { Bus } from './bus.js';
import { readLog } from './read-log.js';

/** What an agent's configuration becomes here: shared by every conversation that started with it. */
export type AgentRuntime = { readonly engine: Engine; readonly settings: ConversationSettings };

type Create = Extract<Command, { type: 'conversation.create' }>;
type Loaded = 'loaded' | 'not_found' | 'unavailable';

export type RegistryOptions = {
  readonly bus: Bus;
  readonly store: EventStore & { probe(): Promise<void> };
  readonly clock: Clock;
  readonly log: Log;
  readonly publish: Surroundings['publish'];
  /** The runtime of the configuration with this hash; rejects when the store cannot be read. */
  readonly runtime: (agentHash: string) => Promise<AgentRuntime>;
};

/** How many ended conversations stay folded, for replays of a known key. */
const ENDED_KEPT = 64;
const PROBE_EVERY_MS = 1_000;

/** The conversations that live on this node. Each serves its own subject on the bus for as long as it is here. */
export class Registry {
  private readonly live = new Map<ConversationId, { readonly conversation: Conversation; readonly stop: () => void }>();
  private readonly loading = new Map<ConversationId, Promise<Loaded>>();
  /** To be loaded again once the store can be written. */
  private readonly failed = new Set<ConversationId>();
  private readonly ended: ConversationId[] = [];
  private readonly around: Surroundings;
  private stopProbing: (() => void) | undefined;

  constructor(private readonly options: RegistryOptions) {
    this.around = { ...options, times: new TimeWriter(), over: (conversation, why) => this.over(conversation, why) };
  }

  get count(): number {
    return this.live.size;
  }

  /** How many of them have not ended. Looks at each, so it is for whoever asks now and then. */
  get alive(): number {
    let alive = 0;
    for (const { conversation } of this.live.values()) if (conversation.record.phase !== 'ended') alive += 1;
    return alive;
  }

  /** Whose a conversation is that is here and has not ended. */
  whose(id: ConversationId): { readonly workspaceId: string; readonly agentId: string } | undefined {
    const record = this.get(id)?.record;
    return record?.phase === 'ended' ? undefined : record;
  }

  /** Those that are here, for whoever looks at all of them now and then. */
  *conversations(): Iterable<Conversation> {
    for (const { conversation } of this.live.values()) yield conversation;
  }

  get(id: ConversationId): Conversation | undefined {
    return this.live.get(id)?.conversation;
  }

  /** Begins a conversation here. The answer comes when its first event is durable; the object is there at once. */
  create(command: Create, { engine, settings }: AgentRuntime): { conversation: Conversation; created: Promise<{ readonly ok: boolean }> } {
    const conversation = new Conversation(this.around, engine, settings, undefined, 1);
    const created = conversation.dispatch(command);
    this.register(command.conversation_id, conversation);
    return { conversation, created };
  }

  /** Makes this node the owner of a conversation that nobody serves. Many callers share one load. */
  load(id: ConversationId): Promise<Loaded> {
    if (this.live.has(id)) return Promise.resolve('loaded');
    const running = this.loading.get(id);
    if (running !== undefined) return running;
    const load = this.claimAndFold(id)
      .catch((error: unknown): Loaded => {
        this.options.log.warn({ conversation_id: id, err: error }, 'conversation could not be loaded');
        return 'unavailable';
      })
      .finally(() => this.loading.delete(id));
    this.loading.set(id, load);
    return load;
  }

  /** The live object, loaded when it is not here. */
  async obtain(id: ConversationId): Promise<Conversation | Exclude<Loaded, 'loaded'>> {
    const loaded = await this.load(id);
    if (loaded !== 'loaded') return loaded;
    return this.get(id) ?? 'unavailable';
  }

  /** Waits for running replies, at most `withinMs`. What then happens to the clients is the transports' part. */
  async drain(withinMs: number): Promise<void> {
    const by = this.options.clock.mono() + withinMs;
    const busy = () => [...this.live.values()].some(({ conversation }) => conversation.busy);
    while (busy() && this.options.clock.mono() < by) {
      await new Promise<void>((resolve) => this.options.clock.alarm(this.options.clock.mono() + 20, resolve));
    }
  }

  /** The node stops: nothing is served any more, and what is not stored is not answered. */
  close(): void {
    this.stopProbing?.();
    for (const { stop } of this.live.values()) stop();
    this.live.clear();
  }

  private async claimAndFold(id: ConversationId): Promise<Loaded> {
    const { store } = this.options;
    if ((await store.head(id)) === undefined) return 'not_found';
    const epoch = await store.claim(id);
    const record = fold(await readLog(store, id));
    const { engine, settings } = await this.options.runtime(record.agentHash);
    const conversation = new Conversation(this.around, engine, settings, record, epoch);
    this.failed.delete(id);
    this.register(id, conversation);
    if (record.phase === 'ended') this.keepEnded(id);
    else void conversation.dispatch({ type: 'conversation.recover' });
    return 'loaded';
  }

  private register(id: ConversationId, conversation: Conversation): void {
    const stop = this.options.bus.serve(`conv.${id}`, (command) => conversation.dispatch(command as NamedCommand));
    this.live.set(id, { conversation, stop });
  }

  private remove(id: ConversationId): void {
    this.live.get(id)?.stop();
    this.live.delete(id);
  }

  private keepEnded(id: ConversationId): void {
    this.ended.push(id);
    while (this.ended.length > ENDED_KEPT) this.remove(this.ended.shift() as ConversationId);
  }

  private over(conversation: Conversation, why: 'ended' | 'failed'): void {
    const id = conversation.record.conversationId;
    if (this.get(id) !== conversation) return;
    if (why === 'ended') {
      const { agentId, ended } = conversation.record;
      this.options.log.info(
        { conversation_id: id, agent_id: agentId, reason: ended?.reason, status: ended?.status },
        'a conversation ended',
      );
    }
    this.remove(id);
    if (why === 'ended') return;
    this.failed.add(id);
    this.probeLater();
  }

  /** What was lost with a failed append comes back as after a restart, once a probe write succeeds. */
  private probeLater(): void {
    if (this.stopProbing !== undefined) return;
    const { clock, store, log } = this.options;
    const stop = clock.alarm(clock.mono() + PROBE_EVERY_MS, () => {
      store.probe().then(
        () => {
          this.stopProbing = undefined;
          for (const id of this.failed)
            void this.load(id).then((loaded) => (loaded === 'unavailable' ? this.probeLater() : this.failed.delete(id)));
        },
        (error: unknown) => {
          log.warn({ err: error }, 'the store cannot be written; trying again every second');
          this.stopProbing = undefined;
          this.probeLater();
        },
      );
    });
    this.stopProbing = stop;
  }
}
