import { newConversationId } from '@backchannel/protocol';
import { describe, expect, it } from 'vitest';
import type { ConversationQuery, ConversationRow, Store } from '../store/store.js';
import { dropped, ended, joined, LogWriter, line, opened, START, warned } from './log-writer.js';
import type { WithStore } from './opened-store.js';

/** Conversations as rows: what lists, restarts and erasing go by. */
export function conversationListContract(withStore: WithStore): void {
  const begin = async (store: Store, fields: Parameters<LogWriter['create']>[0] = {}): Promise<LogWriter> => {
    const log = new LogWriter(store);
    await log.create(fields);
    return log;
  };
  const found = async (store: Store, query: Partial<ConversationQuery> = {}): Promise<string[]> => {
    const page = await store.conversations.list({ workspaceId: 'ws_1', pageSize: 100, ...query });
    return page.items.map(({ conversationId }) => conversationId);
  };

  describe('conversations', () => {
    it(
      '[ST30] keeps a row that follows from the events',
      withStore(async (store) => {
        const log = await begin(store, {
          begun: 'signed_url',
          user_id: 'u1',
          user_id_verified: true,
          app_metadata: { plan: 'pro', seats: 3 },
        });
        const row: ConversationRow = {
          conversationId: log.id,
          workspaceId: 'ws_1',
          agentId: 'agent_1',
          status: 'created',
          epoch: 1,
          lastSeq: 1,
          userId: 'u1',
          userIdVerified: true,
          appMetadata: { plan: 'pro', seats: 3 },
          begun: 'signed_url',
          createdAt: START,
          messageCount: 0,
        };
        expect(await store.conversations.get(log.id)).toEqual(row);
        log.at += 1_000;
        await log.append([opened, line('hello')]);
        const open = { ...row, status: 'open', openedAt: START + 1_000, lastSeq: 3, messageCount: 1 };
        expect(await store.conversations.get(log.id)).toEqual(open);
        log.at += 1_000;
        await log.append([dropped, opened, { type: 'conversation.metadata_changed', app_metadata: { seats: 4 } }]);
        const changed = { ...open, lastSeq: 6, appMetadata: { seats: 4 } };
        expect(await store.conversations.get(log.id)).toEqual(changed);
        await log.append([ended]);
        const over = { ...changed, status: 'ended', lastSeq: 7, endedAt: START + 2_000, endReason: 'ended_by_api', endStatus: 'done' };
        expect(await store.conversations.get(log.id)).toEqual(over);
        expect((await store.conversations.list({ workspaceId: 'ws_1', pageSize: 5 })).items).toEqual([over]);
        expect(await store.conversations.get('conv_unknown')).toBeUndefined();
      }),
    );

    it(
      '[ST31] takes the user id of the first user client where the backend gave none',
      withStore(async (store) => {
        const log = await begin(store);
        await log.append([joined({ role: 'attached', user_id: 'watcher' })]);
        await log.append([joined({ user_id: 'first' }), joined({ user_id: 'second' })]);
        await log.append([joined({ user_id: 'third' })]);
        expect(await store.conversations.get(log.id)).toMatchObject({ userId: 'first', userIdVerified: false });
        const named = await begin(store, { user_id: 'of the backend', user_id_verified: true });
        await named.append([joined({ user_id: 'of the client' })]);
        expect(await store.conversations.get(named.id)).toMatchObject({ userId: 'of the backend', userIdVerified: true });
      }),
    );

    it(
      '[ST32] lists newest first, in pages that neither skip nor repeat while conversations begin and end',
      withStore(async (store) => {
        const logs: LogWriter[] = [];
        for (let i = 0; i < 7; i++) {
          const log = new LogWriter(store);
          // The clock steps back: the order is that of creation all the same.
          log.at -= i * 1_000;
          await log.create();
          logs.push(log);
        }
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await store.conversations.list({ workspaceId: 'ws_1', pageSize: 3, ...(cursor !== undefined && { cursor }) });
          seen.push(...page.items.map(({ conversationId }) => conversationId));
          cursor = page.nextCursor;
          await begin(store);
          await logs[0]?.append([warned('x')]);
        } while (cursor !== undefined);
        expect(seen).toEqual(logs.map(({ id }) => id).reverse());
      }),
    );

    it(
      '[ST32] gives no cursor with the last page, also when it is full',
      withStore(async (store) => {
        for (let i = 0; i < 4; i++) await begin(store);
        const first = await store.conversations.list({ workspaceId: 'ws_1', pageSize: 2 });
        const second = await store.conversations.list({ workspaceId: 'ws_1', pageSize: 2, cursor: first.nextCursor ?? '' });
        expect([first.items.length, second.items.length, second.nextCursor]).toEqual([2, 2, undefined]);
      }),
    );

    it(
      '[ST33] finds by workspace, status, end, agent, user and time, and by all of them together',
      withStore(async (store) => {
        const a = await begin(store);
        const b = new LogWriter(store);
        b.at = START + 10;
        await b.create({ agent_id: 'agent_2', user_id: 'u' });
        await b.append([opened]);
        const c = await begin(store, { user_id: 'u' });
        await c.append([opened, dropped]);
        const d = await begin(store);
        await d.append([opened, ended]);
        const e = await begin(store);
        await e.append([{ type: 'conversation.ended', reason: 'never_opened', status: 'failed' }]);
        const other = await begin(store, { workspace_id: 'ws_2' });
        expect(await found(store)).toEqual([e.id, d.id, c.id, b.id, a.id]);
        expect(await found(store, { workspaceId: 'ws_2' })).toEqual([other.id]);
        expect(await found(store, { statuses: ['open', 'dropped'] })).toEqual([c.id, b.id]);
        expect(await found(store, { statuses: [] })).toEqual([]);
        expect(await found(store, { statuses: ['ended'], endStatus: 'failed' })).toEqual([e.id]);
        expect(await found(store, { agentId: 'agent_2' })).toEqual([b.id]);
        expect(await found(store, { userId: 'u' })).toEqual([c.id, b.id]);
        expect(await found(store, { startedAfter: START })).toEqual([b.id]);
        expect(await found(store, { startedBefore: START + 10 })).toEqual([e.id, d.id, c.id, a.id]);
        expect(await found(store, { userId: 'u', statuses: ['open'], agentId: 'agent_2', startedAfter: START })).toEqual([b.id]);
        expect(await found(store, { userId: "u' OR 1=1 --" })).toEqual([]);
      }),
    );

    it(
      '[ST68] finds by duration, rating, comment, source and cause of the end',
      withStore(async (store) => {
        const unopened = await begin(store);
        const short = await begin(store);
        await short.append([joined({ source: 'js_sdk' }), opened]);
        short.at = START + 4_999;
        await short.append([ended]);
        const long = await begin(store);
        await long.append([joined({ role: 'attached', source: 'watcher' }), joined({ source: 'widget' }), opened]);
        await long.append([
          joined({ source: 'js_sdk' }),
          { type: 'feedback.given', rating: 4 },
          { type: 'feedback.given', comment: 'good' },
        ]);
        const now = START + 60_500;
        expect(await found(store, { minSecs: 5, now })).toEqual([long.id]);
        expect(await found(store, { minSecs: 60, now })).toEqual([long.id]);
        expect(await found(store, { minSecs: 61, now })).toEqual([]);
        expect(await found(store, { maxSecs: 4, now })).toEqual([short.id, unopened.id]);
        expect(await found(store, { maxSecs: 3, now })).toEqual([unopened.id]);
        expect(await found(store, { sources: ['js_sdk', 'other'] })).toEqual([short.id]);
        expect(await found(store, { sources: ['widget'] })).toEqual([long.id]);
        expect(await found(store, { endReasons: ['ended_by_api', 'idle'] })).toEqual([short.id]);
        expect(await found(store, { endReasons: [] })).toEqual([]);
        expect(await found(store, { minRating: 4, maxRating: 4 })).toEqual([long.id]);
        expect([await found(store, { minRating: 4.5 }), await found(store, { maxRating: 3 })]).toEqual([[], []]);
        expect(await found(store, { commented: true })).toEqual([long.id]);
        expect(await found(store, { commented: false })).toEqual([short.id, unopened.id]);
        expect(await store.conversations.get(long.id)).toMatchObject({ source: 'widget', rating: 4 });
      }),
    );

    it(
      '[ST69] takes feedback back, and takes it after the end; feedback about a line is none about the whole',
      withStore(async (store) => {
        const log = await begin(store);
        await log.append([opened, { type: 'feedback.given', event_id: 1, score: 'like' }, ended]);
        await log.append([{ type: 'feedback.given', rating: 5, comment: 'x' }]);
        expect(await found(store, { minRating: 5, commented: true })).toEqual([log.id]);
        await log.append([{ type: 'feedback.given', score: null }]);
        expect([await found(store, { minRating: 0 }), await found(store, { commented: true })]).toEqual([[], []]);
        await log.append([
          { type: 'feedback.given', score: null },
          { type: 'feedback.given', rating: 2 },
          { type: 'feedback.given', comment: '' },
        ]);
        expect(await store.conversations.get(log.id)).toMatchObject({ rating: 2 });
        expect(await found(store, { commented: true })).toEqual([]);
      }),
    );

    it(
      '[ST32] lists oldest first, in pages that take in what begins meanwhile, and names each agent as it is called now',
      withStore(async (store) => {
        const agent = { agentId: 'agent_1', workspaceId: 'ws_1', config: '{}', hash: 'h', createdAt: 0, updatedAt: 0 };
        await store.agents.put({ ...agent, name: 'Before' });
        const logs = [await begin(store), await begin(store), await begin(store)];
        const query = { workspaceId: 'ws_1', pageSize: 2, oldestFirst: true };
        const first = await store.conversations.list(query);
        logs.push(await begin(store));
        await store.agents.put({ ...agent, name: 'Now' });
        const second = await store.conversations.list({ ...query, cursor: first.nextCursor ?? '' });
        expect([...first.items, ...second.items].map(({ conversationId }) => conversationId)).toEqual(logs.map(({ id }) => id));
        expect([...first.items, ...second.items].map(({ agentName }) => agentName)).toEqual(['Before', 'Before', 'Now', 'Now']);
        expect(second.nextCursor).toBeUndefined();
      }),
    );

    it(
      '[ST34] finds metadata as a query string names it: text, numbers and booleans alike',
      withStore(async (store) => {
        const text = await begin(store, { app_metadata: { order: '5', 'odd "key".[0]': 'x', tier: 'true' } });
        const number = await begin(store, { app_metadata: { order: 5, big: 1e21, part: 0.1, 'odd "key".[0]': 7 } });
        const boolean = await begin(store, { app_metadata: { order: '"5"', tier: true } });
        expect(await found(store, { appMetadata: { order: '5' } })).toEqual([number.id, text.id]);
        expect(await found(store, { appMetadata: { order: '"5"' } })).toEqual([boolean.id]);
        expect(await found(store, { appMetadata: { tier: 'true' } })).toEqual([boolean.id, text.id]);
        expect(await found(store, { appMetadata: { tier: '1' } })).toEqual([]);
        expect(await found(store, { appMetadata: { big: '1e+21', part: '0.1' } })).toEqual([number.id]);
        expect(await found(store, { appMetadata: { 'odd "key".[0]': 'x' } })).toEqual([text.id]);
        expect(await found(store, { appMetadata: { 'odd "key".[0]': '7' } })).toEqual([number.id]);
        expect(await found(store, { appMetadata: { order: '05' } })).toEqual([]);
        await text.append([{ type: 'conversation.metadata_changed', app_metadata: { order: '6' } }]);
        expect(await found(store, { appMetadata: { order: '6' } })).toEqual([text.id]);
      }),
    );

    it(
      '[ST35] counts lines, and only lines',
      withStore(async (store) => {
        const log = await begin(store, { init: { dynamic_variables: { type: 'message.added', list: [{ type: 'message.added' }] } } });
        await log.append([opened, line('"type":"message.added"'), line('two')]);
        await log.append([warned('"type":"message.added"'), line('three')]);
        await begin(store);
        expect((await store.conversations.get(log.id))?.messageCount).toBe(3);
        expect((await store.conversations.list({ workspaceId: 'ws_1', pageSize: 9 })).items.map((row) => row.messageCount)).toEqual([0, 3]);
      }),
    );

    it(
      '[ST36] refuses a cursor that no list gave out',
      withStore(async (store) => {
        for (const cursor of ['', 'nonsense', 'a_-', '1']) {
          const list = store.conversations.list({ workspaceId: 'ws_1', pageSize: 1, cursor });
          await expect(list).rejects.toEqual(expect.objectContaining({ name: 'InvalidCursorError' }));
        }
        await expect(store.agents.list({ workspaceId: 'ws_1', pageSize: 1, cursor: 'x' })).rejects.toThrow('cursor');
        expect(await found(store)).toEqual([]);
      }),
    );

    it(
      '[ST37] counts the open and the dropped of a workspace, or of some of its agents, and lists theirs',
      withStore(async (store) => {
        await begin(store);
        for (const agent_id of ['agent_1', 'agent_1', 'agent_2']) await (await begin(store, { agent_id })).append([opened]);
        await (await begin(store)).append([opened, dropped]);
        await (await begin(store)).append([opened, ended]);
        await (await begin(store, { workspace_id: 'ws_2' })).append([opened]);
        expect(await store.conversations.countLive('ws_1')).toBe(4);
        expect(await store.conversations.countLive('ws_1', ['agent_1'])).toBe(3);
        expect(await store.conversations.countLive('ws_3')).toBe(0);
        expect(await store.conversations.countLive('ws_1', ['agent_2', 'agent_1', 'agent_x'])).toBe(4);
        expect(await store.conversations.countLive('ws_1', [])).toBe(0);
        expect(await found(store, { agentIds: ['agent_2'] })).toHaveLength(1);
        expect(await found(store, { agentIds: ['agent_2'], agentId: 'agent_1' })).toEqual([]);
        expect(await found(store, { agentIds: [] })).toEqual([]);
      }),
    );

    it(
      '[ST38] gives a restart every conversation that had not ended, oldest first, and from the start when the last one is gone',
      withStore(async (store, reopen) => {
        const logs: LogWriter[] = [];
        for (let i = 0; i < 6; i++) logs.push(await begin(store));
        await logs[1]?.append([opened, ended]);
        await logs[3]?.append([opened, dropped]);
        const ids = [0, 2, 3, 4, 5].map((i) => logs[i]?.id);
        const again = await reopen();
        expect(await again.conversations.unended(undefined, 3)).toEqual(ids.slice(0, 3));
        expect(await again.conversations.unended(ids[2], 3)).toEqual(ids.slice(3));
        expect(await again.conversations.unended(ids[4], 3)).toEqual([]);
        expect(await again.conversations.unended(newConversationId(), 1)).toEqual(ids.slice(0, 1));
      }),
    );

    it(
      '[ST39] erases an ended conversation with its log, and no other',
      withStore(async (store) => {
        const gone = await begin(store);
        const live = await begin(store);
        await live.append([opened]);
        await gone.append([opened, line('secret'), ended]);
        await gone.append([{ type: 'feedback.given', score: 'dislike' }]);
        await store.conversations.erase(gone.id);
        expect([await store.head(gone.id), await store.read(gone.id, 0, 10), await found(store)]).toEqual([undefined, [], [live.id]]);
        await store.conversations.erase(gone.id);
        await expect(gone.append([warned('late')])).rejects.toEqual(expect.objectContaining({ reason: 'fenced' }));
        await expect(store.conversations.erase(live.id)).rejects.toThrow('has to end');
        expect(await live.seqs()).toEqual([1, 2]);
        const next = await begin(store);
        expect(await next.seqs()).toEqual([1]);
      }),
    );
  });
}
