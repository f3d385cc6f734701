// Socket.IO with what it has of its own for this: an emit that the client acknowledges. The same commits, and pings as often.
import { Server } from 'socket.io';
import { begin, confirm, forget, greeting, server } from './by-hand.mjs';

const PING_MS = 5_000;

const io = new Server(server, { transports: ['websocket'], serveClient: false, pingInterval: PING_MS, pingTimeout: PING_MS });

io.on('connection', async (socket) => {
  const conversation = await begin(({ type, agent_response_event }, through) =>
    socket.emit(type, agent_response_event, () => confirm(conversation, through)),
  );
  socket.on('disconnect', () => forget(conversation));
  const { type, conversation_initiation_metadata_event } = greeting(conversation);
  socket.emit(type, conversation_initiation_metadata_event);
});
