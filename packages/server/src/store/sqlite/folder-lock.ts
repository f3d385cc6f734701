import { join } from 'node:path';
import { StoreOpenError } from '../store-open-error.js';
import { codeOf, openConnection } from './connection.js';

const LOCK_FILE = 'lock.sqlite';

/**
 * Makes this process the only one that uses a data folder, and returns what gives the folder back. The lock is the
 * operating system's lock on a file of its own, so it dies with the process, also by kill -9, and leaves nothing to
 * clean up. Nothing in this process may open that file by other means: closing it would drop the lock.
 */
export function lockFolder(folder: string): () => void {
  const file = join(folder, LOCK_FILE);
  try {
    const connection = openConnection(file, 'write', 0);
    try {
      // The file stays empty: without a journal on disk even a full one can be locked.
      connection.exec('PRAGMA journal_mode = MEMORY');
      connection.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      connection.close();
      throw error;
    }
    return () => {
      connection.exec('ROLLBACK');
      connection.close();
    };
  } catch (cause) {
    if (codeOf(cause) === 'SQLITE_BUSY') {
      const message = `The data folder ${folder} is in use by another process: stop that one, or set BACKCHANNEL_DATA to another folder.`;
      throw new StoreOpenError('locked', message, { cause });
    }
    if (codeOf(cause) === 'SQLITE_NOTADB') {
      throw new StoreOpenError('corrupt', `The file ${file} is not a lock file: delete it and start again.`, { cause });
    }
    throw new StoreOpenError('unreadable', `The data folder ${folder} cannot be written to: give this user the right to write there.`, {
      cause,
    });
  }
}
