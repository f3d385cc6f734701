import { join } from 'node:path';
import type { EventBody } from '@backchannel/protocol';
import { describe, expect, it } from 'vitest';
import { created, ended, numbered, opened, warned } from '../../testing/log-writer.js';
import { withTemporaryFolder } from '../../testing/temporary-folder.js';
import { rowChange } from '../row-change.js';
import type { Connection } from './connection.js';
import { emptyGroup, type Group, type GroupReply } from './group.js';
import { GroupWriter } from './group-writer.js';
import { openDatabase } from './open-database.js';

type Append = readonly [id: string, epoch: number, firstSeq: number, ...bodies: EventBody[]];

function group(appends: readonly Append[], writes: Group['writes'] = []): Group {
  const made = { ...emptyGroup(), writes };
  for (const [id, epoch, firstSeq, ...bodies] of appends) {
    const events = numbered(bodies, epoch, firstSeq);
    const change = rowChange(events);
    if (change) made.changes.push({ place: made.ids.length, change });
    made.ids.push(id);
    made.epochs.push(epoch);
    made.firstSeqs.push(firstSeq);
    made.lastSeqs.push(firstSeq + events.length - 1);
    made.texts.push(JSON.stringify(events));
  }
  return made;
}

const withWriter = (knownConversations: number, body: (writer: GroupWriter, connection: Connection) => void) => () =>
  withTemporaryFolder(async (folder) => {
    const connection = openDatabase({ file: join(folder, 'test.sqlite'), synchronous: 'normal', first: true, faults: {} });
    try {
      body(new GroupWriter(connection, {}, knownConversations), connection);
    } finally {
      connection.close();
    }
  });

const places = (reply: GroupReply) => (reply.kind === 'committed' ? reply.refused.map(({ place, reason }) => [place, reason]) : reply.kind);
const begin = (id: string): Append => [id, 1, 1, created(id)];
const next = (id: string, firstSeq: number, epoch = 1): Append => [id, epoch, firstSeq, warned('x')];

describe('GroupWriter', () => {
  it(
    '[ST2, ST27] fences alike whether a conversation is still in memory or not',
    withWriter(2, (writer) => {
      const ids = ['conv_a', 'conv_b', 'conv_c', 'conv_d', 'conv_e'];
      expect(places(writer.commit(group(ids.map(begin))))).toEqual([]);
      for (let seq = 2; seq < 6; seq++) {
        const mixed = ids.flatMap((id) => [next(id, seq - 1), next(id, seq), next(id, seq)]);
        const refused = places(writer.commit(group(mixed)));
        expect(refused).toEqual(
          ids.flatMap((_, i) => [
            [3 * i, 'fenced'],
            [3 * i + 2, 'fenced'],
          ]),
        );
      }
      const claims = writer.commit(
        group(
          [],
          ids.map((id) => ({ name: 'claim', args: [id] })),
        ),
      );
      expect(claims).toMatchObject({ results: ids.map(() => ({ ok: true, value: 2 })) });
      expect(places(writer.commit(group(ids.map((id) => next(id, 6)))))).toHaveLength(5);
      expect(places(writer.commit(group(ids.map((id) => next(id, 6, 2)))))).toEqual([]);
    }),
  );

  it(
    '[ST3] begins and goes on with a conversation in one group, also after its end',
    withWriter(10, (writer, connection) => {
      const reply = writer.commit(
        group([begin('conv_a'), next('conv_a', 2), ['conv_a', 1, 3, opened, ended], next('conv_a', 5), next('conv_a', 5), begin('conv_a')]),
      );
      expect(places(reply)).toEqual([
        [4, 'fenced'],
        [5, 'fenced'],
      ]);
      expect(connection.prepare('SELECT count(*) AS n FROM log').get()).toMatchObject({ n: 4 });
    }),
  );

  it(
    '[ST10] refuses alone what breaks a rule of the schema, an append or a write, and undoes it whole',
    withWriter(10, (writer, connection) => {
      // A time that is none cannot be stored.
      const bad = group(
        [begin('conv_a'), begin('conv_bad'), begin('conv_c')],
        [
          { name: 'createWorkspace', args: ['ws_1', 'one'] },
          { name: 'createWorkspace', args: ['ws_2', 'one'] },
          { name: 'erase', args: ['conv_a'] },
          { name: 'setSetting', args: ['a', 'b'] },
        ],
      );
      const change = bad.changes[1]?.change;
      if (change?.created) bad.changes[1] = { place: 1, change: { ...change, created: { ...change.created, at: Number.NaN } } };
      const reply = writer.commit(bad);
      expect(places(reply)).toEqual([[1, 'unavailable']]);
      expect(reply).toMatchObject({
        results: [{ ok: true }, { ok: false }, { ok: false, message: expect.stringMatching('has to end') }, { ok: true }],
      });
      expect(
        connection
          .prepare('SELECT id FROM conversations')
          .all<{ id: string }>()
          .map(({ id }) => id),
      ).toEqual(['conv_a', 'conv_c']);
      expect(places(writer.commit(group([next('conv_a', 2), next('conv_c', 2)])))).toEqual([]);
    }),
  );

  it(
    '[ST39] never gives the row number of an erased conversation to another one',
    withWriter(10, (writer, connection) => {
      writer.commit(group([begin('conv_a'), ['conv_a', 1, 2, opened, ended]]));
      writer.commit(group([], [{ name: 'erase', args: ['conv_a'] }]));
      writer.commit(group([begin('conv_b')]));
      expect(connection.prepare('SELECT k FROM conversations').get()).toMatchObject({ k: 2 });
    }),
  );

  it(
    '[ST55] forgets the answers of idempotent requests after 24 hours',
    withWriter(10, (writer) => {
      const put = (scope: string, at: number) => {
        const reply = writer.commit(group([], [{ name: 'putReplay', args: [scope, { fingerprint: `${at}`, status: 200, body: '', at }] }]));
        return reply.kind === 'committed' && reply.results[0]?.ok ? reply.results[0].value : undefined;
      };
      const day = 24 * 3_600_000;
      put('scope', 1_000);
      expect(put('scope', 1_000 + day - 1)).toMatchObject({ at: 1_000 });
      expect(put('scope', 1_000 + day)).toMatchObject({ at: 1_000 + day });
    }),
  );
});
