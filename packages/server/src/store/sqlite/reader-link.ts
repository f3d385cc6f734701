import { AppendError } from '../../conversation/event-store.js';
import { InvalidCursorError } from '../list-cursor.js';
import type { Call } from './calls.js';
import type { ReadReply, ReadRequest } from './reader-thread.js';
import type { Reads } from './reads.js';
import { startThread, type Thread } from './thread.js';

const BODY = new URL('./reader-thread.js', import.meta.url);

type Asked = { resolve(value: unknown): void; reject(error: Error): void };
/** One thread with the questions that it still owes an answer. */
type Reader = { readonly asked: Map<number, Asked>; readonly thread: Promise<Thread<ReadRequest>> };

/**
 * The main thread's end of the reader. Reading has a thread of its own: a list that looks at many conversations must
 * stop neither the event loop nor the commits. A reader that failed is replaced at the next question.
 */
export class ReaderLink {
  #reader: Reader | undefined;
  #closed = false;
  #next = 0;

  constructor(private readonly file: string) {}

  /** Rejects with InvalidCursorError, or with AppendError `unavailable` when the file cannot be read. */
  async ask<K extends keyof Reads>(name: K, ...args: Parameters<Reads[K]>): Promise<ReturnType<Reads[K]>> {
    if (this.#closed) throw new AppendError('unavailable', 'The store is closed.');
    this.#reader ??= this.#start();
    const { asked, thread } = this.#reader;
    const id = this.#next++;
    const answer = new Promise<unknown>((resolve, reject) => {
      asked.set(id, { resolve, reject });
    });
    // Name and arguments are tied by the signature, and so is what the function of that name returns.
    const request = { id, call: { name, args } as Call<Reads> };
    // Where the thread cannot start, its end rejects whatever was asked.
    thread.then((started) => started.post(request)).catch(() => undefined);
    return (await answer) as ReturnType<Reads[K]>;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const thread = await this.#reader?.thread.catch(() => undefined);
    thread?.post('close');
    await thread?.gone;
  }

  #start(): Reader {
    const asked = new Map<number, Asked>();
    const thread = startThread<ReadRequest, ReadReply>('store-reader', BODY, this.file, {
      reply: (reply) => this.#answered(asked, reply),
      gone: (why) => this.#lost(asked, why),
    });
    return { asked, thread };
  }

  #answered(asked: Map<number, Asked>, reply: ReadReply): void {
    const question = asked.get(reply.id);
    asked.delete(reply.id);
    if (reply.ok) return question?.resolve(reply.value);
    if (reply.invalidCursor) return question?.reject(new InvalidCursorError());
    question?.reject(unreadable(reply.message));
    // The thread ends by itself; nothing more may be asked of it.
    this.#replace(asked);
  }

  #lost(asked: Map<number, Asked>, why: string): void {
    this.#replace(asked);
    for (const question of asked.values()) question.reject(unreadable(why));
    asked.clear();
  }

  #replace(asked: Map<number, Asked>): void {
    if (this.#reader?.asked === asked) this.#reader = undefined;
  }
}

const unreadable = (why: string): AppendError => new AppendError('unavailable', `The store cannot be read now: ${why}`);
