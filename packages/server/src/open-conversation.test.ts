import { expect, it } from 'vitest';
import { KeyEnds } from './api/key-ends.js';
import { KeySessions } from './key-sessions.js';
import { silentLog } from './lib/log.js';
import { createOpening } from './open-conversation.js';
import { MemoryBus } from './routing/memory-bus.js';
import { Registry } from './routing/registry.js';
import { ArrayStore } from './testing/array-store.js';
import { ManualClock } from './testing/manual-clock.js';

it('[RE26] while the server stops, who opens a conversation over REST is told to retry in a moment', async () => {
  const [store, clock] = [new ArrayStore(), new ManualClock()];
  const runtimes = () => Promise.reject(new Error('no agent is asked for'));
  const registry = new Registry({ bus: new MemoryBus(), store, clock, log: silentLog, publish: () => {}, runtime: runtimes });
  const stopping = () => true;
  const keySessions = new KeySessions({ ends: new KeyEnds(clock), registry, log: silentLog });
  const fixed = { runtimes, log: silentLog, signingSecret: 's', presentCheckMs: 1 };
  const opening = createOpening({ ...fixed, store, registry, clock, keySessions, stopping });
  expect(await opening.create({ workspaceId: 'ws_a', agentId: 'agent_a', begun: 'api' })).toEqual({
    ok: false,
    code: 'server_stopping',
    message: 'The server is restarting; retry in a moment.',
  });
});
