import type { Api } from '../harness/api.js';
import { ServerProcess } from '../harness/server-process.js';
import { Lane } from './lane.js';

/** The server in a process of its own, and a bystander whose conversation must go on whatever others do. */
export class WatchedServer {
  /** How often the bystander was answered. */
  answered = 0;
  private stopping = false;
  private watching: Promise<void> = Promise.resolve();

  private constructor(
    readonly process: ServerProcess,
    readonly api: Api,
  ) {}

  /** `sabotage` names what is wrong with it. */
  static async start(env: Readonly<Record<string, string>> = {}, sabotage?: string): Promise<WatchedServer> {
    const server = await ServerProcess.start({
      env: { NODE_OPTIONS: '--expose-gc', ...env },
      ...(sabotage === undefined ? {} : { sabotage }),
    });
    const watched = new WatchedServer(server, await server.api());
    const bystander = await Lane.start(server.port, watched.api);
    watched.watching = watched.watch(bystander);
    // Looked at in `stop`; until then it is no unhandled one.
    watched.watching.catch(() => {});
    return watched;
  }

  get port(): number {
    return this.process.port;
  }

  /** Bytes that are in use after everything that is not was collected. */
  async heapBytes(): Promise<number> {
    const bytes = await this.process.evaluate('(gc(), gc(), process.memoryUsage().heapUsed + process.memoryUsage().external)');
    return Number(bytes);
  }

  /** What went wrong inside of it, or with the bystander; empty when nothing did. */
  async faults(): Promise<string[]> {
    this.stopping = true;
    const faults = this.process.output.split('\n').filter((line) => /"level":"(error|fatal)"|^\s+at /.test(line));
    if (!this.process.running) faults.push('the server has died');
    await this.watching.catch((error: unknown) => faults.push(`the bystander: ${String(error)}`));
    return faults;
  }

  stop(): Promise<void> {
    this.stopping = true;
    return this.process.stop();
  }

  private async watch(bystander: Lane): Promise<void> {
    while (!this.stopping) {
      await bystander.probe();
      this.answered++;
    }
    await bystander.end();
  }
}
