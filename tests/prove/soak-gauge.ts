import { existsSync, readdirSync } from 'node:fs';
import type { ServerProcess } from './server-process.js';

/** What a server holds after a collection, when nothing happens. */
export type Held = {
  readonly heapBytes: number;
  readonly residentBytes: number;
  /** Open files and sockets; undefined where the system does not say. */
  readonly descriptors: number | undefined;
  /** Sockets, timers, threads and requests that keep its event loop busy. */
  readonly resources: number;
};

/** Asks a server that was started with the probe. */
export async function gauge(server: ServerProcess): Promise<Held> {
  const { pid, answer } = await server.ask();
  // What the probe sends.
  const { heapUsed, rss, resources } = answer as { heapUsed: number; rss: number; resources: number };
  const files = `/proc/${pid}/fd`;
  const descriptors = existsSync(files) ? readdirSync(files).length : undefined;
  return { heapBytes: heapUsed, residentBytes: rss, descriptors, resources };
}
