import { describe, expect, it } from 'vitest';
import type { AgentQuery, AgentRow, KeyRow } from '../store/store.js';
import { LogWriter, START } from './log-writer.js';
import type { WithStore } from './opened-store.js';

const agent = (agentId: string, fields: Partial<AgentRow> = {}): AgentRow => ({
  agentId,
  workspaceId: 'ws_1',
  name: `Name of ${agentId}`,
  config: '{"conversation_config":{}}',
  hash: 'hash_1',
  createdAt: START,
  updatedAt: START,
  ...fields,
});

const key = (keyId: string, fields: Partial<KeyRow> = {}): KeyRow => ({
  keyId,
  workspaceId: 'ws_1',
  name: 'A key',
  hash: `hash of ${keyId}`,
  scopes: ['messages:write', 'conversations:read'],
  source: 'api',
  createdAt: START,
  ...fields,
});

/** Agents, keys, workspaces, settings and the answers of idempotent requests. */
export function smallTablesContract(withStore: WithStore): void {
  describe('small tables', () => {
    it(
      '[ST50] puts, replaces, gives and deletes agents',
      withStore(async (store) => {
        await store.agents.put(agent('agent_a'));
        expect(await store.agents.get('agent_a')).toEqual(agent('agent_a'));
        const changed = agent('agent_a', { name: 'Other', config: '{"x":1}', hash: 'hash_2', updatedAt: START + 5 });
        await store.agents.put(changed);
        expect(await store.agents.get('agent_a')).toEqual(changed);
        expect([await store.agents.delete('agent_a'), await store.agents.delete('agent_a')]).toEqual([true, false]);
        expect(await store.agents.get('agent_a')).toBeUndefined();
      }),
    );

    it(
      '[ST70] lists agents by name, oldest first, by tag and by whether they are archived, in pages that neither skip nor repeat',
      withStore(async (store) => {
        const names = ['Äpfel', 'beta', 'Alpha', 'alpha', 'gamma'];
        for (const [i, name] of names.entries()) {
          const config = JSON.stringify({ tags: i % 2 ? ['odd', 'x'] : ['even'], platform_settings: { archived: i === 4 } });
          await store.agents.put(agent(`agent_${i}`, { name, config, hash: `h${i}` }));
        }
        await store.agents.put(agent('agent_none', { name: 'none', config: '{}', hash: 'none' }));
        const listed = async (query: Partial<AgentQuery>): Promise<string[]> => {
          const found: string[] = [];
          let cursor: string | undefined;
          do {
            const page = await store.agents.list({ workspaceId: 'ws_1', pageSize: 2, ...query, ...(cursor !== undefined && { cursor }) });
            found.push(...page.items.map(({ name }) => name));
            cursor = page.nextCursor;
            await store.agents.put(agent('agent_new', { name: 'aaa', workspaceId: 'ws_2' }));
          } while (cursor !== undefined);
          return found;
        };
        expect(await listed({ order: 'oldest' })).toEqual([...names, 'none']);
        expect(await listed({})).toEqual(['none', ...names.toReversed()]);
        const byName = ['Alpha', 'alpha', 'beta', 'gamma', 'none', 'Äpfel'];
        expect(await listed({ order: 'a to z' })).toEqual(byName);
        expect(await listed({ order: 'z to a' })).toEqual(byName.toReversed().with(4, 'alpha').with(5, 'Alpha'));
        expect(await listed({ tags: ['odd', 'nobody’s'] })).toEqual(['alpha', 'beta']);
        expect(await listed({ tags: [] })).toEqual([]);
        expect(await listed({ archived: true })).toEqual(['gamma']);
        expect(await listed({ archived: false, tags: ['even'] })).toEqual(['Alpha', 'Äpfel']);
        const place = (await store.agents.list({ workspaceId: 'ws_1', pageSize: 1 })).nextCursor ?? '';
        await expect(store.agents.list({ workspaceId: 'ws_1', pageSize: 1, order: 'a to z', cursor: place })).rejects.toThrow('cursor');
      }),
    );

    it(
      '[ST50] lists the agents of a workspace newest first, in pages, by what their name contains',
      withStore(async (store) => {
        for (let i = 0; i < 5; i++) await store.agents.put(agent(`agent_${i}`, { name: `${i % 2 ? 'Desk' : 'Shop'} 100% ${i}` }));
        await store.agents.put(agent('agent_other', { workspaceId: 'ws_2' }));
        await store.agents.put(agent('agent_0', { name: 'Shop 100% 0, changed' }));
        const page = await store.agents.list({ workspaceId: 'ws_1', pageSize: 3 });
        expect(page.items.map(({ agentId }) => agentId)).toEqual(['agent_4', 'agent_3', 'agent_2']);
        const rest = await store.agents.list({ workspaceId: 'ws_1', pageSize: 3, cursor: page.nextCursor ?? '' });
        expect(rest.items.map(({ agentId }) => agentId)).toEqual(['agent_1', 'agent_0']);
        expect(rest.nextCursor).toBeUndefined();
        const search = async (text: string) => (await store.agents.list({ workspaceId: 'ws_1', pageSize: 9, search: text })).items.length;
        const only = async (...agentIds: string[]) =>
          (await store.agents.list({ workspaceId: 'ws_1', pageSize: 9, agentIds })).items.map(({ agentId }) => agentId);
        expect([await only('agent_3', 'agent_1', 'agent_other'), await only()]).toEqual([['agent_3', 'agent_1'], []]);
        expect([await search('dESK'), await search('100%'), await search('_'), await search('')]).toEqual([2, 5, 0, 5]);
      }),
    );

    it(
      '[ST51] keeps a configuration under its hash while conversations name it, whatever becomes of the agent',
      withStore(async (store, reopen) => {
        await store.agents.put(agent('agent_a', { config: '{"v":1}', hash: 'h1' }));
        await new LogWriter(store).create({ agent_id: 'agent_a', agent_hash: 'h1' });
        await store.agents.put(agent('agent_a', { config: '{"v":2}', hash: 'h2' }));
        await store.agents.delete('agent_a');
        const again = await reopen();
        expect(await again.agents.configByHash('h1')).toBe('{"v":1}');
        expect(await again.agents.configByHash('never')).toBeUndefined();
      }),
    );

    it(
      '[ST52] finds a key by its hash and lists those of a workspace, newest first',
      withStore(async (store) => {
        await store.keys.put(key('key_1'));
        await store.keys.put(key('key_2', { scopes: [] }));
        await store.keys.put(key('key_3', { workspaceId: 'ws_2' }));
        await store.keys.put(key('key_1', { name: 'Renamed' }));
        expect(await store.keys.byHash('hash of key_1')).toEqual(key('key_1', { name: 'Renamed' }));
        expect(await store.keys.byHash('unknown')).toBeUndefined();
        expect((await store.keys.list('ws_1')).map(({ keyId }) => keyId)).toEqual(['key_2', 'key_1']);
        await expect(store.keys.put(key('key_4', { hash: 'hash of key_2' }))).rejects.toThrow();
      }),
    );

    it(
      '[ST58] keeps what narrows and ends a key; a revoked one is found by hash and id and listed no more',
      withStore(async (store, reopen) => {
        const whole = key('key_1', {
          scopes: ['admin'],
          agentIds: ['agent_a', 'agent_b'],
          lastFour: 'abcd',
          source: 'environment',
          expiresAt: START + 9,
          lastUsedAt: START + 2,
        });
        await store.keys.put(whole);
        await store.keys.put(key('key_2', { scopes: ['admin'] }));
        await store.keys.noteUse('key_1', START + 4);
        expect(await store.keys.revoke('key_1', START + 5)).toBe('revoked');
        expect(await store.keys.revoke('key_1', START + 6)).toBe('revoked');
        const again = await reopen();
        const revoked = { ...whole, lastUsedAt: START + 4, revokedAt: START + 5 };
        expect([await again.keys.get('key_1'), await again.keys.byHash('hash of key_1')]).toEqual([revoked, revoked]);
        expect((await again.keys.list('ws_1')).map(({ keyId }) => keyId)).toEqual(['key_2']);
        expect(await again.keys.get('key_x')).toBeUndefined();
      }),
    );

    it(
      '[ST59] does not revoke the last admin key of a workspace that is good, however many ask at once',
      withStore(async (store) => {
        await store.keys.put(key('key_1', { scopes: ['messages:write', 'admin'] }));
        await store.keys.put(key('key_2', { scopes: ['admin'] }));
        await store.keys.put(key('key_3', { scopes: ['admin'], expiresAt: START + 5 }));
        await store.keys.put(key('key_4', { scopes: ['admin'], workspaceId: 'ws_2' }));
        await store.keys.put(key('key_5'));
        const answers = await Promise.all(['key_1', 'key_2'].map((id) => store.keys.revoke(id, START + 5)));
        expect(answers).toEqual(['revoked', 'last_admin']);
        expect(await store.keys.revoke('key_3', START + 5)).toBe('revoked');
        expect(await store.keys.revoke('key_5', START + 5)).toBe('revoked');
        expect(await store.keys.revoke('key_2', START + 5)).toBe('last_admin');
        expect(await store.keys.revoke('key_4', START + 5)).toBe('last_admin');
      }),
    );

    it(
      '[ST53] makes a workspace under a name of its own and finds it again',
      withStore(async (store, reopen) => {
        await store.keys.createWorkspace('ws_1', 'main');
        await expect(store.keys.createWorkspace('ws_2', 'main')).rejects.toThrow();
        const again = await reopen();
        expect([await again.keys.workspaceByName('main'), await again.keys.workspaceByName('other')]).toEqual(['ws_1', undefined]);
      }),
    );

    it(
      '[ST54] keeps settings, the last value of each',
      withStore(async (store, reopen) => {
        await store.settings.set('secret', 'one');
        await store.settings.set('secret', 'two');
        const again = await reopen();
        expect([await again.settings.get('secret'), await again.settings.get('other')]).toEqual(['two', undefined]);
      }),
    );

    it(
      '[ST55] remembers the first answer under a scope and gives it to whoever comes second',
      withStore(async (store) => {
        const now = Date.now();
        const first = { fingerprint: 'f1', status: 201, body: '{"a":1}', at: now };
        expect(await store.replays.put('scope', first)).toEqual(first);
        expect(await store.replays.put('scope', { ...first, fingerprint: 'f2', status: 422, at: now + 1 })).toEqual(first);
        expect([await store.replays.get('scope'), await store.replays.get('other')]).toEqual([first, undefined]);
      }),
    );

    it(
      '[ST56] proves with a probe that it can be written to, and leaves nothing behind',
      withStore(async (store, reopen) => {
        await Promise.all([store.probe(), store.probe()]);
        await (await reopen()).probe();
      }),
    );

    it(
      '[ST57] closes after what it had accepted, refuses whatever comes later, and may be closed twice',
      withStore(async (store, reopen) => {
        const log = new LogWriter(store);
        const appends = [log.create(), log.append([{ type: 'conversation.opened' }], 'ride')];
        const closing = store.close();
        await Promise.all([...appends, closing, store.close()]);
        await expect(log.append([{ type: 'conversation.opened' }])).rejects.toEqual(expect.objectContaining({ reason: 'unavailable' }));
        await expect(store.head(log.id)).rejects.toEqual(expect.objectContaining({ reason: 'unavailable' }));
        await expect(store.probe()).rejects.toEqual(expect.objectContaining({ reason: 'unavailable' }));
        expect(await new LogWriter(await reopen(), log.id).seqs()).toEqual([1, 2]);
      }),
    );
  });
}
