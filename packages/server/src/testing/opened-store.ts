import type { Store } from '../store/store.js';

/** A store on files or tables of its own, for one test. */
export type OpenedStore = {
  readonly store: Store;
  /** Closes the store and opens what it left behind. */
  reopen(): Promise<Store>;
  /** Closes whatever is open and removes what was stored. */
  dispose(): Promise<void>;
};

/** Turns the body of a test into one that gets a store of its own and disposes of it. */
export type WithStore = (body: (store: Store, reopen: () => Promise<Store>) => Promise<void>) => () => Promise<void>;
