import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export type ServerProcessOptions = {
  /** The program and its arguments, for Node. */
  readonly program: readonly [string, ...string[]];
  readonly port: number;
  readonly dataFolder: string;
  readonly apiKey: string;
  /** Settings besides those below. */
  readonly settings?: Readonly<Record<string, string>>;
};

const KEPT_OUTPUT = 8_000;

/** A server as a process of its own, started and killed again and again on one port and one data folder. */
export class ServerProcess {
  /** Rejects when it ends without having been killed. */
  readonly broken: Promise<never>;
  readonly url: string;
  #child: ChildProcess | undefined;
  #output = '';
  #closed = false;
  #break: (error: Error) => void = () => {};
  readonly #atExit = () => void this.#child?.kill('SIGKILL');

  constructor(private readonly options: ServerProcessOptions) {
    this.url = `http://127.0.0.1:${options.port}`;
    this.broken = new Promise((_resolve, reject) => {
      this.#break = reject;
    });
    // Whoever runs this also looks at it; until then it is no unhandled rejection.
    this.broken.catch(() => {});
    process.once('exit', this.#atExit);
  }

  start(): void {
    if (this.#closed) return;
    const { program, port, dataFolder, apiKey, settings } = this.options;
    const child = spawn(process.execPath, [...program], {
      env: {
        ...withoutSettings(process.env),
        HOST: '127.0.0.1',
        PORT: String(port),
        BACKCHANNEL_DATA: dataFolder,
        BACKCHANNEL_API_KEY: apiKey,
        BACKCHANNEL_SYNC: 'full',
        BACKCHANNEL_RATE_LIMIT: 'off',
        BACKCHANNEL_LOG_LEVEL: 'error',
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => this.#keep(String(chunk)));
    child.once('error', (error) => this.#break(error));
    child.once('exit', (code, signal) => {
      if (this.#child === child) this.#break(new Error(`The server ended by itself (${signal ?? code}):\n${this.#output}`));
    });
  }

  /** The process's id, and what it answers to a message from its parent (with the probe loaded, what it holds). */
  async ask(): Promise<{ readonly pid: number; readonly answer: unknown }> {
    const child = this.#child;
    if (child?.pid === undefined) throw new Error('The server is not running.');
    child.send('ask');
    const [answer] = await once(child, 'message');
    return { pid: child.pid, answer };
  }

  /** kill -9; resolves when the process is gone. */
  kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.kill('SIGKILL');
    });
  }

  /** Kills it for good: a start that comes later starts nothing. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.kill();
    process.off('exit', this.#atExit);
  }

  #keep(text: string): void {
    this.#output = (this.#output + text).slice(-KEPT_OUTPUT);
  }
}

/** Whatever a person has set for their own server does not belong to this one. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(BACKCHANNEL_|OPENAI_|PORT$|HOST$)/.test(name)));
}
