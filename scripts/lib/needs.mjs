import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** What the checks use beyond npm's packages: the command, Debian's package, and what goes untried without it. */
export const NEEDS = {
  curl: { command: 'curl', debian: 'curl', without: "README's blocks and the first minute's commands are not run" },
  bash: { command: 'bash', debian: 'bash', without: "README's blocks and the first minute's commands are not run" },
  caddy: { command: 'caddy', debian: 'caddy', without: 'nothing is tried behind TLS' },
  strace: { command: 'strace', debian: 'strace', without: 'the order of disk and answer is not tried' },
  nginx: { command: 'nginx', debian: 'nginx', without: 'nothing is tried behind it' },
  chromium: { command: process.env.CHROMIUM || 'chromium', debian: 'chromium', without: 'no client is tried in a browser' },
  // Debian's Python comes without its venv.
  python3: {
    command: 'python3',
    probe: ['-c', 'import ensurepip, venv'],
    debian: 'python3-venv',
    without: 'no client is tried in Python',
  },
};

let listsAreFresh = false;

/**
 * Whether each of `names` is here, after trying to install it where that needs nobody's permission (root, with apt-get).
 * Names what is missing in one line each; where nothing may be left out (CI) that is a failure, so it answers false there too.
 */
export function have(names) {
  return names.map((name) => haveOne(NEEDS[name])).every(Boolean);
}

function haveOne(need) {
  if (found(need) || (installable() && installFromDebian(need.debian) && found(need))) return true;
  console.log(`Not here: ${need.command}, so ${need.without}. Install ${need.debian} to have it tried.`);
  return false;
}

function found({ command, probe }) {
  const done = spawnSync(command, probe ?? ['--version'], { stdio: 'ignore' });
  return probe ? done.status === 0 : !done.error;
}

const installable = () => process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');

function installFromDebian(name) {
  // Outside of a run level Debian starts no service that it installs: what a test needs of it, the test starts.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  console.log(`Installing ${name} …`);
  if (!listsAreFresh) spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore', env });
  listsAreFresh = true;
  return spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], { stdio: 'ignore', env }).status === 0;
}
