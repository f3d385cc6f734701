import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const REPOSITORY = join(import.meta.dirname, '..', '..');
/** What `npm start` prints, and which part begins with it. The server says nothing before it listens: after a build it begins when that is noted down. */
const SIGNS = [
  ['server', /^> node /m],
  ['install', /Installing/],
  ['build', /Building/],
];
const AT_MOST_MS = 300_000;
/** Warm starts are short, and the middle one of so many is told. */
const WARM_STARTS = 5;

/**
 * Seconds from `npm start` in a fresh clone of the last commit to the first `replied` that a curl gets, and again when all is made
 * (the middle one of some), with what they consist of: npm itself until the first word, install, build, the server until it listens, the reply. `cold` gives
 * npm an empty cache; the registry's part of a first start cannot be had otherwise.
 */
export async function measureStart({ cold, scratch, say }) {
  const clone = join(scratch, 'clone');
  run('git', ['clone', '--quiet', REPOSITORY, clone]);
  const cache = join(scratch, 'npm-cache');
  if (cold) mkdirSync(cache);
  const env = { ...process.env, ...(cold ? { npm_config_cache: cache } : {}) };
  for (const name of Object.keys(env)) if (/^(BACKCHANNEL_|OPENAI_|npm_(lifecycle|package)|HOST$)/.test(name)) delete env[name];
  const fresh = await oneStart(clone, env);
  say(`  first start: ${fresh.total.toFixed(1)} s`);
  const more = [];
  while (more.length < WARM_STARTS) more.push(await oneStart(clone, env));
  const [warm] = more.toSorted((a, b) => a.total - b.total).slice(Math.floor(WARM_STARTS / 2));
  say(`  further starts: ${more.map(({ total }) => `${total.toFixed(2)} s`).join(', ')}`);
  return { cold, fresh, warm };
}

async function oneStart(clone, env) {
  const port = await freePort();
  const at = { npm: now() };
  const child = spawn('npm', ['start'], {
    cwd: clone,
    env: { ...env, PORT: String(port) },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    await listening(child, at);
    at.reply = now();
    firstReply(clone, port);
    const built = statSync(join(clone, '.cache', 'build.json')).mtimeMs;
    if (built > at.npm) at.server = built;
    return partsOf(at, now());
  } finally {
    await ended(child);
  }
}

function listening(child, at) {
  return new Promise((resolve, reject) => {
    let printed = '';
    const limit = setTimeout(() => reject(new Error(`npm start did not listen:\n${printed}`)), AT_MOST_MS);
    const look = (chunk) => {
      printed += chunk;
      for (const [part, sign] of SIGNS) if (sign.test(printed)) at[part] ??= now();
      if (!printed.includes('is listening')) return;
      clearTimeout(limit);
      resolve();
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.once('exit', () => reject(new Error(`npm start ended:\n${printed}`)));
  });
}

/** The two commands of the README. */
function firstReply(clone, port) {
  const key = readFileSync(join(clone, 'data', 'api-key'), 'utf8').trim();
  const post = (path, body) =>
    run('curl', [
      '-sf',
      `http://127.0.0.1:${port}/v1/convai/conversations${path}`,
      '-H',
      `xi-api-key: ${key}`,
      '-H',
      'content-type: application/json',
      '-d',
      JSON.stringify(body),
    ]);
  const { conversation_id } = JSON.parse(post('', { agent_id: 'agent_demo' }));
  const answer = JSON.parse(post(`/${conversation_id}/messages`, { type: 'user_message', text: 'What can you do?', wait_for: 'replied' }));
  if (answer.status !== 'replied') throw new Error(`the first message was not replied to: ${JSON.stringify(answer)}`);
}

/** From the moments at which parts began to the seconds that each took. */
function partsOf(at, end) {
  const moments = [...Object.entries(at), ['end', end]].toSorted(([, a], [, b]) => a - b);
  const parts = moments.slice(0, -1).map(([part, from], i) => [part, (moments[i + 1][1] - from) / 1_000]);
  return { parts: Object.fromEntries(parts), total: (end - at.npm) / 1_000 };
}

function run(command, args) {
  const done = spawnSync(command, args, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${command} failed: ${done.error ?? done.stderr}`);
  return done.stdout;
}

/** Milliseconds as the file system has them. */
const now = () => performance.timeOrigin + performance.now();

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Ends npm and what it started, which is a process group of its own. */
function ended(child) {
  if (child.exitCode !== null) return undefined;
  return new Promise((resolve) => {
    child.removeAllListeners('exit').once('exit', resolve);
    process.kill(-child.pid, 'SIGTERM');
  });
}
