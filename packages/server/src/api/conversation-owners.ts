import { AppError, CONVERSATION_ID, type ConversationId } from '@backchannel/protocol';
import type { Store } from '../store/store.js';
import { type Caller, reachesAgent } from './caller.js';

/** Looked up in place of what is no id, so that it costs as much as an id that nobody has. */
const NOBODYS_ID = 'conv_';

/** Whose a conversation is, and which agent's: neither ever changes. */
export type Whose = { readonly workspaceId: string; readonly agentId: string };

/**
 * Which conversations a caller may name. What lives on this node says itself whose it is; of others a yes is remembered, since
 * whose a conversation is never changes. A no costs one look into the store, whether the id is unknown, another workspace's, beyond
 * what the caller reaches, or no id at all.
 */
export class ConversationOwners {
  private readonly known = new Map<ConversationId, Whose>();

  constructor(
    private readonly store: Pick<Store, 'head'>,
    private readonly liveHere: (id: ConversationId) => Whose | undefined,
    private readonly maxRemembered = 5_000,
  ) {}

  owns(caller: Caller, id: string): boolean | Promise<boolean> {
    const whose = this.liveHere(id) ?? this.known.get(id);
    return (whose !== undefined && reaches(caller, id, whose)) || this.look(caller, id);
  }

  /** Passes only for what the caller reaches; anything else is `conversation_not_found`. */
  async demand(caller: Caller, id: string): Promise<void> {
    if (!(await this.owns(caller, id))) throw AppError.of('conversation_not_found');
  }

  learn({ workspaceId, agentId }: Whose, id: ConversationId): void {
    this.known.set(id, { workspaceId, agentId });
    if (this.known.size <= this.maxRemembered) return;
    for (const oldest of this.known.keys()) {
      this.known.delete(oldest);
      return;
    }
  }

  forget(id: ConversationId): void {
    this.known.delete(id);
  }

  private async look(caller: Caller, id: string): Promise<boolean> {
    const head = await this.store.head(CONVERSATION_ID.test(id) ? id : NOBODYS_ID);
    if (head === undefined || !reaches(caller, id, head)) return false;
    this.learn(head, id);
    return true;
  }
}

function reaches(caller: Caller, id: string, { workspaceId, agentId }: Whose): boolean {
  if (workspaceId !== caller.workspaceId || !reachesAgent(caller, agentId)) return false;
  return caller.conversationId === undefined || caller.conversationId === id;
}
