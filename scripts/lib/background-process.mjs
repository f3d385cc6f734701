import { spawn } from 'node:child_process';

/** Starts a command that goes on running, keeping what it prints; `stop` ends it and all that it started, and waits for the end. */
export function backgroundProcess(command, args, { cwd, env }) {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const ended = new Promise((resolve) => child.once('close', resolve));
  let output = '';
  let running = true;
  child.stdout.setEncoding('utf8').on('data', (chunk) => (output += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk) => (output += chunk));
  child.once('error', (error) => (output += error));
  child.once('close', () => (running = false));

  /** Asks `ready` (with what was printed so far) again and again; whether it said yes before the end or `limitMs`. */
  async function until(ready, limitMs) {
    const deadline = performance.now() + limitMs;
    while (running && performance.now() < deadline) {
      if (await ready(output)) return true;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return Boolean(await ready(output));
  }

  /** The exit code, or undefined when it was still running after `limitMs`. */
  function exit(limitMs) {
    return new Promise((resolve) => {
      const limit = setTimeout(() => resolve(undefined), limitMs);
      void ended.then((code) => {
        clearTimeout(limit);
        resolve(code);
      });
    });
  }

  function signal(name) {
    try {
      process.kill(-child.pid, name);
    } catch {
      // it has ended by itself
    }
  }

  /** What Ctrl-C does in a terminal: all that runs there is told. */
  function interrupt() {
    signal('SIGINT');
  }

  async function stop() {
    signal('SIGTERM');
    const patience = setTimeout(() => signal('SIGKILL'), 15_000);
    await ended;
    clearTimeout(patience);
  }

  return { until, exit, interrupt, stop, output: () => output };
}
