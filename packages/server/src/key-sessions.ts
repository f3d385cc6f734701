import type { Caller } from './api/caller.js';
import type { KeyEnds, WhyEnded } from './api/key-ends.js';
import type { ClientSession } from './conversation/client-session.js';
import type { Log } from './lib/log.js';
import type { Registry } from './routing/registry.js';

type Parts = { readonly ends: KeyEnds; readonly registry: Pick<Registry, 'conversations'>; readonly log: Log };

/**
 * The client sessions that an API key let in end with their key. Only the session knows its key, so the end of a key looks through all
 * that live here: it is rare, and a session costs nothing while it lasts.
 */
export class KeySessions {
  private readonly keys = new WeakMap<ClientSession, string>();
  private readonly awaited = new Set<string>();

  constructor(private readonly parts: Parts) {}

  add(session: ClientSession, caller: Caller): void {
    const { keyId } = caller;
    this.keys.set(session, keyId);
    if (this.awaited.has(keyId)) return;
    this.awaited.add(keyId);
    this.parts.ends.await(caller, (why) => {
      this.awaited.delete(keyId);
      this.close(keyId, why);
    });
  }

  /** The conversation drops the client as lost, so a signed URL may bring it back. */
  private close(keyId: string, why: WhyEnded): void {
    const { registry, log } = this.parts;
    for (const conversation of registry.conversations()) {
      const session = conversation.userSession;
      if (session === undefined || this.keys.get(session) !== keyId) continue;
      conversation
        .dispatch({ type: 'client.leave', session_id: session.id, reason: 'lost' })
        .catch((error: unknown) => log.error({ err: error, session_id: session.id }, 'A client whose key has ended could not leave'));
      session.close({ kind: 'error', code: why });
    }
  }
}
