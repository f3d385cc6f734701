import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withTemporaryFolder } from '../../testing/temporary-folder.js';
import { type Connection, openConnection } from './connection.js';
import { MIGRATIONS, migrate } from './migrations.js';

const STEPS = [
  { id: 1, sql: 'CREATE TABLE first (a INTEGER); INSERT INTO first VALUES (1);' },
  { id: 2, sql: 'CREATE TABLE second (b INTEGER);' },
];

const withConnection = (body: (connection: Connection) => void) => () =>
  withTemporaryFolder(async (folder) => {
    const connection = openConnection(join(folder, 'test.sqlite'), 'write');
    try {
      body(connection);
    } finally {
      connection.close();
    }
  });

const applied = (connection: Connection) => connection.prepare('SELECT id FROM migrations ORDER BY id').all<{ id: number }>();
const count = (connection: Connection, table: string) => connection.prepare(`SELECT count(*) AS n FROM ${table}`).get<{ n: number }>()?.n;

describe('migrate', () => {
  it(
    '[ST67] applies each migration once, in order, and records it',
    withConnection((connection) => {
      migrate(connection, STEPS.slice(0, 1));
      migrate(connection, STEPS);
      migrate(connection, STEPS);
      expect([applied(connection), count(connection, 'first'), count(connection, 'second')]).toEqual([[{ id: 1 }, { id: 2 }], 1, 0]);
    }),
  );

  it(
    '[ST67] leaves nothing of a migration that failed, and applies it the next time',
    withConnection((connection) => {
      const broken = { id: 2, sql: 'CREATE TABLE second (b INTEGER); INSERT INTO nowhere VALUES (1);' };
      expect(() => migrate(connection, [...STEPS.slice(0, 1), broken])).toThrow('nowhere');
      expect(applied(connection)).toEqual([{ id: 1 }]);
      migrate(connection, STEPS);
      expect([applied(connection), count(connection, 'second')]).toEqual([[{ id: 1 }, { id: 2 }], 0]);
    }),
  );

  it('[ST67] numbers the migrations of this version from 1 without gaps', () => {
    expect(MIGRATIONS.map(({ id }) => id)).toEqual(MIGRATIONS.map((_, place) => place + 1));
  });
});
