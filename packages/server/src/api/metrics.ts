/** How the process is at one moment. */
export type ServerNumbers = {
  /** Those that live on this node and have not ended. */
  readonly conversations: number;
  readonly clientSockets: number;
  readonly storeWritable: boolean;
  /** How often the event loop has stood still since the start. */
  readonly stalls: number;
  readonly residentBytes: number;
  readonly uptimeSecs: number;
};

/** What `POST …/messages` has answered since the start. */
export type SendCounts = { accepted: number; refused: number };

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Prometheus' text format, written by hand: plain numbers without labels need no library. */
export function metricsText(now: ServerNumbers, sends: Readonly<SendCounts>): string {
  return [
    metric('gauge', 'conversations', 'Conversations that live on this node and have not ended.', now.conversations),
    metric('gauge', 'client_sockets', 'Open client sockets, those that have not joined yet included.', now.clientSockets),
    metric('counter', 'messages_accepted_total', 'Messages accepted over REST, replays not counted.', sends.accepted),
    metric('counter', 'messages_refused_total', 'Requests to send a message that were answered with an error.', sends.refused),
    metric('gauge', 'store_writable', '1 while the store can be written to, else 0.', now.storeWritable ? 1 : 0),
    metric('counter', 'event_loop_stalls_total', 'How often the event loop stood still.', now.stalls),
    metric('gauge', 'resident_memory_bytes', 'Resident memory of the process in bytes.', now.residentBytes),
    metric('gauge', 'uptime_seconds', 'Seconds since the process started.', now.uptimeSecs),
  ].join('');
}

function metric(type: 'gauge' | 'counter', name: string, help: string, value: number): string {
  const full = `backchannel_${name}`;
  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${full} ${value}\n`;
}
