// The clients and the backend of one server, as a process of its own: opens conversations, posts agent_messages to random ones of
// them over keep-alive connections, answers every ping. Commands come as IPC messages, one answer each.
import { Worker } from 'node:worker_threads';
import { CLIENTS } from './clients.mjs';
import { openConnection } from './http-connection.mjs';
import { bodyOf } from './payload.mjs';

const CONNECTIONS = 64;
/** Milliseconds after the end of a load within which everything must have been answered. */
const PATIENCE_MS = 20_000;
/** Clients that are being opened at once. */
const OPENING = 200;
/** One address of loopback has 28,000 ports, and one server's connections keep them for a minute after their end. */
const SOURCES = Array.from({ length: 16 }, (_, i) => `127.0.0.${i + 2}`);

const now = () => Number(process.hrtime.bigint()) / 1e6;
const conversations = [];
const connections = [];
/** Operation → what to do when its line is at its client. */
const waiting = new Map();
let operations = 0;
let server;
const metronome = new Worker(new URL('metronome.mjs', import.meta.url));
const heard = (operation) => waiting.get(operation)?.();

const commands = { open, create, load, drop };

process.on('message', async ({ id, command, ...options }) => {
  try {
    process.send({ id, result: await commands[command](options) });
  } catch (error) {
    process.send({ id, error: String(error?.stack ?? error) });
  }
});

// Whoever measured is gone, in whatever way.
process.once('disconnect', () => process.exit(1));

/** Opens conversations until there are `count`, at the server `{ port, key, client }`. */
async function open({ count, ...at }) {
  server = { ...at, headers: `xi-api-key: ${at.key}\r\ncontent-type: application/json\r\n` };
  let begun = conversations.length;
  const openOn = async () => {
    while (begun < count) {
      const localAddress = SOURCES[begun++ % SOURCES.length];
      conversations.push(await CLIENTS[server.client]({ port: server.port, localAddress, heard }));
    }
  };
  await Promise.all(Array.from({ length: OPENING }, openOn));
  while (connections.length < CONNECTIONS) connections.push(openConnection(server.port));
  await Promise.all(connections.map(({ ready }) => ready));
  return { open: conversations.length };
}

/**
 * Posts for `ms`. Without `perSecond` as many as possible, one on each connection at a time. With it, each operation is counted from
 * the moment that it was due. An operation is over when its POST is answered and its client has the line.
 */
function load({ ms, perSecond }) {
  const free = [...connections];
  const due = [];
  const latencies = [];
  const lateness = [];
  const start = now();
  const end = start + ms;
  let running = 0;
  let refused = 0;
  let last;
  let over = perSecond === undefined ? () => now() >= end : () => false;
  return new Promise((resolve, reject) => {
    const next = () => {
      while (free.length > 0 && !over()) {
        if (perSecond === undefined) begin(now());
        else if (due.length > 0) begin(due.shift());
        else break;
      }
      if (running === 0 && due.length === 0 && over()) finish();
    };
    const begin = (dueAt) => {
      running++;
      const connection = free.pop();
      const conversation = conversations[Math.floor(Math.random() * conversations.length)];
      const operation = operations++;
      let parts = 2;
      const part = () => {
        if (--parts > 0) return;
        running--;
        waiting.delete(operation);
        next();
      };
      waiting.set(operation, () => {
        latencies.push(now() - dueAt);
        part();
      });
      lateness.push(now() - dueAt);
      connection.post(`/v1/convai/conversations/${conversation.id}/messages`, server.headers, bodyOf(operation), ({ status, body }) => {
        free.push(connection);
        if (status === 202) last = body;
        else {
          refused++;
          parts = 1;
        }
        part();
      });
    };
    const timer = setTimeout(() => reject(new Error(`${running} operations were never over`)), ms + PATIENCE_MS);
    const finish = () => {
      clearTimeout(timer);
      metronome.removeAllListeners('message');
      const counts = { operations: latencies.length, perSecond: (latencies.length * 1_000) / (now() - start), refused, total: operations };
      resolve({ ...counts, last, ...quantiles(latencies), late: quantiles(lateness).p50 });
    };
    if (perSecond === undefined) return next();
    metronome.on('message', (beat) => {
      if (beat === 'over') over = () => due.length === 0;
      else due.push(beat);
      next();
    });
    metronome.postMessage({ perSecond, start, end });
  });
}

function quantiles(values) {
  values.sort((a, b) => a - b);
  const at = (share) => values[Math.min(values.length - 1, Math.floor(values.length * share))];
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}

/** Opens so many conversations more, as a backend does: no client comes. */
async function create({ count }) {
  let begun = 0;
  const createOn = async (connection) => {
    while (begun++ < count) {
      const answered = new Promise((resolve) =>
        connection.post('/v1/convai/conversations', server.headers, '{"agent_id":"agent_demo"}', resolve),
      );
      const { status, body } = await answered;
      if (status < 200 || status > 299) throw new Error(`no conversation was created: ${status} ${body}`);
    }
  };
  await Promise.all(connections.map(createOn));
  return {};
}

/** Cuts the lines of all clients but the first `keep`: none of them says goodbye. */
async function drop({ keep }) {
  for (const { socket } of conversations.splice(keep)) socket.terminate();
  return {};
}
