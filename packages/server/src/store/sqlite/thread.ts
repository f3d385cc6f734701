import { Worker } from 'node:worker_threads';
import { StoreOpenError } from '../store-open-error.js';
import type { Started } from './thread-start.js';

/** A running thread of the store, seen from the main one. */
export interface Thread<Request> {
  post(request: Request | 'close'): void;
  /** Resolves when the thread is gone and its connection closed, whatever ended it. */
  readonly gone: Promise<void>;
}

type Listener<Reply> = {
  reply(reply: Reply): void;
  /** Once, whether it was asked to close or died. */
  gone(why: string): void;
};

/** Starts a thread and waits for its first word. Rejects with the StoreOpenError that the thread gave as its reason. */
export function startThread<Request, Reply>(name: string, body: URL, data: unknown, listener: Listener<Reply>): Promise<Thread<Request>> {
  const worker = new Worker(body, { workerData: data, name });
  return new Promise((resolve, reject) => {
    let why = 'it ended';
    const gone = new Promise<void>((left) => {
      worker.once('exit', (code) => {
        if (code !== 0 && why === 'it ended') why = `it ended with code ${code}`;
        // Where the thread never started nobody knows it yet; otherwise this rejection comes too late to matter.
        reject(new StoreOpenError('unreadable', `The thread ${name} could not start: ${why}; start the server again.`));
        listener.gone(why);
        left();
      });
    });
    worker.on('error', (error) => {
      why = error instanceof Error ? error.message : String(error);
    });
    worker.once('message', (first: Started) => {
      if (first.started) {
        worker.on('message', (reply: Reply) => listener.reply(reply));
        resolve({ post: (request) => worker.postMessage(request), gone });
      } else {
        reject(new StoreOpenError(first.reason, first.message));
      }
    });
  });
}
