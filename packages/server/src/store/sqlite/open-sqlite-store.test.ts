import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../lib/log.js';
import { createSystemClock } from '../../lib/system-clock.js';
import { storeContract } from '../../testing/store-contract.js';
import { openSqliteStore } from './open-sqlite-store.js';

storeContract('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'backchannel-'));
  const clock = createSystemClock();
  let store = await openSqliteStore({ folder, clock, log: silentLog });
  return {
    store,
    reopen: async () => {
      await store.close();
      store = await openSqliteStore({ folder, clock, log: silentLog });
      return store;
    },
    dispose: async () => {
      await store.close();
      clock.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
