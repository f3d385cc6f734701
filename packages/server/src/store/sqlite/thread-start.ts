import type { StoreOpenError } from '../store-open-error.js';

/** The first word of a thread: it works, or why it never will. */
export type Started =
  | { readonly started: true }
  | { readonly started: false; readonly reason: StoreOpenError['reason']; readonly message: string };
