import { stat } from 'node:fs/promises';

/**
 * Whether a path still leads to the file that was opened there. A file that was deleted can be written to for as long as
 * somebody has it open, so the database alone would go on acknowledging what nobody can ever read again.
 */
export class FilePlace {
  #opened: string | undefined;
  #looking: Promise<boolean> | undefined;

  constructor(private readonly path: string) {}

  /** Remembers the file that is there now; until then `kept` says yes to everything. */
  async remember(): Promise<void> {
    this.#opened = await identity(this.path);
  }

  /** One look at a time: a disk that hangs must not gather them. Never rejects. */
  kept(): Promise<boolean> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(): Promise<boolean> {
    return this.#opened === undefined || (await identity(this.path)) === this.#opened;
  }
}

/** Undefined where there is no file. It is never opened for this: closing it would drop the locks that this process has on it. */
async function identity(path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    // Gone, or out of reach, which comes to the same.
    return undefined;
  }
}
