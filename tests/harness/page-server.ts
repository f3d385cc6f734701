import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pageBundle } from './page-bundle.js';

const html = (name: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${name}</title><div id="root"></div><script type="module" src="/${name}.mjs"></script>`;

/**
 * Serves test pages as somebody's site does: from an origin that is not the server's. `scripts` are paths of page scripts by the page's name.
 * A browser that maps hosts to `port` sees them under any hostname and port; with `?sandboxed` their origin is `null`.
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
      response.setHeader('content-type', `${type}; charset=utf-8`);
      response.setHeader('cache-control', 'no-store');
      response.setHeader('access-control-allow-origin', '*'); // a sandboxed page's own script is another origin's
      if (request.url?.endsWith('?sandboxed')) response.setHeader('content-security-policy', 'sandbox allow-scripts');
      response.end(path.endsWith('.mjs') ? script : html(path));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new PageServer(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port; // it listens on a port and not on a pipe
  }

  /** A page's address; at another `origin` only in a browser that maps its host. */
  address(name: string, origin = `http://127.0.0.1:${this.port}`): string {
    return `${origin}/${name}`;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}
