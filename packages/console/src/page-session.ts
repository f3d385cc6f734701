import { askServer, Refused } from './refused.js';
import type { KeyPlace } from './snippets.js';

/** What a page on this machine is given: one conversation of the demo agent, a way in, and a token for it alone. */
export type PageSession = {
  readonly conversation_id: string;
  readonly signed_url: string;
  /** Reads and writes this conversation until the server ends; held in memory only. */
  readonly token: string;
  /** Brings the page back into this conversation, also after a restart of the server. */
  readonly resume: string;
  readonly api_key: KeyPlace;
};

/** A new conversation, or with `resume` the same one again. `undefined` where pages get none: the server is not on this machine. */
export async function openPageSession(resume?: string): Promise<PageSession | undefined> {
  const body = JSON.stringify(resume === undefined ? {} : { resume });
  try {
    return await askServer<PageSession>('page/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  } catch (error) {
    if (error instanceof Refused && error.code === 'page_only_local') return undefined;
    throw error;
  }
}
