import type { Connection, Statement } from './connection.js';

/** What decides whether an append is the next one. `k` is the conversation's row number. */
export type Owned = { readonly k: number; epoch: number; lastSeq: number };

/**
 * Epoch and last seq of conversations, kept in memory: the writer is the only one who changes them, so it looks them
 * up once a conversation instead of once an append. Holds at most `limit`, the oldest leave first; any may be forgotten.
 */
export class Ownership {
  readonly #known = new Map<string, Owned>();
  readonly #load: Statement;

  constructor(
    connection: Connection,
    private readonly limit: number,
  ) {
    this.#load = connection.prepare(`
      SELECT k, epoch, coalesce((SELECT last_seq FROM log WHERE conversation = conversations.k ORDER BY first_seq DESC LIMIT 1), 0) AS lastSeq
      FROM conversations WHERE id = ?`);
  }

  get(id: string): Owned | undefined {
    const known = this.#known.get(id);
    if (known) return known;
    const row = this.#load.get<Owned>(id);
    return row && this.add(id, { k: row.k, epoch: row.epoch, lastSeq: row.lastSeq });
  }

  add(id: string, owned: Owned): Owned {
    if (this.#known.size >= this.limit) {
      for (const oldest of this.#known.keys()) {
        this.#known.delete(oldest);
        break;
      }
    }
    this.#known.set(id, owned);
    return owned;
  }

  forget(id: string): void {
    this.#known.delete(id);
  }

  /** After a rollback: what is in memory may be ahead of the file. */
  forgetAll(): void {
    this.#known.clear();
  }
}
