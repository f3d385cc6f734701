// What somebody would write by hand around the same store: an id, a running number and what is not confirmed yet. No rules,
// no retries, no recovery. MODE: none (nothing stored), one (a message is committed before it is shown), receipt (and its confirmation too).
import { createServer } from 'node:http';
import { newConversationId, randomPart } from '../../packages/protocol/dist/index.js';
import { createSystemClock } from '../../packages/server/dist/lib/system-clock.js';
import { openSqliteStore } from '../../packages/server/dist/store/sqlite/open-sqlite-store.js';

const mode = process.env.MODE;
const log = { debug() {}, info() {}, warn: console.error, error: console.error };
const clock = createSystemClock();
const store = mode === 'none' ? undefined : await openSqliteStore({ folder: process.env.BACKCHANNEL_DATA, clock, log });
const conversations = new Map();
let confirmedCount = 0;

/** Begins a conversation whose lines `show(line, through)` sends to its client. */
export async function begin(show) {
  const conversation = { id: newConversationId(), show, seq: 1, epoch: 1, eventId: 0, open: [] };
  conversations.set(conversation.id, conversation);
  const created = {
    seq: 1,
    epoch: 1,
    time: new Date().toISOString(),
    type: 'conversation.created',
    conversation_id: conversation.id,
    workspace_id: 'ws_bench',
    agent_id: 'agent_demo',
    agent_hash: '',
    engine: 'native',
    begun: 'client',
  };
  await store?.append(conversation.id, 1, 1, [created], 'now');
  return conversation;
}

export const forget = (conversation) => conversations.delete(conversation.id);

/** The metadata that a client is greeted with. */
export const greeting = ({ id }) => ({
  type: 'conversation_initiation_metadata',
  conversation_initiation_metadata_event: {
    conversation_id: id,
    agent_output_audio_format: 'pcm_16000',
    user_input_audio_format: 'pcm_16000',
  },
});

/** Stores a message with its line, shows it, and answers with the receipt: the first commit. */
async function send(conversation, text) {
  const time = new Date().toISOString();
  const first = conversation.seq + 1;
  const messageId = `msg_${randomPart()}`;
  const eventId = ++conversation.eventId;
  conversation.seq += 3;
  const through = conversation.seq;
  const { id, epoch } = conversation;
  const states = { agent_state: 'listening', user_state: 'quiet' };
  const sent = { message_type: 'agent_message', text, urgency: 'soon', reply: 'none', source: 'api', ...states };
  const events = [
    { seq: first, epoch, time, type: 'message.accepted', message_id: messageId, ...sent },
    { seq: first + 1, epoch, time, type: 'message.added', role: 'agent', text, source: 'api', event_id: eventId, messages: [messageId] },
    { seq: first + 2, epoch, time, type: 'message.level', message_id: messageId, level: 'applied', event_id: eventId },
  ];
  await store?.append(id, epoch, first, events, 'now');
  conversation.open.push({ messageId, through });
  conversation.show({ type: 'agent_response', agent_response_event: { agent_response: text, event_id: eventId } }, through);
  return { message_id: messageId, conversation_id: id, seq: first, status: 'applied', ...states, cursor: `${epoch}-${first}` };
}

/** The client has everything up to `through`: the second commit. */
export function confirm(conversation, through) {
  const confirmed = conversation.open.filter((message) => message.through <= through);
  if (confirmed.length === 0) return;
  conversation.open = conversation.open.filter((message) => message.through > through);
  confirmedCount += confirmed.length;
  if (mode !== 'receipt') return;
  const { id, epoch } = conversation;
  const base = { epoch, time: new Date().toISOString() };
  const first = conversation.seq + 1;
  const spoken = { type: 'message.level', level: 'spoken', basis: 'confirmed', final: true };
  const events = [
    { seq: first, ...base, type: 'client.confirmed', session_id: 's', through },
    ...confirmed.map(({ messageId }, i) => ({ seq: first + 1 + i, ...base, ...spoken, message_id: messageId })),
  ];
  conversation.seq += events.length;
  store.append(id, epoch, first, events, 'ride').catch(console.error);
}

/** `POST …/conversations/{id}/messages` with a key, and how many were confirmed. */
export const server = createServer((request, response) => {
  if (request.method === 'GET') return void answer(response, 200, { confirmed: confirmedCount });
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', async () => {
    const conversation = conversations.get(request.url.split('/')[4]);
    const { text } = JSON.parse(body);
    const allowed = request.headers['xi-api-key'] === process.env.KEY;
    if (!allowed || conversation === undefined || typeof text !== 'string') return void response.writeHead(404).end();
    answer(response, 202, await send(conversation, text));
  });
});

function answer(response, status, body) {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text);
}

server.keepAliveTimeout = 72_000;
server.listen(Number(process.env.PORT), '127.0.0.1', 4_096, () => console.log(`listening on ${server.address().port}`));
