import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endWithUs } from './end-with-us.js';
import { freePort } from './free-port.js';
import { until } from './until.js';

/** Debian keeps it where only root's PATH looks. */
const COMMANDS = ['nginx', '/usr/sbin/nginx'];

/** How nginx is called on this machine; undefined where it is not installed. */
export const nginxCommand = (): string | undefined => COMMANDS.find((command) => !spawnSync(command, ['-v']).error);

/** What every guide says about WebSockets behind nginx; all else is its default, with the read time-out (60 s) where a test cannot wait so long. */
const configuration = (folder: string, port: number, target: number, readTimeoutSecs: number): string => `
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr error;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://127.0.0.1:${target};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_read_timeout ${readTimeoutSecs}s;
    }
  }
}
`;

/** A real nginx in front of a port of this machine. */
export class Nginx {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly port: number,
  ) {}

  static async start(target: number, readTimeoutSecs = 60): Promise<Nginx> {
    const command = nginxCommand();
    if (command === undefined) throw new Error('nginx is not installed');
    const folder = await mkdtemp(join(tmpdir(), 'backchannel-nginx-'));
    const port = await freePort();
    await writeFile(join(folder, 'nginx.conf'), configuration(folder, port, target, readTimeoutSecs));
    const child = spawn(command, ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'], { stdio: ['ignore', 'ignore', 'pipe'] });
    endWithUs(child);
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
    await until('nginx listens', () => {
      if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}: ${said}`);
      return answers(port);
    });
    return new Nginx(child, folder, port);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get origin(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    const closed = once(this.child, 'close');
    this.child.kill('SIGTERM');
    await closed;
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function answers(port: number): Promise<boolean> {
  const line = connect(port, '127.0.0.1');
  try {
    await once(line, 'connect');
    return true;
  } catch {
    return false; // nobody listens there yet
  } finally {
    line.destroy();
  }
}
