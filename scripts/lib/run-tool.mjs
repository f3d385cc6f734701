import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Runs Node on a script and waits. `show` lets the tool write to this terminal; otherwise its output comes back.
 * `timeout` is in milliseconds, without one it may take for ever. No shell: nothing needs quoting, and Windows runs the same line.
 */
export function runNode(args, { cwd, env = process.env, show = false, node = process.execPath, timeout } = {}) {
  const done = spawnSync(node, args, {
    cwd,
    env,
    encoding: 'utf8',
    timeout,
    maxBuffer: 256 * 1024 * 1024,
    stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'],
  });
  const output = done.error ? String(done.error) : `${done.stdout ?? ''}${done.stderr ?? ''}`;
  return { ok: done.status === 0, status: done.status, stdout: done.stdout ?? '', output };
}

/** Runs npm. It says itself where it is when it started us; elsewhere it lies beside Node. */
export function runNpm(args, options) {
  const cli = npmCli();
  if (cli) return runNode([cli, ...args], options);
  return { ok: false, status: null, stdout: '', output: 'npm was not found beside Node; start with "npm start" or "npm test".' };
}

function npmCli() {
  const bin = dirname(process.execPath);
  return [
    process.env.npm_execpath,
    join(bin, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(bin, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    '/usr/share/nodejs/npm/bin/npm-cli.js',
  ].find((path) => path && basename(path) === 'npm-cli.js' && existsSync(path));
}
