// What somebody would write by hand with node:http, ws and the same store: no conversations, no rules, no recovery.
// MODE: none (nothing stored), one (the message is committed before it is shown), receipt (and its confirmation too).
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { newConversationId, randomPart } from '../packages/protocol/dist/index.js';
import { createSystemClock } from '../packages/server/dist/lib/system-clock.js';
import { openSqliteStore } from '../packages/server/dist/store/sqlite/open-sqlite-store.js';

const mode = process.env.MODE;
const log = { debug() {}, info() {}, warn: console.error, error: console.error };
const store =
  mode === 'none' ? undefined : await openSqliteStore({ folder: process.env.BACKCHANNEL_DATA, clock: createSystemClock(), log });
const conversations = new Map();

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', async () => {
    const conversation = conversations.get(request.url.split('/')[4]);
    const { text } = JSON.parse(body);
    if (request.headers['xi-api-key'] !== process.env.KEY || conversation === undefined || typeof text !== 'string') {
      response.writeHead(404).end();
      return;
    }
    const time = new Date().toISOString();
    const first = conversation.seq + 1;
    const messageId = `msg_${randomPart()}`;
    const eventId = ++conversation.eventId;
    conversation.seq += 3;
    const { epoch } = conversation;
    await store?.append(
      conversation.id,
      epoch,
      first,
      [
        {
          seq: first,
          epoch,
          time,
          type: 'message.accepted',
          message_id: messageId,
          message_type: 'agent_message',
          text,
          urgency: 'soon',
          reply: 'none',
          source: 'api',
          agent_state: 'listening',
          user_state: 'quiet',
        },
        {
          seq: first + 1,
          epoch,
          time,
          type: 'message.added',
          role: 'agent',
          text,
          source: 'api',
          event_id: eventId,
          messages: [messageId],
        },
        { seq: first + 2, epoch, time, type: 'message.level', message_id: messageId, level: 'applied', event_id: eventId },
      ],
      'now',
    );
    const { socket } = conversation;
    socket._socket.cork();
    socket.send(JSON.stringify({ type: 'agent_response', agent_response_event: { agent_response: text, event_id: eventId } }));
    socket.send(JSON.stringify({ type: 'ping', ping_event: { event_id: conversation.seq, ping_ms: null } }));
    socket._socket.uncork();
    conversation.open.push({ messageId, through: conversation.seq });
    const answer = JSON.stringify({
      message_id: messageId,
      conversation_id: conversation.id,
      seq: first,
      status: 'applied',
      agent_state: 'listening',
      user_state: 'quiet',
      cursor: `${epoch}-${first}`,
    });
    response.writeHead(202, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) }).end(answer);
  });
});

const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, handleProtocols: () => 'convai' });
server.on('upgrade', (request, socket, head) => sockets.handleUpgrade(request, socket, head, accept));

function accept(socket) {
  const conversation = { id: newConversationId(), socket, seq: 1, epoch: 1, eventId: 0, open: [] };
  conversations.set(conversation.id, conversation);
  socket.on('message', (data) => {
    const message = JSON.parse(data);
    if (message.type === 'pong') confirm(conversation, message.event_id);
    else void begin(conversation);
  });
}

async function begin(conversation) {
  const time = new Date().toISOString();
  const created = {
    seq: 1,
    epoch: 1,
    time,
    type: 'conversation.created',
    conversation_id: conversation.id,
    workspace_id: 'ws_bench',
    agent_id: 'agent_demo',
    agent_hash: '',
    engine: 'native',
    begun: 'client',
  };
  await store?.append(conversation.id, 1, 1, [created], 'now');
  const formats = { conversation_id: conversation.id, agent_output_audio_format: 'pcm_16000', user_input_audio_format: 'pcm_16000' };
  conversation.socket.send(JSON.stringify({ type: 'conversation_initiation_metadata', conversation_initiation_metadata_event: formats }));
  setTimeout(() => conversation.socket.send(JSON.stringify({ type: 'ping', ping_event: { event_id: 1, ping_ms: null } })), 100);
}

function confirm(conversation, through) {
  if (mode !== 'receipt') return;
  const confirmed = conversation.open.filter((message) => message.through <= through);
  if (confirmed.length === 0) return;
  conversation.open = conversation.open.filter((message) => message.through > through);
  const time = new Date().toISOString();
  const { epoch } = conversation;
  const first = conversation.seq + 1;
  const events = [
    { seq: first, epoch, time, type: 'client.confirmed', session_id: 's', through },
    ...confirmed.map(({ messageId }, i) => ({
      seq: first + 1 + i,
      epoch,
      time,
      type: 'message.level',
      message_id: messageId,
      level: 'spoken',
      basis: 'confirmed',
      final: true,
    })),
  ];
  conversation.seq += events.length;
  store.append(conversation.id, epoch, first, events, 'ride').catch(console.error);
}

server.keepAliveTimeout = 72_000;
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
