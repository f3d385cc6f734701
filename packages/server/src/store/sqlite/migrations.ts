import { StoreOpenError } from '../store-open-error.js';
import type { Connection } from './connection.js';
import { FIRST_SCHEMA, KEYS_THAT_END, LIST_FACTS } from './schema.js';

export type Migration = { readonly id: number; readonly sql: string };

/** Numbered from 1 without gaps; what was released is never edited. */
export const MIGRATIONS: readonly Migration[] = [
  { id: 1, sql: FIRST_SCHEMA },
  { id: 2, sql: LIST_FACTS },
  { id: 3, sql: KEYS_THAT_END },
];

/**
 * Brings a database to the last of `migrations`, each in a transaction of its own and recorded in the table
 * `migrations`. Refuses a database that a later version has changed: it might hold what this one would break.
 */
export function migrate(connection: Connection, migrations: readonly Migration[] = MIGRATIONS): void {
  connection.exec('CREATE TABLE IF NOT EXISTS migrations (id INTEGER PRIMARY KEY, applied_at TEXT NOT NULL) STRICT');
  const applied = connection.prepare('SELECT max(id) AS id FROM migrations').get<{ id: number | null }>()?.id ?? 0;
  const known = migrations.at(-1)?.id ?? 0;
  if (applied > known) {
    throw new StoreOpenError(
      'newer',
      `The data was written by a newer version (schema ${applied}, this one knows ${known}): start that version or later.`,
    );
  }
  const record = connection.prepare("INSERT INTO migrations (id, applied_at) VALUES (?, strftime('%Y-%m-%dT%H:%M:%fZ'))");
  for (const { id, sql } of migrations) {
    if (id <= applied) continue;
    connection.exec('BEGIN IMMEDIATE');
    try {
      connection.exec(sql);
      record.run(id);
      connection.exec('COMMIT');
    } catch (error) {
      if (connection.inTransaction) connection.exec('ROLLBACK');
      throw error;
    }
  }
}
