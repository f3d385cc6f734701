import type { AnyAnswer, Command, ConversationEvent, MessageRequest, MessageType, PartialEvent, SendMessage } from '@backchannel/protocol';
import { Conversation, type Surroundings } from '../conversation/conversation.js';
import { fold } from '../conversation/evolve.js';
import { TimeWriter } from '../conversation/stamping.js';
import type { ConversationSettings } from '../conversation/state.js';
import { silentLog } from '../lib/log.js';
import { ArrayEventStore } from './array-event-store.js';
import { conversationSettings } from './conversation-settings.js';
import { ManualClock } from './manual-clock.js';
import { messageRequest } from './message-requests.js';
import { describeEvent, Names } from './notation.js';
import { RecordingSession } from './recording-session.js';
import { ScriptedEngine } from './scripted-engine.js';
import { settle } from './settle.js';

const ID = 'conv_stage';

/**
 * A whole `Conversation` on an array store, a manual clock and a scripted engine. `trace` notes what is seen
 * outside, wherever it is seen, in one order: frames, closes, what the engine is told, answers.
 */
export class LiveStage {
  readonly trace: string[] = [];
  readonly published: (ConversationEvent | PartialEvent)[] = [];
  readonly over: ('ended' | 'failed')[] = [];
  /** Called with everything that leaves for sessions and followers, when it leaves. */
  onLeave: (output: ConversationEvent | PartialEvent) => void = () => {};
  readonly store = new ArrayEventStore();
  clock = new ManualClock();
  readonly engine = new ScriptedEngine();
  readonly names = new Names();
  conversation: Conversation;
  /** The newest session. */
  session = new RecordingSession('nobody', ID);
  private noted = 0;
  /** How often the process has started: what an earlier one still says reaches nobody. */
  private process = 1;

  constructor(private readonly settings: ConversationSettings = conversationSettings()) {
    this.engine.onInput = (input) => {
      if (input.type !== 'event') this.trace.push(`engine: ${input.type} ${this.names.turn(input.turn)}`);
    };
    this.conversation = new Conversation(this.around(), this.engine, settings, undefined, 1);
  }

  /** A client's conversation at seq 5, as the walks begin; nothing of it is in the trace. */
  static async opened(settings?: ConversationSettings): Promise<LiveStage> {
    const stage = new LiveStage(settings);
    await stage.create('client');
    await stage.join('s1', { init: { first_message: 'Hello' } });
    await stage.ready();
    await stage.pong();
    stage.seen();
    return stage;
  }

  /** What was noted since the last look. */
  seen(): string[] {
    return this.trace.splice(0);
  }

  /** What was stored since the last look. */
  stored(): string[] {
    const events = this.store.events(ID).slice(this.noted);
    this.noted += events.length;
    return events.map((event) => describeEvent(event, this.names));
  }

  /** Lets everything run that can. */
  async settled(): Promise<void> {
    await settle(3);
  }

  /** Hands it a command; the answer is noted when it comes, under `name`. */
  dispatch(name: string, command: Command): Promise<AnyAnswer> {
    const { process } = this;
    return this.conversation.dispatch(command).then((answer: AnyAnswer) => {
      if (process !== this.process) return answer;
      if (answer.ok && 'message_id' in answer && command.type === 'message.send') this.names.give(String(answer.message_id), name);
      this.trace.push(`${name}: ${wordOf(answer)}`);
      return answer;
    });
  }

  async create(begun: 'client' | 'api', firstMessage = ''): Promise<void> {
    await this.conversation.dispatch({
      type: 'conversation.create',
      conversation_id: ID,
      workspace_id: 'ws_1',
      agent_id: 'agent_1',
      agent_hash: 'hash',
      engine: 'native',
      begun,
      ...(firstMessage === '' ? {} : { init: { first_message: firstMessage } }),
    });
  }

  join(id: string, more: Partial<Extract<Command, { type: 'client.join' }>> = {}): Promise<AnyAnswer> {
    const note = this.whileAlive((word: string) => this.trace.push(word));
    this.session = new RecordingSession(id, ID, note);
    this.session.onSend = this.whileAlive((output: ConversationEvent | PartialEvent) => this.onLeave(output));
    return this.conversation.join(this.session, {
      type: 'client.join',
      session_id: id,
      role: 'user',
      transport: 'websocket',
      authorization_method: 'signed_url',
      formats: { input: 'pcm_16000', output: 'pcm_16000' },
      ...more,
    });
  }

  async ready(): Promise<void> {
    this.conversation.ready(this.session.id);
    await this.settled();
  }

  async pong(through = this.session.pinged): Promise<void> {
    await this.conversation.dispatch({ type: 'client.pong', session_id: this.session.id, through });
  }

  /** A backend sends a message. */
  post(name: string, type: MessageType, request: Partial<MessageRequest> = {}, more: Partial<SendMessage> = {}): Promise<AnyAnswer> {
    return this.dispatch(name, { type: 'message.send', message: messageRequest(type, request), source: 'api', ...more });
  }

  typed(name: string, text = 'typed'): Promise<AnyAnswer> {
    const message = messageRequest('user_message', { text, urgency: 'immediate' });
    return this.dispatch(name, { type: 'message.send', message, source: 'client', session_id: this.session.id });
  }

  /** The process dies and starts again: only what is in the store is left, and everybody who waits hears nothing. */
  async restart(): Promise<void> {
    this.process += 1;
    const epoch = await this.store.claim(ID);
    this.clock = new ManualClock(this.clock.wall());
    this.conversation = new Conversation(this.around(), this.engine, this.settings, fold(this.store.events(ID)), epoch);
    await this.conversation.dispatch({ type: 'conversation.recover' });
  }

  private around(): Surroundings {
    return {
      store: this.store,
      clock: this.clock,
      log: silentLog,
      times: new TimeWriter(),
      publish: this.whileAlive((_id: string, entries: readonly (ConversationEvent | PartialEvent)[]) => {
        for (const entry of entries) this.onLeave(entry);
        this.published.push(...entries);
      }),
      over: this.whileAlive((_conversation: Conversation, why: 'ended' | 'failed') => this.over.push(why)),
    };
  }

  private whileAlive<A extends unknown[]>(act: (...values: A) => void): (...values: A) => void {
    const { process } = this;
    return (...values) => {
      if (process === this.process) act(...values);
    };
  }
}

function wordOf(answer: AnyAnswer): string {
  if (!answer.ok) return answer.code;
  if ('replayed' in answer && answer.replayed === true) return 'replayed';
  const receipt = 'receipt' in answer ? answer.receipt : undefined;
  return typeof receipt === 'object' && receipt !== null && 'status' in receipt ? String(receipt.status) : 'ok';
}
