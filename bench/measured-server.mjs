import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PEERS } from './peers/peers.mjs';

const PROBE = new URL('probe.mjs', import.meta.url).href;
const LISTENING = /listening on (?:http:\/\/)?(?:127\.0\.0\.1:)?(\d+)/;

/**
 * Starts one of `PEERS` on a free port with a data folder of its own below `scratch`. What it answers has the port, the key, the
 * CPU that the process has used so far (all its threads, microseconds), its memory after a collection (bytes), and `stop`.
 */
export async function startServer(name, scratch, settings = {}) {
  const { script, mode } = PEERS[name];
  const data = join(scratch, `${name}-${Math.random().toString(36).slice(2)}`);
  const ours = Object.entries(process.env).filter(([key]) => !/^(BACKCHANNEL_|OPENAI_|NODE_OPTIONS$)/.test(key));
  const env = { ...Object.fromEntries(ours), PORT: '0', HOST: '127.0.0.1', BACKCHANNEL_DATA: data, ...settings };
  Object.assign(env, mode ? { MODE: mode, KEY: 'bench' } : { BACKCHANNEL_RATE_LIMIT: 'off', BACKCHANNEL_MAX_CONNECTIONS: '1000000' });
  const child = spawn(process.execPath, ['--expose-gc', '--import', PROBE, script], {
    env,
    cwd: scratch,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const port = await portOf(child, name);
  const key = mode ? 'bench' : readFileSync(join(data, 'api-key'), 'utf8').trim();
  return { name, port, key, pid: child.pid, cpuMicros: () => cpuMicros(child.pid), memory: () => memory(child), stop: () => stop(child) };
}

function portOf(child, name) {
  return new Promise((resolve, reject) => {
    let printed = '';
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}: ${printed}`)));
    child.stdout.on('data', (chunk) => {
      if (printed.length > 10_000) return;
      printed += chunk;
      const port = LISTENING.exec(printed)?.[1];
      if (port) resolve(Number(port));
    });
  });
}

/** Clock ticks are 10 ms: over some seconds of load the resolution is about a percent. */
function cpuMicros(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

function memory(child) {
  return new Promise((resolve) => {
    child.once('message', resolve);
    child.send('memory');
  });
}

function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.removeAllListeners('exit').once('exit', resolve);
    child.kill('SIGKILL');
  });
}
