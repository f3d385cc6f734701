import { fileURLToPath } from 'node:url';

const BACKCHANNEL = fileURLToPath(new URL('../../packages/server/dist/main.js', import.meta.url));
const BARE = fileURLToPath(new URL('bare.mjs', import.meta.url));
const SOCKET_IO = fileURLToPath(new URL('socket-io.mjs', import.meta.url));

/** The servers that are compared: what each is, its program, and (of those by hand) what it stores. `client` is what its clients speak. */
export const PEERS = {
  backchannel: { title: 'Backchannel', script: BACKCHANNEL, client: 'convai' },
  receipt: { title: 'bare, receipted by hand (two commits)', script: BARE, mode: 'receipt', client: 'convai' },
  'socket-io': { title: 'Socket.IO, acknowledged, two commits', script: SOCKET_IO, mode: 'receipt', client: 'socket-io' },
  one: { title: 'bare, one commit', script: BARE, mode: 'one', client: 'convai' },
  none: { title: 'bare, nothing stored', script: BARE, mode: 'none', client: 'convai' },
  'socket-io-none': { title: 'Socket.IO, acknowledged, nothing stored', script: SOCKET_IO, mode: 'none', client: 'socket-io' },
};
