import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Api } from './api.js';
import { evaluate } from './debugger.js';
import { endWithUs } from './end-with-us.js';
import { freePort } from './free-port.js';
import { until } from './until.js';

const MAIN = fileURLToPath(new URL('../../packages/server/dist/main.js', import.meta.url));
const SABOTAGED = fileURLToPath(new URL('../../packages/server/dist/testing/sabotaged-server.js', import.meta.url));

export type ProcessOptions = {
  /** Settings besides the port and the data folder. Nothing of this process's own environment reaches the server. */
  readonly env?: Readonly<Record<string, string>>;
  /** What is wrong with it, by the name of a sabotage; nothing when left out. */
  readonly sabotage?: string;
};

/** The server as people run it, in a process of its own that can be killed, frozen and started again on its port and data. */
export class ServerProcess {
  private child: ChildProcess | undefined;
  /** Everything it has printed, over all its lives. */
  output = '';
  private printedBefore = 0;

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly env: Readonly<Record<string, string>>,
    private readonly program: readonly string[],
  ) {}

  static async start({ env = {}, sabotage }: ProcessOptions = {}): Promise<ServerProcess> {
    const server = new ServerProcess(
      await freePort(),
      await mkdtemp(join(tmpdir(), 'backchannel-process-')),
      env,
      sabotage === undefined ? [MAIN] : [SABOTAGED, sabotage],
    );
    try {
      await server.restart();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get origin(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  get running(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** Its data folder. */
  get data(): string {
    return join(this.folder, 'data');
  }

  /** Resolves when it listens again. */
  async restart(): Promise<void> {
    this.printedBefore = this.output.length;
    const child = spawn(process.execPath, ['--inspect-port=0', ...this.program], {
      cwd: this.folder,
      // Killed processes lose nothing with `normal` either; only a power cut would.
      env: {
        PATH: process.env.PATH ?? '',
        PORT: String(this.port),
        BACKCHANNEL_DATA: this.data,
        BACKCHANNEL_SYNC: 'normal',
        ...this.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    endWithUs(child);
    const keep = (text: string): void => {
      this.output += text;
    };
    child.stdout?.setEncoding('utf8').on('data', keep);
    child.stderr?.setEncoding('utf8').on('data', keep);
    await until('the server listens', () => !this.running || this.output.includes('is listening', this.printedBefore));
    if (!this.running) throw new Error(`The server ended with ${child.exitCode ?? child.signalCode}:\n${this.output}`);
  }

  /** A backend's view of it; the key is the same after a restart. */
  async api(): Promise<Api> {
    return new Api(this.url, (await readFile(join(this.data, 'api-key'), 'utf8')).trim());
  }

  /** As after a power cut of this process: nothing is finished, nothing is said. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Asks it to stop; its exit code. */
  async terminate(): Promise<number | null> {
    await this.end('SIGTERM');
    return this.child?.exitCode ?? null;
  }

  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  /** Keeps its event loop busy for so many milliseconds, by a debugger. */
  async standStill(ms: number): Promise<void> {
    await this.evaluate(`for (const end = Date.now() + ${ms}; Date.now() < end; );`);
  }

  /** The value of an expression in its global scope, by a debugger. */
  async evaluate(expression: string): Promise<unknown> {
    this.child?.kill('SIGUSR1');
    const announced = /Debugger listening on (ws:\S+)/;
    const [, inspector = ''] = await until(
      'the inspector listens',
      () => announced.exec(this.output.slice(this.printedBefore)) ?? undefined,
    );
    return evaluate(inspector, expression);
  }

  /** Ends it, whatever state it is in, and removes its data. */
  async stop(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.kill(signal);
    await closed;
  }
}
