import { createServer } from 'node:net';
import type { Random } from './random.js';

const LOWEST = 20_000;
/** From here on the kernel hands out ports of its own, and one of its clients may hold the port when a server wants it back. */
const BELOW = 32_768;

/** A port that nobody listens on now, and that no client will be given. */
export async function freePort(random: Random): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(random() * (BELOW - LOWEST));
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
