import { startLoad } from './load/start-load.mjs';
import { startServer } from './measured-server.mjs';
import { PEERS } from './peers/peers.mjs';

/**
 * A server with its clients and its backend: two processes. `open(count)` opens conversations until there are so many, `create(count)`
 * opens so many more without clients, `drop({ keep })` cuts the lines of all but so many clients.
 */
export async function startContender(name, scratch, settings) {
  const server = await startServer(name, scratch, settings);
  const load = startLoad();
  const { port, key } = server;
  return {
    ...server,
    open: (count) => load.ask('open', { count, port, key, client: PEERS[name].client }),
    load: (options) => load.ask('load', options),
    create: (count) => load.ask('create', { count }),
    drop: (options) => load.ask('drop', options),
    stop: () => Promise.all([server.stop(), load.stop()]),
  };
}
