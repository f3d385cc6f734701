import { pathToFileURL } from 'node:url';
import Database from 'libsql';

/** What may be bound: the driver aborts the whole process on a boolean, so no other type gets this far. */
export type Value = string | number | null;

/** A prepared statement. Row types are claims about the SQL that they stand beside; the driver knows nothing of them. */
export interface Statement {
  run(...values: Value[]): { readonly changes: number; readonly lastInsertRowid: number };
  get<Row>(...values: Value[]): Row | undefined;
  all<Row>(...values: Value[]): Row[];
}

/** One connection to an SQLite file, synchronous: it belongs into a thread of its own. */
export interface Connection {
  prepare(sql: string): Statement;
  exec(sql: string): void;
  readonly inTransaction: boolean;
  /** The driver really closes once no statement is left: at the latest when the thread has ended. */
  close(): void;
}

/** How long a connection waits for another one's lock (a backup, an operator's shell) before it fails, in milliseconds. */
const BUSY_MS = 5_000;

/** Opens or creates the file; `access: 'read'` needs one that exists and refuses to write. Throws what `codeOf` can read. */
export function openConnection(file: string, access: 'write' | 'read', busyMs = BUSY_MS): Connection {
  const database = new Database(access === 'read' ? `${pathToFileURL(file).href}?mode=ro` : file, { timeout: busyMs });
  return {
    prepare: (sql) => wrap(database.prepare(sql)),
    exec: (sql) => {
      database.exec(sql);
    },
    get inTransaction() {
      return database.inTransaction;
    },
    close: () => {
      database.close();
    },
  };
}

function wrap(statement: Database.Statement): Statement {
  return {
    run: (...values) => {
      const { changes, lastInsertRowid } = statement.run(values);
      return { changes, lastInsertRowid: Number(lastInsertRowid) };
    },
    // The casts are the claims that the interface speaks of. (`get` adds a `_metadata` to each row: name columns, never spread.)
    get: <Row>(...values: Value[]) => statement.get(values) as Row | undefined,
    all: <Row>(...values: Value[]) => statement.all(values) as Row[],
  };
}

/** SQLite's name for what went wrong, or `SQLITE_CANTOPEN` for the driver's nameless failure to open a file. */
export function codeOf(error: unknown): string {
  if (error instanceof Database.SqliteError && error.code !== '') return error.code;
  return error instanceof Error && error.message.startsWith('ConnectionFailed') ? 'SQLITE_CANTOPEN' : 'UNKNOWN';
}
