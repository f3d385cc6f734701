import { afterAll, beforeAll, expect } from 'vitest';
import { startServer, type TestServer } from '../harness/start-server.js';

/** One server for all tests of a file, since each has agents and conversations of its own. Nothing may have gone wrong inside of it at the end. */
export function oneServer(): () => TestServer {
  let server: TestServer | undefined;
  beforeAll(async () => {
    server = await startServer({ env: { BACKCHANNEL_RATE_LIMIT: 'off' } });
  });
  afterAll(async () => {
    await server?.stop();
    expect(server?.log.errors).toEqual([]);
  });
  return () => {
    if (server === undefined) throw new Error('The server runs only while tests do.');
    return server;
  };
}
