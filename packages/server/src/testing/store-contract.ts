import { describe } from 'vitest';
import type { OpenedStore, WithStore } from './opened-store.js';
import { conversationListContract } from './store-contract-lists.js';
import { logContract } from './store-contract-log.js';
import { smallTablesContract } from './store-contract-tables.js';

/** What every store keeps to, as a suite: a new store begins by passing it. */
export function storeContract(name: string, open: () => Promise<OpenedStore>): void {
  const withStore: WithStore = (body) => async () => {
    const opened = await open();
    try {
      await body(opened.store, () => opened.reopen());
    } finally {
      await opened.dispose();
    }
  };
  describe(name, () => {
    logContract(withStore);
    conversationListContract(withStore);
    smallTablesContract(withStore);
  });
}
