import { setTimeout as pause } from 'node:timers/promises';
import type { Backend } from './backend.js';
import type { LogEvent } from './history.js';

const LOOK_EVERY_MS = 100;

/** Waits until every accepted message of a conversation has its end, or until its log has not changed for `patienceMs`. */
export async function settled(backend: Backend, conversation: string, patienceMs: number): Promise<void> {
  const open = new Set<unknown>();
  let cursor: string | undefined;
  for (let changedAt = performance.now(); performance.now() - changedAt < patienceMs; ) {
    const page = await backend.events(conversation, cursor);
    cursor = page.cursor;
    for (const event of page.events) {
      if (event.type === 'message.accepted') open.add(event.message_id);
      else if (event.type === 'message.level' && event.final === true) open.delete(event.message_id);
    }
    if (page.events.length > 0) changedAt = performance.now();
    if (page.more) continue;
    if (open.size === 0) return;
    await pause(LOOK_EVERY_MS);
  }
}

/** The whole log, page by page. */
export async function* wholeLog(backend: Backend, conversation: string): AsyncGenerator<LogEvent[]> {
  let cursor: string | undefined;
  for (let more = true; more; ) {
    const page = await backend.events(conversation, cursor);
    yield page.events;
    ({ cursor, more } = page);
  }
}
