import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pageBundle } from './page-bundle.js';

const html = (name: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${name}</title><div id="root"></div><script type="module" src="/${name}.mjs"></script>`;

/**
 * Serves test pages as somebody's site does: from an origin that is not the server's. `scripts` are paths of page scripts by the page's name.
 * A browser that maps hosts to `port` sees them under any hostname and port.
 */
export class PageServer {
  private constructor(private readonly server: Server) {}

  static async start(scripts: Readonly<Record<string, string>>): Promise<PageServer> {
    const bundles = new Map<string, string>();
    for (const [name, path] of Object.entries(scripts)) bundles.set(name, await pageBundle(path));
    const server = createServer((request, response) => {
      const path = (request.url ?? '').replace(/[?#].*$/, '').slice(1);
      const script = bundles.get(path.replace(/\.mjs$/, ''));
      const type = path.endsWith('.mjs') ? 'text/javascript' : 'text/html';
      if (script === undefined) return response.writeHead(404).end();
      response.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' });
      response.end(path.endsWith('.mjs') ? script : html(path));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new PageServer(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port; // it listens on a port and not on a pipe
  }

  /** A page's address; at `host` (a name, or name and port) only in a browser that maps it. */
  address(name: string, host = `127.0.0.1:${this.port}`): string {
    return `http://${host}/${name}`;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}
