import { once } from 'node:events';
import { createServer } from 'node:net';

const LOWEST = 20_000;
/** From there on the kernel hands out ports of its own, so a port that is let go for a moment may be taken. */
const BELOW = 32_768;

/** A port that nobody listens on now: for a server that must come back under the same address. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (BELOW - LOWEST));
    const probe = createServer();
    const free = await Promise.race([
      once(probe, 'error').then(() => false),
      once(probe.listen(port, '127.0.0.1'), 'listening').then(() => true),
    ]);
    if (!free) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
}
