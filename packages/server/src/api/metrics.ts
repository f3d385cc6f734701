import type { Tally } from '../lib/tally.js';

type Counts = Iterable<readonly [string, number]>;

/** How the process is at one moment. */
export type ServerNumbers = {
  /** Those that live on this node and have not ended. */
  readonly conversations: number;
  readonly clientSockets: number;
  /** Clients that were not let in, by the code of the error. */
  readonly clientsRefused: Counts;
  /** By close code. */
  readonly socketsClosed: Counts;
  readonly storeWritable: boolean;
  /** What the store has made durable: appends to conversations, and the commits that they shared. */
  readonly written: { readonly commits: number; readonly appends: number };
  /** How often the event loop has stood still since the start. */
  readonly stalls: number;
  readonly residentBytes: number;
  readonly uptimeSecs: number;
};

/** What `POST …/messages` has answered since the start. */
export type SendCounts = { accepted: number; refused: number; readonly refusedByCode: Tally };

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Prometheus' text format, written by hand: plain numbers with one label at most need no library. */
export function metricsText(now: ServerNumbers, sends: Readonly<SendCounts>, connections: number): string {
  return [
    metric('gauge', 'conversations', 'Conversations that live on this node and have not ended.', now.conversations),
    metric('gauge', 'connections', 'Open connections, HTTP and clients together.', connections),
    metric('gauge', 'client_sockets', 'Open client sockets, those that have not joined yet included.', now.clientSockets),
    byCode('clients_refused_total', 'Clients that were not let in, by the code of the error.', now.clientsRefused),
    byCode('client_sockets_closed_total', 'Client sockets that were closed, by close code.', now.socketsClosed),
    metric('counter', 'messages_accepted_total', 'Messages accepted over REST, replays not counted.', sends.accepted),
    metric('counter', 'messages_refused_total', 'Requests to send a message that were answered with an error.', sends.refused),
    byCode('messages_refused_by_code_total', 'The same, by the code of the error.', sends.refusedByCode),
    metric('gauge', 'store_writable', '1 while the store can be written to, else 0.', now.storeWritable ? 1 : 0),
    metric('counter', 'appends_total', 'Appends to conversations that became durable.', now.written.appends),
    metric(
      'counter',
      'commits_total',
      'Commits to the disk; each holds all appends and other writes that came while the last was on its way.',
      now.written.commits,
    ),
    metric('counter', 'event_loop_stalls_total', 'How often the event loop stood still.', now.stalls),
    metric('gauge', 'resident_memory_bytes', 'Resident memory of the process in bytes.', now.residentBytes),
    metric('gauge', 'uptime_seconds', 'Seconds since the process started.', now.uptimeSecs),
  ].join('');
}

type Kind = 'gauge' | 'counter';

const metric = (kind: Kind, name: string, help: string, value: number): string => `${head(kind, name, help)}backchannel_${name} ${value}\n`;

/** A code has no character that a label would have to escape. */
const byCode = (name: string, help: string, counts: Counts): string =>
  head('counter', name, help) + [...counts].map(([code, count]) => `backchannel_${name}{code="${code}"} ${count}\n`).join('');

const head = (kind: Kind, name: string, help: string): string => `# HELP backchannel_${name} ${help}\n# TYPE backchannel_${name} ${kind}\n`;
