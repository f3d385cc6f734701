import { AppError, CONVERSATION_ID, type ConversationId } from '@backchannel/protocol';
import type { Store } from '../store/store.js';

/** Looked up in place of what is no id, so that it costs as much as an id that nobody has. */
const NOBODYS_ID = 'conv_';

/**
 * Which conversations a workspace may name. Whose a conversation is never changes, so a yes is remembered; a no
 * costs one look into the store, whether the id is unknown, another workspace's, or no id at all.
 */
export class ConversationOwners {
  private readonly workspaces = new Map<ConversationId, string>();

  constructor(
    private readonly store: Pick<Store, 'head'>,
    private readonly maxRemembered = 50_000,
  ) {}

  owns(workspaceId: string, id: string): boolean | Promise<boolean> {
    return this.workspaces.get(id) === workspaceId || this.look(workspaceId, id);
  }

  /** Passes only for the workspace's own; anything else is `conversation_not_found`. */
  async demand(workspaceId: string, id: string): Promise<void> {
    if (!(await this.owns(workspaceId, id))) throw AppError.of('conversation_not_found');
  }

  learn(workspaceId: string, id: ConversationId): void {
    this.workspaces.set(id, workspaceId);
    if (this.workspaces.size <= this.maxRemembered) return;
    for (const oldest of this.workspaces.keys()) {
      this.workspaces.delete(oldest);
      return;
    }
  }

  forget(id: ConversationId): void {
    this.workspaces.delete(id);
  }

  private async look(workspaceId: string, id: string): Promise<boolean> {
    const head = await this.store.head(CONVERSATION_ID.test(id) ? id : NOBODYS_ID);
    if (head?.workspaceId !== workspaceId) return false;
    this.learn(workspaceId, id);
    return true;
  }
}
