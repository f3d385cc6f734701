import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const GENERATOR = fileURLToPath(new URL('generator.mjs', import.meta.url));

/** Starts a generator; `ask(command, options)` resolves with its answer, and rejects when it failed or has ended. */
export function startLoad() {
  const child = fork(GENERATOR);
  const waiting = new Map();
  let ids = 0;
  child.on('message', ({ id, result, error }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error) reject(new Error(error));
    else resolve(result);
  });
  child.on('exit', (code, signal) => {
    for (const { reject } of waiting.values()) reject(new Error(`the load generator ended with ${signal ?? code}`));
  });
  const ask = (command, options = {}) =>
    new Promise((resolve, reject) => {
      waiting.set(++ids, { resolve, reject });
      child.send({ id: ids, command, ...options });
    });
  const stop = () => {
    if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      child.once('exit', resolve);
      child.kill('SIGKILL');
    });
  };
  return { ask, stop };
}
