import type { Server } from 'node:http';
import type { Socket } from 'node:net';

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
