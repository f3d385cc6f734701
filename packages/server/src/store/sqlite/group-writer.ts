import { perform } from './calls.js';
import { type Connection, codeOf, type Statement } from './connection.js';
import { conversationRows } from './conversation-rows.js';
import type { StoreFaults } from './faults.js';
import type { Group, GroupReply, Refusal, WriteResult } from './group.js';
import { Ownership } from './ownership.js';
import { type Writes, writes } from './writes.js';

/** Conversations whose place in the log is kept in memory: about 200 bytes each. */
const KNOWN_CONVERSATIONS = 50_000;

const NOT_NEXT = 'The append is not the next one of this conversation under this epoch: another owner, or a lost append.';

/** Commits groups: the only writer of the file, inside the writer's thread. */
export class GroupWriter {
  readonly #connection: Connection;
  readonly #ownership: Ownership;
  readonly #rows: ReturnType<typeof conversationRows>;
  readonly #writes: Writes;
  readonly #sql: Record<'begin' | 'commit' | 'log' | 'mark' | 'keep' | 'undo', Statement>;
  #groups = 0;

  constructor(
    connection: Connection,
    private readonly faults: StoreFaults = {},
    knownConversations = KNOWN_CONVERSATIONS,
  ) {
    this.#connection = connection;
    this.#ownership = new Ownership(connection, knownConversations);
    this.#rows = conversationRows(connection);
    this.#writes = writes(connection, this.#ownership);
    this.#sql = {
      begin: connection.prepare('BEGIN IMMEDIATE'),
      commit: connection.prepare('COMMIT'),
      log: connection.prepare('INSERT INTO log (conversation, first_seq, last_seq, events) VALUES (?, ?, ?, ?)'),
      mark: connection.prepare('SAVEPOINT part'),
      keep: connection.prepare('RELEASE part'),
      undo: connection.prepare('ROLLBACK TO part'),
    };
  }

  /** All of the group but what it refuses becomes durable together, or nothing of it does. */
  commit(group: Group): GroupReply {
    try {
      this.#sql.begin.run();
      const refused = this.#appendAll(group);
      const results = group.writes.map((call): WriteResult => {
        const done = this.#alone(() => perform(this.#writes, call));
        return done.ok ? done : { ok: false, message: done.message };
      });
      this.#applyFaults();
      this.#sql.commit.run();
      return { kind: 'committed', refused, results };
    } catch (error) {
      return this.#rollBack(error);
    }
  }

  #appendAll(group: Group): Refusal[] {
    const { ids, epochs, firstSeqs, lastSeqs, texts, changes } = group;
    const refused: Refusal[] = [];
    let nextChange = 0;
    for (let place = 0; place < ids.length; place++) {
      // The queue pushes to all columns together, so each has this place.
      const id = ids[place] as string;
      const epoch = epochs[place] as number;
      const firstSeq = firstSeqs[place] as number;
      const lastSeq = lastSeqs[place] as number;
      const text = texts[place] as string;
      const change = changes[nextChange]?.place === place ? changes[nextChange++]?.change : undefined;
      const owned = this.#ownership.get(id);
      if (!owned) {
        const created = change?.created;
        if (!change || !created || firstSeq !== 1) {
          refused.push({ place, reason: 'fenced', message: NOT_NEXT });
          continue;
        }
        const done = this.#alone(() => {
          const k = this.#rows.insert(id, epoch, created, change);
          this.#sql.log.run(k, firstSeq, lastSeq, text);
          return k;
        });
        if (done.ok) this.#ownership.add(id, { k: done.value, epoch, lastSeq });
        else refused.push({ place, reason: 'unavailable', message: done.message });
      } else if (owned.epoch !== epoch || owned.lastSeq + 1 !== firstSeq) {
        refused.push({ place, reason: 'fenced', message: NOT_NEXT });
        continue;
      } else {
        this.#sql.log.run(owned.k, firstSeq, lastSeq, text);
        if (change) this.#rows.update(owned.k, change);
        owned.lastSeq = lastSeq;
      }
      if (change?.ended) this.#ownership.forget(id);
    }
    return refused;
  }

  /** Runs what may fail by itself (a row that breaks a rule of the schema) without taking the group with it. */
  #alone<T>(work: () => T): { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string } {
    this.#sql.mark.run();
    try {
      const value = work();
      this.#sql.keep.run();
      return { ok: true, value };
    } catch (error) {
      // A full disk or a failing one may have ended the whole transaction; then the group is lost.
      if (!this.#connection.inTransaction || !isItsOwnFault(error)) throw error;
      this.#sql.undo.run();
      this.#sql.keep.run();
      return { ok: false, message: error instanceof Error ? error.message : String(error) };
    }
  }

  #applyFaults(): void {
    this.#groups += 1;
    if (this.faults.exitAtGroup === this.#groups) process.exit(1);
    if (this.faults.failAtGroup === this.#groups) throw new Error('A fault was injected.');
  }

  #rollBack(error: unknown): GroupReply {
    this.#ownership.forgetAll();
    const code = codeOf(error);
    const message = error instanceof Error ? error.message : String(error);
    // Full or busy will pass, and the file is as it was; whatever else happened, only a new start can say.
    let broken = code !== 'SQLITE_FULL' && !code.startsWith('SQLITE_BUSY');
    try {
      if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK');
    } catch {
      // A connection that cannot even roll back is beyond use.
      broken = true;
    }
    return { kind: 'failed', message: `${code}: ${message}`, broken };
  }
}

/** Ours to report to one caller: a broken rule of the schema, or an error thrown by our own code. */
const isItsOwnFault = (error: unknown): boolean => codeOf(error).startsWith('SQLITE_CONSTRAINT') || codeOf(error) === 'UNKNOWN';
