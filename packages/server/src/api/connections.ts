import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../lib/clock.js';
import type { Log } from '../lib/log.js';

const LET_GO_EVERY_MS = 50;
const FEWEST = 64;

/**
 * Lets a closing server end as soon as its last answer is out. Without it, connections that become idle after the
 * close would stay open for their whole idle time, and those on which nothing has come yet for as long as a
 * request may take. Returns what is to be called when the server begins to close.
 */
export function lettingGoOf(server: Server): () => void {
  let untouched = new Set<Socket>();
  let many = FEWEST;
  const isUntouched = (socket: Socket): boolean => socket.bytesRead === 0 && !socket.destroyed;
  server.on('connection', (socket) => {
    untouched.add(socket);
    // Looked through now and then, so that a connection costs no listener of its own.
    if (untouched.size < many) return;
    untouched = new Set([...untouched].filter(isUntouched));
    many = Math.max(FEWEST, untouched.size * 2);
  });
  return () => {
    const timer = setInterval(() => {
      server.closeIdleConnections();
      for (const socket of untouched) if (isUntouched(socket)) socket.destroy();
    }, LET_GO_EVERY_MS);
    server.once('close', () => clearInterval(timer));
  };
}

const TELL_EVERY_MS = 60_000;

/** At most `most` connections at a time; further ones are cut unread, and a line in the log says so once a minute. */
export function boundConnections(server: Server, most: number, clock: Clock, log: Log): void {
  server.maxConnections = most;
  let [cut, toldAt] = [0, Number.NEGATIVE_INFINITY];
  server.on('drop', () => {
    cut += 1;
    if (clock.mono() - toldAt < TELL_EVERY_MS) return;
    log.warn({ connections_cut: cut, max_connections: most }, 'all connections are taken; BACKCHANNEL_MAX_CONNECTIONS allows more');
    [cut, toldAt] = [0, clock.mono()];
  });
}
