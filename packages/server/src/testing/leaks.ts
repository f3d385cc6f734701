import { openSync } from 'node:fs';
import { devNull } from 'node:os';
import type { ClientSession } from '../conversation/client-session.js';
import type { ConversationHandle } from '../conversation/joining.js';
import type { Sabotage } from './sabotage.js';

/** What a client leaves behind, in bytes: as a forgotten listener would keep the frames of a few minutes. */
const LEFT_BYTES = 16_384;

type Kept = { readonly session: ClientSession; readonly handle: ConversationHandle; readonly frames: readonly number[] };
const kept: Kept[] = [];

/** Ways in which a server could fill up with what is over: what a soak must catch. */
export const LEAKS = {
  'keeps-sessions': {
    between: (open) => (request, connect) =>
      open(request, (handle, id) => {
        const session = connect(handle, id);
        kept.push({ session, handle, frames: Array.from({ length: LEFT_BYTES / 8 }, (_, i) => i / 2) });
        return session;
      }),
  },
  'keeps-descriptors': {
    between: (open) => (request, connect) => {
      openSync(devNull, 'r');
      return open(request, connect);
    },
  },
} as const satisfies Readonly<Record<string, Sabotage>>;

export type LeakName = keyof typeof LEAKS;
