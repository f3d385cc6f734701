import { StoreOpenError } from '../store-open-error.js';
import { type Connection, codeOf, openConnection } from './connection.js';
import type { StoreFaults } from './faults.js';
import { migrate } from './migrations.js';

/** What the writer's thread is started with. */
export type WriterOptions = {
  readonly file: string;
  /** `full`: an acknowledged append survives power loss. `normal`: it survives a crash of the process only. */
  readonly synchronous: 'full' | 'normal';
  readonly faults: StoreFaults;
  /** False when the thread replaces one that died while the process goes on. */
  readonly first: boolean;
};

/** Pages in the write-ahead log before a commit folds them into the file: 8 MB, so that fewer commits have to wait for that. */
const CHECKPOINT_PAGES = 2_000;
/** After a burst the write-ahead log is cut back to this. */
const WAL_BYTES = 67_108_864;

/** Opens, or creates, the database for writing and brings its schema up to date. Throws StoreOpenError. */
export function openDatabase({ file, synchronous, faults, first }: WriterOptions): Connection {
  let connection: Connection | undefined;
  try {
    connection = openConnection(file, 'write');
    // `secure_delete`: what was erased does not stay readable in free pages.
    for (const setting of [
      'journal_mode = WAL',
      `synchronous = ${synchronous}`,
      `wal_autocheckpoint = ${CHECKPOINT_PAGES}`,
      'foreign_keys = OFF',
      'secure_delete = ON',
      `journal_size_limit = ${WAL_BYTES}`,
    ]) {
      connection.exec(`PRAGMA ${setting}`);
    }
    migrate(connection);
    if (first) dropUnusedConfigurations(connection);
    if (faults.maxPages !== undefined) connection.exec(`PRAGMA max_page_count = ${faults.maxPages}`);
    return connection;
  } catch (error) {
    connection?.close();
    throw explain(file, error);
  }
}

/**
 * A configuration lives while an agent has it or a conversation names it. Only the start of the process may look: later, a conversation
 * that is about to be created may name one that nobody else has any more.
 */
function dropUnusedConfigurations(connection: Connection): void {
  connection.exec('DELETE FROM configurations WHERE hash NOT IN (SELECT hash FROM agents UNION SELECT agent_hash FROM conversations)');
}

function explain(file: string, cause: unknown): StoreOpenError {
  if (cause instanceof StoreOpenError) return cause;
  const code = codeOf(cause);
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) {
    const message = `The database ${file} is damaged or is none: put back a backup, or move it (with its -wal and -shm) away to start empty.`;
    return new StoreOpenError('corrupt', message, { cause });
  }
  if (code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_SHMSIZE') {
    return new StoreOpenError('unreadable', `The disk that holds ${file} is full: make room and start again.`, { cause });
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  const message = `The database ${file} cannot be opened (${code}: ${why}): check the disk, and that this user may read and write the file.`;
  return new StoreOpenError('unreadable', message, { cause });
}
