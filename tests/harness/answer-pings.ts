import { isObject, parseJson } from '@backchannel/protocol';
import type { RawClient } from '@backchannel/server/testing';
import { until } from './until.js';

/** Makes a client by hand confirm what it is shown, as every official client does by itself. */
export function answerPings(client: RawClient): void {
  client.socket.on('message', (data) => {
    const parsed = parseJson(String(data));
    const id = parsed.ok ? pingId(parsed.value) : undefined;
    if (id !== undefined) client.send({ type: 'pong', event_id: id });
  });
}

/** Confirms what it has been shown so far, once its ping is there. */
export async function confirmOnce(client: RawClient): Promise<void> {
  const id = await until('a ping behind the last frame', () => pingId(client.frames.at(-1)));
  client.send({ type: 'pong', event_id: id });
}

function pingId(frame: unknown): number | undefined {
  const ping = isObject(frame) && isObject(frame.ping_event) ? frame.ping_event : undefined;
  return typeof ping?.event_id === 'number' ? ping.event_id : undefined;
}
