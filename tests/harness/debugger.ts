import { once } from 'node:events';
import { isObject, parseJson } from '@backchannel/protocol';
import { WebSocket } from 'ws';

/** Runs an expression in a Node process whose inspector listens there; its value, if that is JSON. */
export async function evaluate(inspector: string, expression: string): Promise<unknown> {
  const socket = new WebSocket(inspector);
  await once(socket, 'open');
  socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression, returnByValue: true } }));
  const value = await new Promise<unknown>((resolve, reject) => {
    socket.on('close', () => reject(new Error('the inspector hung up')));
    socket.on('message', (data) => {
      const parsed = parseJson(String(data));
      if (parsed.ok && isObject(parsed.value) && parsed.value.id === 1) resolve(valueIn(parsed.value));
    });
  });
  socket.close();
  await once(socket, 'close');
  return value;
}

/** As the inspector answers: the answer's result has the expression's, which has the value. */
function valueIn({ result }: Record<string, unknown>): unknown {
  return isObject(result) && isObject(result.result) ? result.result.value : undefined;
}
