import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backgroundProcess } from './background-process.mjs';
import { REPOSITORY } from './repository.mjs';

const START_AT_MOST_MS = 30_000;

/** `{ url, key, own, stop }`: the server that runs here, when its key is at hand, else one on a free port with data that are removed. */
export async function demoServer() {
  return (await runningServer()) ?? ownServer();
}

async function runningServer() {
  const url = `http://127.0.0.1:${process.env.PORT || 4600}`;
  const file = join(process.env.BACKCHANNEL_DATA || join(REPOSITORY, 'data'), 'api-key');
  const key = process.env.BACKCHANNEL_API_KEY || (existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined);
  if (key === undefined) return undefined;
  try {
    const known = await fetch(`${url}/v1/convai/agents/agent_demo`, { headers: { 'xi-api-key': key } });
    return known.ok ? { url, key, own: false, stop: async () => {} } : undefined;
  } catch {
    return undefined; // nobody listens there
  }
}

async function ownServer() {
  const folder = mkdtempSync(join(tmpdir(), 'backchannel-demo-'));
  const settings = Object.entries(process.env).filter(([name]) => !name.startsWith('BACKCHANNEL_'));
  const program = backgroundProcess(process.execPath, [join(REPOSITORY, 'packages', 'server', 'dist', 'main.js')], {
    cwd: folder,
    env: { ...Object.fromEntries(settings), HOST: '127.0.0.1', PORT: '0' },
  });
  const stop = async () => {
    await program.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  await program.until((output) => output.includes('; echo\n'), START_AT_MOST_MS);
  const url = /is listening on (\S+)/.exec(program.output())?.[1];
  if (url !== undefined) return { url, key: readFileSync(join(folder, 'data', 'api-key'), 'utf8').trim(), own: true, stop };
  await stop();
  throw new Error(`The server did not start:\n${program.output()}`);
}
