import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isObject, parseJson } from '@backchannel/protocol';
import { endWithUs } from '../../harness/end-with-us.js';
import { until } from '../../harness/until.js';

const DRIVER = join(import.meta.dirname, 'driver.py');

export type PythonEvent = { readonly event: string; readonly session?: string } & Readonly<Record<string, unknown>>;

/** What the SDK made of an answer, and how that answer falls short of the types that the SDK declares. */
type Parsed<T> = { readonly value: T; readonly complaints: readonly string[] };

/** An error of the Python SDK. */
export class PythonError extends Error {
  constructor(
    readonly told: { readonly class: string; readonly status: number | null; readonly body: unknown; readonly text: string },
    call: string,
  ) {
    super(`${call}: ${told.class} ${told.text}`);
  }
}

/** The official Python SDK in a process of its own, told what to do by JSON lines. */
export class PythonSdk {
  readonly events: PythonEvent[] = [];
  private readonly waiting = new Map<number, (answer: Readonly<Record<string, unknown>>) => void>();
  private complained = '';
  private asked = 0;

  private constructor(private readonly child: ChildProcessWithoutNullStreams) {
    createInterface({ input: child.stdout }).on('line', (line) => this.take(line));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.complained += text;
    });
    child.once('close', () => {
      for (const settle of this.waiting.values()) settle({ error: { class: 'ended', text: this.complained } });
      this.waiting.clear();
    });
    endWithUs(child);
  }

  /** `python` is the interpreter of an environment that has the SDK; `url` where it is pointed at. */
  static async start(python: string, { url, key }: { readonly url: string; readonly key: string }): Promise<PythonSdk> {
    const sdk = new PythonSdk(spawn(python, ['-u', DRIVER, url, key], { env: { PATH: process.env.PATH ?? '' } }));
    try {
      await until('Python has loaded the SDK', () => sdk.child.exitCode !== null || sdk.of('ready').length > 0, { withinMs: 20_000 });
      if (sdk.child.exitCode !== null) throw new Error(`Python ended:\n${sdk.complained}`);
    } catch (error) {
      await sdk.stop();
      throw error;
    }
    return sdk;
  }

  /** The version of the SDK. */
  get version(): string {
    return String(this.of('ready')[0]?.version);
  }

  /** What it told about `session`, or about itself, under that name. */
  of(event: string, session?: string): PythonEvent[] {
    return this.events.filter((one) => one.event === event && one.session === session);
  }

  /** `conversational_ai.<call>(**arguments)`. An answer that does not fit the SDK's own types is an error. */
  async rest<T>(call: string, args: object = {}): Promise<T> {
    const { value, complaints } = await this.ask<Parsed<T>>('rest', { call, ...args });
    if (complaints.length > 0) throw new Error(`${call} was answered what the SDK's types do not allow: ${complaints.join('; ')}`);
    return value;
  }

  /** Any other command of `driver.py`. */
  async ask<T>(command: string, args: object = {}): Promise<T> {
    const id = ++this.asked;
    const answered = new Promise<Readonly<Record<string, unknown>>>((resolve) => this.waiting.set(id, resolve));
    this.child.stdin.write(`${JSON.stringify({ id, do: command, with: args })}\n`);
    const answer = await answered;
    // What the driver tells of an error, or what the command answers: as `driver.py` says.
    if (answer.error !== undefined) throw new PythonError(answer.error as PythonError['told'], `${command} ${JSON.stringify(args)}`);
    return answer.ok as T;
  }

  /** Ends it, and every session that it has. */
  async stop(): Promise<void> {
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.stdin.end();
    const giveUp = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await closed;
    clearTimeout(giveUp);
  }

  private take(line: string): void {
    const told = parseJson(line);
    if (!told.ok || !isObject(told.value)) throw new Error(`Python wrote what is no JSON line: ${line}`);
    const { id } = told.value;
    if (typeof id === 'number') {
      this.waiting.get(id)?.(told.value);
      this.waiting.delete(id);
    } else {
      this.events.push(told.value as PythonEvent); // by the driver's own words
    }
  }
}
