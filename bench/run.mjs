// `npm run bench`: POST agent_message → live client, durable (FULL), receipted and confirmed, beside a bare server that
// does the same by hand. All servers run in one session, interleaved round by round; the load comes from another process.
// Server CPU per operation (user + system, of the server's process) is the figure least moved by a noisy machine.
import { fork, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const option = (name, fallback) => Number(process.argv.find((arg) => arg.startsWith(`--${name}=`))?.split('=')[1] ?? fallback);
const rounds = option('rounds', 5);
const secs = option('secs', 4);
const rate = option('rate', 1000);
const many = option('conversations', 1000);
const few = 200;
const scratch = mkdtempSync(join(tmpdir(), 'backchannel-bench-'));
const say = (text) => process.stderr.write(`${text}\n`);

const SERVERS = {
  backchannel: { title: 'Backchannel', script: '../packages/server/dist/main.js' },
  receipt: { title: 'bare, receipted by hand (two commits)', script: 'bare-server.mjs', mode: 'receipt' },
  one: { title: 'bare, one commit', script: 'bare-server.mjs', mode: 'one' },
  none: { title: 'bare, nothing stored', script: 'bare-server.mjs', mode: 'none' },
};

function startServer(name, { script, mode }) {
  const data = join(scratch, name);
  const env = { ...process.env, PORT: '0', HOST: '127.0.0.1', BACKCHANNEL_DATA: data, BACKCHANNEL_RATE_LIMIT: 'off' };
  if (mode) Object.assign(env, { MODE: mode, KEY: 'bench' });
  else delete env.BACKCHANNEL_API_KEY;
  const child = spawn(process.execPath, [join(here, script)], { env, cwd: scratch, stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    let printed = '';
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}: ${printed}`)));
    child.stdout.on('data', (chunk) => {
      if (printed.length > 10_000) return;
      printed += chunk;
      const port = /listening on \D*(?:127\.0\.0\.1:)?(\d+)/.exec(printed)?.[1];
      if (port) resolve({ child, port: Number(port), key: mode ? 'bench' : readFileSync(join(data, 'api-key'), 'utf8').trim() });
    });
  });
}

/** Clock ticks are 10 ms: over some seconds of load the resolution is well below a percent. */
function cpuMicros(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}
const residentKib = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);

function startLoad() {
  const child = fork(join(here, 'load.mjs'));
  const waiting = new Map();
  let ids = 0;
  child.on('message', ({ id, result, error }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error) reject(new Error(error));
    else resolve(result);
  });
  const ask = (command, options) =>
    new Promise((resolve, reject) => {
      waiting.set(++ids, { resolve, reject });
      child.send({ id: ids, command, ...options });
    });
  return { child, ask };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

async function phase(running, ask, title, conversations, rateOrMax) {
  say(`\n${title}`);
  for (const [name, { port, key }] of running) await ask('open', { name, port, key, count: conversations });
  const figures = new Map([...running.keys()].map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, { child }] of running) {
      const before = cpuMicros(child.pid);
      const got = await ask('load', { name, ms: round === 0 ? 1_500 : secs * 1000, ...(rateOrMax ? { rate: rateOrMax } : {}) });
      if (got.refused > 0) throw new Error(`${name} refused ${got.refused} messages`);
      // The first round warms up and is not counted.
      if (round > 0) figures.get(name).push({ ...got, cpu: (cpuMicros(child.pid) - before) / got.operations });
    }
    say(`  round ${round} of ${rounds} done`);
  }
  const rows = {};
  for (const [name, runs] of figures) {
    const of = (key) => median(runs.map((run) => run[key]));
    rows[name] = {
      cpu_us: of('cpu'),
      per_second: of('perSecond'),
      p50_ms: of('p50'),
      p99_ms: of('p99'),
      cpu_us_range: [Math.min(...runs.map((r) => r.cpu)), Math.max(...runs.map((r) => r.cpu))],
    };
  }
  return rows;
}

function table(rows) {
  const ours = rows.backchannel;
  const lines = ['| server | CPU µs/op (min–max) | ours ÷ this | per second | p50 ms | p99 ms |', '|---|---|---|---|---|---|'];
  for (const [name, row] of Object.entries(rows)) {
    const [low, high] = row.cpu_us_range;
    lines.push(
      `| ${SERVERS[name].title} | ${row.cpu_us.toFixed(0)} (${low.toFixed(0)}–${high.toFixed(0)}) | ${(ours.cpu_us / row.cpu_us).toFixed(2)} | ${row.per_second.toFixed(0)} | ${row.p50_ms.toFixed(2)} | ${row.p99_ms.toFixed(2)} |`,
    );
  }
  return lines.join('\n');
}

const running = new Map();
const load = startLoad();
try {
  for (const [name, server] of Object.entries(SERVERS)) running.set(name, await startServer(name, server));
  const idleBefore = residentKib(running.get('backchannel').child.pid);
  const most = await phase(running, load.ask, `maximum rate, ${few} conversations, 64 in flight`, few, undefined);
  const paced = await phase(running, load.ask, `${rate} messages a second, ${many} conversations`, many, rate);
  const report = [
    `Node ${process.version}, ${cpus().length} × ${cpus()[0].model}, ${new Date().toISOString().slice(0, 10)}; medians of ${rounds} interleaved rounds of ${secs} s`,
    '',
    `Maximum rate, ${few} conversations, 64 in flight:`,
    '',
    table(most),
    '',
    `${rate} messages a second (latency counts from the scheduled moment), ${many} open conversations:`,
    '',
    table(paced),
    '',
    `Backchannel's process at the start ${idleBefore} KiB, at the end ${residentKib(running.get('backchannel').child.pid)} KiB.`,
  ].join('\n');
  console.log(report);
  writeFileSync(join(here, 'result.json'), `${JSON.stringify({ node: process.version, rounds, secs, most, paced }, null, 2)}\n`);
} finally {
  load.child.kill();
  for (const { child } of running.values()) {
    child.removeAllListeners('exit');
    child.kill('SIGKILL');
  }
  rmSync(scratch, { recursive: true, force: true });
}
