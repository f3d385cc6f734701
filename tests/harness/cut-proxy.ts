import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

type Line = { readonly client: Socket; readonly server: Socket };

/**
 * A TCP proxy in front of the server that can lose a line the ways networks do: `cut` drops both ends without a close
 * frame; `freeze` carries nothing any more while both ends still look alive.
 */
export class CutProxy {
  private readonly lines = new Set<Line>();
  private readonly listener: Server;
  private frozen = false;

  private constructor(private readonly target: number) {
    this.listener = createServer((client) => this.carry(client));
  }

  /** In front of the port on this machine. */
  static async start(target: number): Promise<CutProxy> {
    const proxy = new CutProxy(target);
    proxy.listener.listen(0, '127.0.0.1');
    await once(proxy.listener, 'listening');
    return proxy;
  }

  get port(): number {
    const address = this.listener.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
    return address.port;
  }

  get origin(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  /** The same URL, through this proxy. */
  through(url: string): string {
    const here = new URL(url);
    here.port = String(this.port);
    return here.href;
  }

  /** How many lines it carries. */
  get count(): number {
    return this.lines.size;
  }

  cut(): void {
    for (const { client, server } of this.lines) {
      client.destroy();
      server.destroy();
    }
  }

  /** What is sent meanwhile arrives after `thaw`; lines that are opened meanwhile wait for it too. */
  freeze(): void {
    this.frozen = true;
    for (const { client, server } of this.lines) {
      client.pause();
      server.pause();
    }
  }

  thaw(): void {
    this.frozen = false;
    for (const { client, server } of this.lines) {
      client.resume();
      server.resume();
    }
  }

  async stop(): Promise<void> {
    this.cut();
    this.listener.close();
    await once(this.listener, 'close');
  }

  private carry(client: Socket): void {
    const server = connect(this.target, '127.0.0.1');
    const line: Line = { client, server };
    this.lines.add(line);
    this.join(client, server, line);
    this.join(server, client, line);
    if (this.frozen) this.freeze();
  }

  /** By hand, since a pipe would resume what is frozen. */
  private join(from: Socket, to: Socket, line: Line): void {
    from.on('data', (chunk) => void to.write(chunk));
    from.on('end', () => to.end());
    // A line that breaks on one side breaks on the other.
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.lines.delete(line);
      to.destroy();
    });
  }
}
