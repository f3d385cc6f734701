import type { Out } from './decision.js';

/** True when nobody waits for any of it: the append may join the next group commit. */
export function rides(out: readonly Out[]): boolean {
  return out.every(
    (item) =>
      item.kind === 'event' &&
      (item.event.type === 'client.confirmed' ||
        item.event.type === 'client.left' ||
        (item.event.type === 'message.level' && item.event.level === 'spoken')),
  );
}
