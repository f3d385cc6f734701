import {
  type Answer,
  type AnswerTo,
  type ClientCommand,
  type NamedCommand,
  newConversationId,
  newSessionId,
  type Refusal,
} from '@backchannel/protocol';
import type { ClientSession } from '../conversation/client-session.js';
import type { ConversationHandle, JoinRequest, OpenConversation } from '../conversation/joining.js';

type SessionCommand = ClientCommand | NamedCommand;

/** A client that was let in, from the conversation's side: what it asked for, and its session to show it something. */
export class FakeConversation implements ConversationHandle {
  readonly conversationId = newConversationId();
  readonly sessionId = newSessionId();
  readonly commands: SessionCommand[] = [];
  /** How often `ready` was called. */
  readies = 0;
  /** What a command is answered with. */
  answer: (command: SessionCommand) => Answer<object> | Promise<Answer<object>> = () => ({ ok: true });
  private connected: ClientSession | undefined;
  private taken = 0;
  private waiting: (() => void)[] = [];

  constructor(readonly request: JoinRequest) {}

  get session(): ClientSession {
    if (!this.connected) throw new Error('not connected yet');
    return this.connected;
  }

  /** Takes the session and shows it the event that is its metadata. */
  join(connect: (handle: ConversationHandle, sessionId: string) => ClientSession): ClientSession {
    this.connected = connect(this, this.sessionId);
    this.connected.send({
      type: 'client.joined',
      seq: 2,
      epoch: 1,
      time: '2030-01-01T00:00:00.000Z',
      session_id: this.sessionId,
      role: 'user',
      transport: 'websocket',
      authorization_method: 'public',
      formats: this.request.formats,
    });
    return this.connected;
  }

  async dispatch<C extends SessionCommand>(command: C): Promise<AnswerTo<C>> {
    this.commands.push(command);
    this.wake();
    // A fake's answers are whatever the test says.
    return (await this.answer(command)) as AnswerTo<C>;
  }

  ready(): void {
    this.readies++;
    this.wake();
  }

  /** The next command that was not taken yet. */
  async next(): Promise<SessionCommand> {
    await this.until(() => this.commands.length > this.taken);
    return this.commands[this.taken++] as SessionCommand; // until() has just seen it
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  private wake(): void {
    for (const wake of this.waiting.splice(0)) wake();
  }
}

/** The use case behind a transport, by hand: lets everybody in, or nobody. */
export class FakeOpening {
  readonly conversations: FakeConversation[] = [];
  /** Everybody is refused with it. */
  refusal: Refusal | undefined;
  /** A join is decided when it resolves. */
  decided: Promise<void> = Promise.resolve();
  private waiting: (() => void)[] = [];

  readonly open: OpenConversation = async (request, connect) => {
    const conversation = new FakeConversation(request);
    this.conversations.push(conversation);
    for (const wake of this.waiting.splice(0)) wake();
    await this.decided;
    if (this.refusal) return this.refusal;
    return { ok: true, session: conversation.join(connect), conversationId: conversation.conversationId };
  };

  /** The conversation of the client that asked as number `index`, as soon as it has asked. */
  async asked(index: number): Promise<FakeConversation> {
    for (;;) {
      const conversation = this.conversations[index];
      if (conversation) return conversation;
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }
}
