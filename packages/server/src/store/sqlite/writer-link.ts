import type { ConversationEvent, ConversationId } from '@backchannel/protocol';
import { AppendError } from '../../conversation/event-store.js';
import type { Clock } from '../../lib/clock.js';
import type { Log } from '../../lib/log.js';
import type { Call } from './calls.js';
import { CommitQueue } from './commit-queue.js';
import type { StoreFaults } from './faults.js';
import { FilePlace } from './file-place.js';
import type { Group, GroupReply } from './group.js';
import type { WriterOptions } from './open-database.js';
import { startThread, type Thread } from './thread.js';
import type { Writes } from './writes.js';

const BODY = new URL('./writer-thread.js', import.meta.url);

export type WriterLinkOptions = {
  readonly file: string;
  readonly synchronous: 'full' | 'normal';
  readonly faults: StoreFaults;
  readonly clock: Clock;
  readonly log: Log;
};

/** The main thread's end of the writer: up, down until `revive` succeeds, or closed. */
export class WriterLink {
  readonly #queue: CommitQueue;
  #thread: Thread<Group> | undefined;
  /** The last thread's end: its connection must be closed before another one opens the file. */
  #gone: Promise<void> = Promise.resolve();
  #reviving: Promise<void> | undefined;
  readonly #place: FilePlace;
  #inPlace = true;
  /** The last commit failed, and none since has shown that the store can be written to again. */
  #failing = false;
  #started = false;
  #closed = false;

  constructor(private readonly options: WriterLinkOptions) {
    this.#place = new FilePlace(options.file);
    this.#queue = new CommitQueue((group) => this.#thread?.post(group), options.clock);
  }

  /** False from a failed commit until one succeeds (a probe brings one), and while nothing is accepted. */
  get writable(): boolean {
    return this.#usable !== undefined && !this.#failing;
  }

  get written(): { readonly commits: number; readonly appends: number } {
    return this.#queue.written;
  }

  /** Looks whether the file is still where it was opened; while it is not, everything is refused. Never rejects. */
  async intact(): Promise<boolean> {
    const inPlace = await this.#place.kept();
    if (inPlace === this.#inPlace || this.#closed) return this.#inPlace;
    this.#inPlace = inPlace;
    const { file, log } = this.options;
    if (inPlace) log.info({ file }, 'the data folder is back in its place');
    else log.error({ file }, 'the data folder was removed: put it back as it was or restart the server; until then nothing is accepted');
    return inPlace;
  }

  append(id: ConversationId, epoch: number, firstSeq: number, events: readonly ConversationEvent[], when: 'now' | 'ride'): Promise<void> {
    return this.#usable ? this.#queue.append(id, epoch, firstSeq, events, when) : Promise.reject(this.#down());
  }

  async write<K extends keyof Writes>(name: K, ...args: Parameters<Writes[K]>): Promise<ReturnType<Writes[K]>> {
    if (!this.#usable) throw this.#down();
    // Name and arguments are tied by the signature, and so is what the function of that name returns.
    return (await this.#queue.write({ name, args } as Call<Writes>)) as ReturnType<Writes[K]>;
  }

  /** Starts the thread where there is none. Rejects with StoreOpenError, or with AppendError where the file is gone. */
  async revive(): Promise<void> {
    // Where the file is gone a start would make an empty one.
    if (this.#closed || !(await this.intact())) throw this.#down();
    if (this.#thread) return;
    this.#reviving ??= this.#start().finally(() => {
      this.#reviving = undefined;
    });
    await this.#reviving;
  }

  async close(): Promise<void> {
    if (this.#closed) return this.#gone;
    this.#closed = true;
    // A start that is under way ends first, well or badly: its thread has to be closed too.
    await this.#reviving?.catch(() => undefined);
    await this.#queue.drained();
    this.#thread?.post('close');
    this.#thread = undefined;
    await this.#gone;
  }

  get #usable(): Thread<Group> | undefined {
    return this.#inPlace ? this.#thread : undefined;
  }

  async #start(): Promise<void> {
    await this.#gone;
    const { file, synchronous, faults } = this.options;
    const first = !this.#started;
    const data: WriterOptions = { file, synchronous, first, faults: first ? faults : {} };
    const thread = await startThread<Group, GroupReply>('store-writer', BODY, data, {
      reply: (reply) => this.#answered(reply),
      gone: (why) => this.#fail(why),
    });
    this.#started = true;
    this.#gone = thread.gone;
    this.#thread = thread;
    if (first) await this.#place.remember();
  }

  #answered(reply: GroupReply): void {
    this.#failing = reply.kind === 'failed';
    if (reply.kind === 'failed') {
      this.options.log.error({ cause: reply.message, broken: reply.broken }, 'a commit failed');
      // The thread ends by itself; nothing more may be sent to it.
      if (reply.broken) return this.#fail(reply.message);
    }
    this.#queue.answered(reply);
  }

  #fail(why: string): void {
    if (!this.#thread) return;
    this.#thread = undefined;
    this.#failing = true;
    this.options.log.error({ cause: why }, 'the store cannot be written to until a probe succeeds');
    this.#queue.fail(why);
  }

  #down(): AppendError {
    return new AppendError('unavailable', this.#closed ? 'The store is closed.' : `The store cannot write now: ${this.#whyDown()}`);
  }

  #whyDown(): string {
    return this.#inPlace ? 'its file has to be opened anew.' : 'its data folder was removed; put it back as it was or restart the server.';
  }
}
