import { closeSync, openSync, writeSync } from 'node:fs';
import type { HistoryLine } from './history.js';

/** A line without its time: the recorder stamps it. */
export type Unstamped = HistoryLine extends infer L ? (L extends HistoryLine ? Omit<L, 't'> : never) : never;

const FLUSH_AT = 64 * 1024;

/** Writes a history. Lines are stamped when they are told, in one process, so their order is what really happened. */
export class Recorder {
  readonly #file: number;
  #pending = '';
  #closed = false;

  constructor(readonly path: string) {
    this.#file = openSync(path, 'w', 0o600);
  }

  /** What is told after the end is not part of the history: a run that was given up still has requests under way. */
  tell(line: Unstamped): void {
    if (this.#closed) return;
    this.#pending += `${JSON.stringify({ t: Number(performance.now().toFixed(3)), ...line })}\n`;
    if (this.#pending.length >= FLUSH_AT) this.#flush();
  }

  close(): void {
    this.#flush();
    this.#closed = true;
    closeSync(this.#file);
  }

  #flush(): void {
    const bytes = Buffer.from(this.#pending);
    this.#pending = '';
    for (let written = 0; written < bytes.length; ) written += writeSync(this.#file, bytes, written);
  }
}
