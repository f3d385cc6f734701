import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { isObject, parseJson } from '@backchannel/protocol';
import { endWithUs } from './end-with-us.js';
import { until } from './until.js';

/** What a program tells by itself; `session` where it is about one of its sessions. */
export type Told = { readonly event: string; readonly session?: string } & Readonly<Record<string, unknown>>;

/** An error in the program, as it tells it. `none`: its client has no way to do this. */
export type ToldError = {
  readonly class: string;
  readonly text: string;
  readonly status?: number | null;
  readonly body?: unknown;
  readonly none?: boolean;
};

export class ProgramError extends Error {
  constructor(
    readonly told: ToldError,
    command: string,
  ) {
    super(`${command}: ${told.class} ${told.text}`);
  }
}

/** A client that runs elsewhere and does what it is told. */
export type RemoteClient = {
  /** All that it has told so far. */
  readonly events: readonly Told[];
  /** Rejects with a `ProgramError`. */
  ask<T>(command: string, args?: object): Promise<T>;
  stop(): Promise<void>;
};

/** A program that is told what to do by JSON lines: `{id, do, with}` is answered by `{id, ok}` or `{id, error}`, and `{event, …}` comes by itself. */
export class LineProgram implements RemoteClient {
  readonly events: Told[] = [];
  private readonly waiting = new Map<number, (answer: Readonly<Record<string, unknown>>) => void>();
  private complained = '';
  private asked = 0;

  private constructor(private readonly child: ChildProcessWithoutNullStreams) {
    createInterface({ input: child.stdout }).on('line', (line) => this.take(line));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.complained += text;
    });
    child.stdin.on('error', () => {}); // it has ended, which whoever asks is told
    child.once('close', () => {
      for (const settle of this.waiting.values()) settle({ error: this.ended() });
      this.waiting.clear();
    });
    endWithUs(child);
  }

  /** Resolves once it has told the event `ready`. Nothing of this process's environment reaches it but the PATH. */
  static async start(command: string, args: readonly string[]): Promise<LineProgram> {
    const program = new LineProgram(spawn(command, [...args], { env: { PATH: process.env.PATH ?? '' } }));
    try {
      await until(`${command} is ready`, () => program.isOver || program.of('ready').length > 0, { withinMs: 60_000 });
      if (program.isOver) throw new ProgramError(program.ended(), 'start');
    } catch (error) {
      await program.stop();
      throw error;
    }
    return program;
  }

  /** What it told about `session`, or about itself, under that name. */
  of(event: string, session?: string): Told[] {
    return this.events.filter((one) => one.event === event && one.session === session);
  }

  async ask<T>(command: string, args: object = {}): Promise<T> {
    const id = ++this.asked;
    const call = `${command} ${JSON.stringify(args)}`;
    if (this.isOver) throw new ProgramError(this.ended(), call);
    const answered = new Promise<Readonly<Record<string, unknown>>>((resolve) => this.waiting.set(id, resolve));
    this.child.stdin.write(`${JSON.stringify({ id, do: command, with: args })}\n`);
    const answer = await answered;
    // Both in the program's own words.
    if (answer.error !== undefined) throw new ProgramError(answer.error as ToldError, call);
    return answer.ok as T;
  }

  /** Ends it, and every session that it has. */
  async stop(): Promise<void> {
    if (this.isOver) return;
    const closed = once(this.child, 'close');
    this.child.stdin.end();
    const giveUp = setTimeout(() => this.child.kill('SIGKILL'), 5_000);
    await closed;
    clearTimeout(giveUp);
  }

  private get isOver(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null || this.child.pid === undefined;
  }

  private ended(): ToldError {
    return { class: 'ended', text: `The program ended.\n${this.complained}` };
  }

  private take(line: string): void {
    const told = parseJson(line);
    if (!told.ok || !isObject(told.value)) {
      this.complained += `${line}\n`; // a client that writes to the terminal
      return;
    }
    const { id } = told.value;
    if (typeof id === 'number') {
      this.waiting.get(id)?.(told.value);
      this.waiting.delete(id);
    } else {
      this.events.push(told.value as Told); // by the program's own words
    }
  }
}
