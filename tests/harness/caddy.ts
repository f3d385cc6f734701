import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endWithUs } from './end-with-us.js';
import { until } from './until.js';

/** Whether Caddy is installed on this machine. */
export const haveCaddy = (): boolean => !spawnSync('caddy', ['version']).error;

/** The name that Caddy has a certificate for here: nobody's, so that whoever connects must be told where it is. */
export const HOST = 'x.test';

/** The sites of docs/https.md, as they stand there: at a name of its own, which the README has too, and below a path. */
export async function sitesOfTheGuide(): Promise<{ readonly own: string; readonly path: string }> {
  const sitesIn = async (file: string): Promise<(string | undefined)[]> => {
    const text = await readFile(new URL(`../../${file}`, import.meta.url), 'utf8');
    return [...text.matchAll(/```caddyfile\n([\s\S]*?)```/g)].map(([, site]) => site);
  };
  const [own, path] = await sitesIn('docs/https.md');
  const [first] = await sitesIn('README.md');
  if (own === undefined || path === undefined) throw new Error('docs/https.md has no two Caddyfiles');
  if (first !== own) throw new Error('The Caddyfile of the README is not the first of docs/https.md.');
  return { own, path };
}

/** Only the machine differs from what a reader does: name and ports, a certificate of its own authority, nothing kept. */
function configuration(folder: string, site: string, port: number, target: number): string {
  const options = ['admin off', 'auto_https disable_redirects', 'skip_install_trust', `storage file_system "${folder}/store"`];
  const [, ...lines] = site.replaceAll('127.0.0.1:4600', `127.0.0.1:${target}`).split('\n');
  return ['{', ...options, '}', `${HOST}:${port} {`, 'tls internal', 'bind 127.0.0.1', ...lines].join('\n');
}

/** A real Caddy with TLS in front of a port of this machine. */
export class Caddy {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    /** The certificate that a client has to trust. */
    readonly root: string,
  ) {}

  static async start(site: string, port: number, target: number): Promise<Caddy> {
    const folder = await mkdtemp(join(tmpdir(), 'backchannel-caddy-'));
    const file = join(folder, 'Caddyfile');
    await writeFile(file, configuration(folder, site, port, target));
    const child = spawn('caddy', ['run', '--config', file, '--adapter', 'caddyfile'], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    endWithUs(child);
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
    const root = join(folder, 'store', 'pki', 'authorities', 'local', 'root.crt');
    await until('Caddy has its certificate', () => {
      if (child.exitCode !== null) throw new Error(`Caddy ended with ${child.exitCode}: ${said}`);
      return said.includes('certificate obtained successfully') && existsSync(root);
    });
    return new Caddy(child, folder, root);
  }

  async stop(): Promise<void> {
    const closed = once(this.child, 'close');
    this.child.kill('SIGTERM');
    await closed;
    await rm(this.folder, { recursive: true, force: true });
  }
}
