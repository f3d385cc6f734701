import { parentPort, workerData } from 'node:worker_threads';
import { StoreOpenError } from '../store-open-error.js';
import type { Group, GroupReply } from './group.js';
import { GroupWriter } from './group-writer.js';
import { openDatabase, type WriterOptions } from './open-database.js';
import type { Started } from './thread-start.js';

/** The writer's thread: opens the database, commits one group after the other, and ends at `close` or when the file breaks. */
function run(options: WriterOptions): void {
  const port = parentPort;
  if (!port) throw new Error('This file is the body of a worker thread.');
  const say = (word: Started | GroupReply): void => port.postMessage(word);
  try {
    const connection = openDatabase(options);
    const writer = new GroupWriter(connection, options.faults);
    const stop = (): void => {
      port.close();
      connection.close();
    };
    port.on('message', (group: Group | 'close') => {
      if (group === 'close') return stop();
      const reply = writer.commit(group);
      say(reply);
      if (reply.kind === 'failed' && reply.broken) stop();
    });
    say({ started: true });
  } catch (error) {
    if (!(error instanceof StoreOpenError)) throw error;
    say({ started: false, reason: error.reason, message: error.message });
    port.close();
  }
}

// The composition of the thread gives it exactly this.
run(workerData as WriterOptions);
