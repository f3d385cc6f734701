import { createServer } from 'node:net';

const LOWEST = 20_000;
const BELOW = 32_768; // from there on the kernel hands out ports of its own

/** A port that nobody listens on now. */
export async function freePort() {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (BELOW - LOWEST));
    if (await isFree(port)) return port;
  }
}

function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
