import type { Verdict } from './verdicts.js';

/** Each sabotaged server, what is wrong with it, and the verdict that must come of it. */
export const SABOTAGES = {
  'acknowledge-before-commit': { does: 'answers 40 ms before the log is written', verdict: 'lost' },
  'no-de-duplication': { does: 'does not see idempotency keys', verdict: 'doubled' },
  'reversed-flush': { does: 'sends what waited for a client in reverse', verdict: 'reordered' },
  'skip-on-reconnect': { does: 'shows a client that is back only what is new', verdict: 'missed' },
  'lost-receipt': { does: 'does not store that one message in eight was confirmed', verdict: 'unfinished' },
} as const satisfies Readonly<Record<string, { readonly does: string; readonly verdict: Verdict }>>;

export type SabotageName = keyof typeof SABOTAGES;
export const SABOTAGE_NAMES = Object.keys(SABOTAGES) as readonly SabotageName[]; // keys of a constant object are its names
