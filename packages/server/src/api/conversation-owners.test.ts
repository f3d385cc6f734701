import { describe, expect, it } from 'vitest';
import { ArrayStore } from '../testing/array-store.js';
import { startTestApi } from '../testing/start-test-api.js';
import type { Caller } from './caller.js';
import { ConversationOwners } from './conversation-owners.js';

const CALLER: Caller = { workspaceId: 'ws_a', keyId: 'key_a', scopes: new Set() };
const OF_A = { workspaceId: 'ws_a', agentId: 'agent_a' };
const OF_B = { workspaceId: 'ws_b', agentId: 'agent_b' };

/** Lives here. */
const nobody = (): undefined => undefined;

const ELSEWHERE = ['conv_b', 'conv_nobody', 'CONV_A', 'conv_a%20', 'conv_', 'x', `conv_${'a'.repeat(300)}`, '%00', 'conv_%F0%9F%98%80'];

describe('whose a conversation is', () => {
  it('[RE15] an unknown id, a malformed one and another workspace’s get the same answer', async () => {
    await using api = await startTestApi();
    await api.conversation('conv_a');
    await api.conversation('conv_b', 'ws_b');
    // Its owner has named it before, which must not show.
    expect((await api.call('GET', 'conversations/conv_b', { key: 'key-of-b' })).status).toBe(200);
    const bodies = new Set<string>();
    for (const id of ELSEWHERE) {
      for (const [method, path] of [
        ['GET', ''],
        ['POST', '/messages'],
        ['GET', '/events'],
        ['POST', '/end'],
        ['DELETE', ''],
        ['GET', '/messages/msg_a'],
      ] as const) {
        const { status, text } = await api.call(method, `conversations/${id}${path}`);
        expect([id, method, path, status]).toEqual([id, method, path, 404]);
        bodies.add(text.replace(/req_\w+/, 'req_'));
      }
    }
    expect([...bodies]).toEqual([expect.stringContaining('"code":"conversation_not_found"')]);
    expect(api.router.sent).toEqual([]);
  });

  it('[RE15] every no costs one look into the store, every later yes none', async () => {
    const store = new ArrayStore();
    const owners = new ConversationOwners(store, nobody);
    const lookups = async (id: string): Promise<number> => {
      const before = store.headLookups;
      await owners.owns(CALLER, id);
      return store.headLookups - before;
    };
    owners.learn(OF_A, 'conv_a');
    owners.learn(OF_B, 'conv_b');
    expect(await lookups('conv_a')).toBe(0);
    for (const id of ['conv_b', 'conv_b', 'conv_nobody', 'conv_nobody', 'no id']) expect(await lookups(id)).toBe(1);
  });

  it('[RE15] asks the store nothing about what lives here', async () => {
    const store = new ArrayStore();
    const owners = new ConversationOwners(store, (id) => (id === 'conv_a' ? OF_A : id === 'conv_b' ? OF_B : undefined));
    expect(owners.owns(CALLER, 'conv_a')).toBe(true);
    expect(store.headLookups).toBe(0);
    expect(await owners.owns(CALLER, 'conv_b')).toBe(false);
    expect(store.headLookups).toBe(1);
  });

  it('[RE16] remembers a bounded number of conversations, and forgets erased ones', async () => {
    const store = new ArrayStore();
    const owners = new ConversationOwners(store, nobody, 2);
    for (const id of ['conv_a', 'conv_b', 'conv_c']) owners.learn(OF_A, id);
    expect(owners.owns(CALLER, 'conv_c')).toBe(true);
    owners.forget('conv_c');
    expect(await owners.owns(CALLER, 'conv_c')).toBe(false);
    expect(await owners.owns(CALLER, 'conv_a')).toBe(false);
  });

  it('[AC1] what a narrowed caller does not reach costs and looks the same as what nobody has', async () => {
    const store = new ArrayStore();
    const owners = new ConversationOwners(store, nobody);
    owners.learn(OF_A, 'conv_a');
    const others: Caller[] = [
      { ...CALLER, agentIds: new Set(['agent_other']) },
      { ...CALLER, conversationId: 'conv_other' },
    ];
    for (const caller of others) {
      for (const id of ['conv_a', 'conv_nobody']) {
        const before = store.headLookups;
        expect(await owners.owns(caller, id)).toBe(false);
        expect(store.headLookups - before).toBe(1);
      }
    }
    for (const caller of [
      { ...CALLER, agentIds: new Set(['agent_a', 'agent_other']) },
      { ...CALLER, conversationId: 'conv_a' },
    ]) {
      expect(owners.owns(caller, 'conv_a')).toBe(true);
    }
  });
});
