import { join } from 'node:path';
import { LineProgram, type RemoteClient, type Told } from '../../harness/line-program.js';

const DRIVER = join(import.meta.dirname, 'driver.py');

/** What the SDK made of an answer, and how that answer falls short of the types that the SDK declares. */
type Parsed<T> = { readonly value: T; readonly complaints: readonly string[] };

/** The official Python SDK in a process of its own, which `driver.py` lets us tell what to do. */
export class PythonSdk implements RemoteClient {
  private constructor(private readonly program: LineProgram) {}

  /** `python` is the interpreter of an environment that has the SDK; `url` where it is pointed at. */
  static async start(python: string, { url, key }: { readonly url: string; readonly key: string }): Promise<PythonSdk> {
    return new PythonSdk(await LineProgram.start(python, ['-u', DRIVER, url, key]));
  }

  get events(): readonly Told[] {
    return this.program.events;
  }

  /** The version of the SDK. */
  get version(): string {
    return String(this.of('ready')[0]?.version);
  }

  /** What it told about `session`, or about itself, under that name. */
  of(event: string, session?: string): Told[] {
    return this.program.of(event, session);
  }

  /** `conversational_ai.<call>(**args)`. An answer that does not fit the SDK's own types is an error. */
  async rest<T>(call: string, args: object = {}): Promise<T> {
    const { value, complaints } = await this.ask<Parsed<T>>('rest', { call, ...args });
    if (complaints.length > 0) throw new Error(`${call} was answered what the SDK's types do not allow: ${complaints.join('; ')}`);
    return value;
  }

  /** Any other command of `driver.py`. */
  ask<T>(command: string, args: object = {}): Promise<T> {
    return this.program.ask(command, args);
  }

  /** Ends it, and every session that it has. */
  stop(): Promise<void> {
    return this.program.stop();
  }
}
