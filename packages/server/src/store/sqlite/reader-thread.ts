import { parentPort, workerData } from 'node:worker_threads';
import { InvalidCursorError } from '../list-cursor.js';
import { type Call, perform } from './calls.js';
import { openConnection } from './connection.js';
import { type Reads, reads } from './reads.js';
import type { Started } from './thread-start.js';

export type ReadRequest = { readonly id: number; readonly call: Call<Reads> };
export type ReadReply =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly invalidCursor: boolean; readonly message: string };

/**
 * The reader's thread: answers one question after the other beside the writer, whose commits never make it wait.
 * A file that cannot be read ends it.
 */
function run(file: string): void {
  const port = parentPort;
  if (!port) throw new Error('This file is the body of a worker thread.');
  const say = (word: Started | ReadReply): void => port.postMessage(word);
  const connection = openConnection(file, 'read');
  const questions = reads(connection);
  const stop = (): void => {
    port.close();
    connection.close();
  };
  port.on('message', (request: ReadRequest | 'close') => {
    if (request === 'close') return stop();
    const { id, call } = request;
    try {
      say({ id, ok: true, value: perform(questions, call) });
    } catch (error) {
      const invalidCursor = error instanceof InvalidCursorError;
      say({ id, ok: false, invalidCursor, message: error instanceof Error ? error.message : String(error) });
      // A statement that failed half-way keeps its view of the file, and with it the write-ahead log, until the thread ends.
      if (!invalidCursor) stop();
    }
  });
  say({ started: true });
}

// The composition of the thread gives it exactly this.
run(workerData as string);
