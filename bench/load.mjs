// The load generator, a process of its own: opens conversations by WebSocket, posts agent_messages to them over
// keep-alive HTTP, answers every JSON ping. Commands come as IPC messages, one answer each.
import { WebSocket } from 'ws';
import { openConnection } from './raw-http.mjs';

const TEXT = 'Your parcel has left the depot and will be with you between ten and eleven. '.repeat(3).slice(0, 200);
const BODY = JSON.stringify({ type: 'agent_message', text: TEXT });
const servers = new Map();

process.on('message', async ({ id, command, ...options }) => {
  try {
    process.send({ id, result: await commands[command](options) });
  } catch (error) {
    process.send({ id, error: String(error?.stack ?? error) });
  }
});

const commands = { open, load, close };

/** Opens `count` conversations on a server, at most 100 at once. */
async function open({ name, port, key, count }) {
  const headers = `xi-api-key: ${key}\r\ncontent-type: application/json\r\n`;
  const server = servers.get(name) ?? { port, headers, conversations: [], http: [] };
  servers.set(name, server);
  while (server.conversations.length < count) {
    const batch = Math.min(100, count - server.conversations.length);
    server.conversations.push(...(await Promise.all(Array.from({ length: batch }, () => openConversation(port)))));
  }
  while (server.http.length < 64) server.http.push(openConnection(port));
  await Promise.all(server.http.map(({ ready }) => ready));
  return { open: server.conversations.length };
}

function openConversation(port) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/convai/conversation?agent_id=agent_demo&source=js_sdk&version=1.25.0`, [
      'convai',
    ]);
    const conversation = { id: '', socket, heard: undefined };
    socket.once('open', () =>
      socket.send('{"type":"conversation_initiation_client_data","conversation_config_override":{"conversation":{"text_only":true}}}'),
    );
    socket.once('error', reject);
    socket.on('message', (data) => {
      const text = data.toString('latin1');
      if (text.startsWith('{"type":"ping"')) {
        const event = /"event_id":(\d+)/.exec(text)?.[1];
        socket.send(`{"type":"pong","event_id":${event}}`);
        if (conversation.id !== '') resolve(conversation);
      } else if (text.startsWith('{"type":"agent_response"')) conversation.heard?.();
      else if (text.startsWith('{"type":"conversation_initiation_metadata"')) conversation.id = /conv_[A-Za-z0-9]+/.exec(text)[0];
    });
  });
}

/**
 * Posts for `ms`. Without `rate`: closed loop, `inFlight` at a time (the maximum). With `rate`: open loop, each
 * operation counted from its scheduled moment. An operation is over when its POST is answered and its client has the line.
 */
function load({ name, ms, rate, inFlight = 64 }) {
  const { conversations, http, headers } = servers.get(name);
  const free = [...http];
  const idle = [...conversations];
  const latencies = [];
  const end = performance.now() + ms;
  let running = 0;
  let refused = 0;
  let due = 0;
  const start = performance.now();
  return new Promise((resolve) => {
    const one = (scheduled) => {
      const connection = free.pop();
      const conversation = idle.pop();
      if (!connection || !conversation) return false;
      running++;
      let left = 2;
      const part = () => {
        if (--left > 0) return;
        running--;
        conversation.heard = undefined;
        idle.unshift(conversation);
        next();
      };
      conversation.heard = () => {
        latencies.push(performance.now() - scheduled);
        part();
      };
      connection.post(`/v1/convai/conversations/${conversation.id}/messages`, headers, BODY, ({ status }) => {
        free.push(connection);
        if (status === 202) return part();
        refused++;
        left = 1;
        part();
      });
      return true;
    };
    const finish = () => {
      clearInterval(timer);
      const secs = (performance.now() - start) / 1000;
      latencies.sort((a, b) => a - b);
      const at = (q) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * q))];
      resolve({ operations: latencies.length, perSecond: latencies.length / secs, refused, p50: at(0.5), p90: at(0.9), p99: at(0.99) });
    };
    const next = () => {
      const now = performance.now();
      if (now >= end) return running === 0 ? finish() : undefined;
      if (rate === undefined) while (running < inFlight && one(now));
      else while (due * (1000 / rate) <= now - start && one(start + due * (1000 / rate))) due++;
    };
    const timer = setInterval(next, 1);
    next();
  });
}

async function close({ name }) {
  const server = servers.get(name);
  for (const { socket } of server?.conversations ?? []) socket.terminate();
  for (const connection of server?.http ?? []) connection.close();
  servers.delete(name);
  return {};
}
