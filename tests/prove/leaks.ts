import type { SoakVerdict } from './soak-verdicts.js';

/** Each leaking server, what is wrong with it, and the verdict that must come of it. */
export const LEAKS = {
  'keeps-sessions': { does: 'keeps every client session after its end', verdict: 'heap' },
  'keeps-descriptors': { does: 'opens a file for every client and never closes it', verdict: 'descriptors' },
} as const satisfies Readonly<Record<string, { readonly does: string; readonly verdict: SoakVerdict }>>;

export type LeakName = keyof typeof LEAKS;
export const LEAK_NAMES = Object.keys(LEAKS) as readonly LeakName[]; // keys of a constant object are its names
