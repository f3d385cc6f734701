import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Api } from '../harness/api.js';
import { endWithUs } from '../harness/end-with-us.js';
import { freePort } from '../harness/free-port.js';
import { until } from '../harness/until.js';

const MAIN = fileURLToPath(new URL('../../packages/server/dist/main.js', import.meta.url));

/** Why nothing can be traced here, in a few words; undefined when it can. */
export function whyNotTraced(): string | undefined {
  const tried = spawnSync('strace', ['-f', '-e', 'trace=fdatasync', 'true'], { encoding: 'utf8' });
  if (tried.error !== undefined) return 'strace is not installed';
  return tried.status === 0 ? undefined : `strace may not trace here: ${tried.stderr.trim().split('\n')[0]}`;
}

/** The server under strace: what it asked of the disk and of the network, in the order in which it was answered. */
export class TracedServer {
  private constructor(
    private readonly strace: ReturnType<typeof spawn>,
    private readonly folder: string,
    private readonly port: number,
  ) {}

  static async start(env: Readonly<Record<string, string>>): Promise<TracedServer> {
    const [port, folder] = [await freePort(), await mkdtemp(join(tmpdir(), 'backchannel-traced-'))];
    const options = ['-f', '-y', '-s', '64', '-e', 'trace=fsync,fdatasync,write,writev,sendmsg', '-o', join(folder, 'trace')];
    const strace = spawn('strace', [...options, process.execPath, MAIN], {
      cwd: folder,
      env: { PATH: process.env.PATH ?? '', PORT: `${port}`, BACKCHANNEL_DATA: join(folder, 'data'), BACKCHANNEL_RATE_LIMIT: 'off', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    endWithUs(strace);
    let output = '';
    const keep = (text: string): void => {
      output += text;
    };
    strace.stdout?.setEncoding('utf8').on('data', keep);
    strace.stderr?.setEncoding('utf8').on('data', keep);
    await until('the traced server listens', () => output.includes('is listening') || strace.exitCode !== null, { withinMs: 30_000 });
    if (strace.exitCode !== null) throw new Error(`It ended with ${strace.exitCode}: ${output}`);
    return new TracedServer(strace, folder, port);
  }

  async api(): Promise<Api> {
    return new Api(`http://127.0.0.1:${this.port}`, (await readFile(join(this.folder, 'data', 'api-key'), 'utf8')).trim());
  }

  /** Ends it; every line of the trace. */
  async stop(): Promise<string[]> {
    const closed = once(this.strace, 'close');
    // strace ends with what it traces, and takes no signal itself. The first thread that the trace has is the process.
    const [pid = ''] = (await readFile(join(this.folder, 'trace'), 'utf8')).split(' ', 1);
    process.kill(Number(pid), 'SIGTERM');
    await closed;
    const trace = await readFile(join(this.folder, 'trace'), 'utf8');
    await rm(this.folder, { recursive: true, force: true });
    return trace.split('\n');
  }
}
