// The like-for-like peer: node:http and ws. It speaks the same frames as Backchannel, and pings a client that was silent for as long.
import { WebSocketServer } from 'ws';
import { begin, confirm, forget, greeting, server } from './by-hand.mjs';

const SILENT_PING_MS = 5_000;
const SWEEP_MS = 250;
/** As Backchannel: clients lose what comes in one packet with the metadata. */
const METADATA_ALONE_MS = 100;

const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, handleProtocols: () => 'convai' });
server.on('upgrade', (request, socket, head) => sockets.handleUpgrade(request, socket, head, accept));

function accept(socket) {
  let conversation;
  heard(socket);
  socket.on('pong', heard.bind(undefined, socket));
  socket.on('error', () => socket.terminate());
  socket.on('message', async (data) => {
    heard(socket);
    const message = JSON.parse(data);
    if (message.type === 'pong') return confirm(conversation, message.event_id);
    conversation = await begin((line, through) => show(socket, line, through));
    socket.send(JSON.stringify(greeting(conversation)));
    setTimeout(() => socket.send(pingThrough(conversation.seq)), METADATA_ALONE_MS);
  });
  socket.on('close', () => conversation && forget(conversation));
}

function show(socket, line, through) {
  socket._socket.cork();
  socket.send(JSON.stringify(line));
  socket.send(pingThrough(through));
  socket._socket.uncork();
}

const pingThrough = (seq) => JSON.stringify({ type: 'ping', ping_event: { event_id: seq, ping_ms: null } });

function heard(socket) {
  socket.heardAt = performance.now();
  socket.asked = false;
}

setInterval(() => {
  const now = performance.now();
  for (const socket of sockets.clients) {
    if (socket.asked || now - socket.heardAt < SILENT_PING_MS) continue;
    socket.asked = true;
    socket.ping();
  }
}, SWEEP_MS);
