import { setTimeout as wait } from 'node:timers/promises';
import type { RemoteClient, Told } from '../harness/line-program.js';
import { ProgramError } from '../harness/line-program.js';
import type { TestServer } from '../harness/start-server.js';
import { until } from '../harness/until.js';
import type { Client, Way } from './clients.js';
import { NoWay } from './no-way.js';

type Read = {
  readonly conversation_id: string;
  readonly status: string;
  readonly metadata: Readonly<Record<string, unknown>> & { readonly feedback?: { readonly overall_score?: string } | null };
};
type Greeting = { readonly firstMessage?: string };

/** One conversation of one client, for one cell of the table. */
export class Talk {
  constructor(
    readonly server: TestServer,
    private readonly remote: RemoteClient,
    private readonly client: Client,
    private session: string,
    private readonly streams: boolean,
  ) {}

  /** Enters an agent of its own and answers the conversation's id; `any` is the way that this client has. */
  async enter(how: 'public' | 'private' | 'any' = 'any', { firstMessage = '' }: Greeting = {}): Promise<string> {
    const isPrivate = how === 'private' || (how === 'any' && typeof this.client.ways.public === 'string');
    const way = isPrivate ? this.client.ways.private : this.client.ways.public;
    if (typeof way === 'string') throw new NoWay(way);
    const agentId = await this.agent(isPrivate, firstMessage);
    const signedUrl = isPrivate ? (await this.server.api.mint(agentId)).signedUrl : '';
    return this.start(way({ agentId, signedUrl, origin: this.server.origin }));
  }

  /** A signed URL of a conversation that waits for its client. */
  async mint({ firstMessage = '' }: Greeting = {}): Promise<{ readonly id: string; readonly signedUrl: string; readonly agentId: string }> {
    const agentId = await this.agent(true, firstMessage);
    const { signedUrl, conversationId } = await this.server.api.mint(agentId, { include_conversation_id: 'true' });
    return { id: conversationId, signedUrl, agentId };
  }

  enterMinted(agentId: string, signedUrl: string): Promise<string> {
    const { minted } = this.client.ways;
    if (typeof minted === 'string') return Promise.reject(new NoWay(minted));
    return this.start(minted({ agentId, signedUrl, origin: this.server.origin }));
  }

  /** A start that must not succeed, of which the app must be told a reason of ours. */
  async refused(): Promise<void> {
    const { minted } = this.client.ways;
    if (typeof minted === 'string') return this.refusedUnknown();
    const { agentId, signedUrl } = await this.mint();
    await this.enterMinted(agentId, signedUrl);
    this.session += '-again';
    await this.mustFail(minted({ agentId, signedUrl, origin: this.server.origin }), 'signed_url_used');
  }

  async say(text: string): Promise<void> {
    await this.ask('say', { text });
  }

  async ask<T>(command: string, args: object = {}): Promise<T> {
    try {
      return await this.remote.ask<T>(command, { session: this.session, ...args });
    } catch (error) {
      throw asNoWay(error);
    }
  }

  /** What it has told of this session under that name. */
  told(event: string): Told[] {
    return this.remote.events.filter((one) => one.event === event && one.session === this.session);
  }

  /** The agent's lines, as it was told them. */
  lines(): string[] {
    return this.told('agent_response').map(({ text }) => String(text));
  }

  async line(text: string): Promise<void> {
    await until(`the line "${text}"; there are: ${JSON.stringify(this.lines())}`, () => this.lines().includes(text), { withinMs: 6_000 });
  }

  /** Resolves when the reply that the model is asked for as number `count` has begun to be shown, or should have where the client has no word for it. */
  async begun(count: number): Promise<void> {
    await this.server.model.asked(count);
    if (this.streams) await until('the first words', () => this.told('part').some(({ kind }) => kind === 'delta'));
    else await wait(500);
  }

  /** Only a version that can show a stream goes on. */
  mustStream(): void {
    if (!this.streams) throw new NoWay('this version has no callback for a stream');
  }

  conversation(id: string): Promise<Read> {
    return this.server.api.conversation<Read>(id);
  }

  async ended(id: string, reason: string): Promise<void> {
    await until(
      `the conversation has ended as ${reason}`,
      async () => (await this.conversation(id)).metadata.termination_reason === reason,
    );
  }

  async thumb(id: string): Promise<void> {
    if (this.client.rest === undefined) await this.ask('feedback', { id, url: this.server.url });
    else await this.client.rest.thumb(this.rest, id);
  }

  restAgents(): Promise<void> {
    return this.client.rest?.agents(this.rest) ?? Promise.reject(new NoWay(NO_REST));
  }

  async restConversations(): Promise<void> {
    if (this.client.rest === undefined) throw new NoWay(NO_REST);
    const agentId = await this.agent(false, '');
    await this.client.rest.conversations(this.rest, { agentId, id: await this.server.api.open(agentId) });
  }

  private readonly rest = <T>(args: object): Promise<T> => this.ask<T>('rest', { ...args, session: undefined });

  private async start(args: object): Promise<string> {
    const id = await this.ask<string | null>('start', args);
    if (id !== null) return id;
    throw new Error(`it did not start: ${JSON.stringify(this.remote.events.filter(({ session }) => session === this.session))}`);
  }

  private async refusedUnknown(): Promise<void> {
    const way = this.client.ways.private;
    if (typeof way === 'string') throw new NoWay(way);
    await this.mustFail(way({ agentId: `agent_${'0'.repeat(28)}`, signedUrl: '', origin: this.server.origin }), 'agent_not_found');
  }

  private async mustFail(args: ReturnType<Way>, reason: string): Promise<void> {
    let told = '';
    try {
      await this.start(args);
    } catch (error) {
      if (error instanceof NoWay) throw error;
      told = error instanceof ProgramError ? JSON.stringify(error.told) : String(error);
    }
    if (this.told('disconnected').some(({ details }) => details === undefined))
      throw new NoWay('this version tells that it has ended, and not why');
    // Some tell it by a callback instead.
    told += JSON.stringify(this.remote.events.filter(({ session }) => session === this.session));
    if (!told.includes(reason)) throw new Error(`"${reason}" did not reach the app: ${told}`);
  }

  private agent(isPrivate: boolean, firstMessage: string): Promise<string> {
    return this.server.api.createAgent({
      name: 'Table of clients',
      conversation_config: {
        agent: { first_message: firstMessage, prompt: { prompt: 'You help with parcels.', llm: 'gpt-4o-mini' } },
        conversation: { text_only: true },
      },
      platform_settings: { auth: { enable_auth: isPrivate } },
    });
  }
}

const NO_REST = 'a client for apps; REST with a key is for backends';

/** A command that this version of the client cannot do, as it shows in the client's own language. */
function asNoWay(error: unknown): unknown {
  if (!(error instanceof ProgramError)) return error;
  const { told } = error;
  return told.none || told.class === 'AttributeError' ? new NoWay(told.text) : error;
}
