import { once } from 'node:events';
import { isObject, parseJson } from '@backchannel/protocol';
import { WebSocket } from 'ws';

/** Runs an expression in a Node process whose inspector listens there, and waits for its end. */
export async function evaluate(inspector: string, expression: string): Promise<void> {
  const socket = new WebSocket(inspector);
  await once(socket, 'open');
  socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } }));
  await new Promise<void>((resolve, reject) => {
    socket.on('close', () => reject(new Error('the inspector hung up')));
    socket.on('message', (data) => {
      const parsed = parseJson(String(data));
      if (parsed.ok && isObject(parsed.value) && parsed.value.id === 1) resolve();
    });
  });
  socket.close();
  await once(socket, 'close');
}
