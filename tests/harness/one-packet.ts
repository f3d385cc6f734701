import { once } from 'node:events';
import { connect } from 'node:net';
import type { Api } from './api.js';

/** POSTs that arrive together and in this order: one after the other in a single write on one connection. Resolves with their HTTP statuses. */
export async function postInOnePacket(api: Api, path: string, bodies: readonly object[]): Promise<number[]> {
  const { hostname, port } = new URL(api.url);
  const requests = bodies.map((body, at) => {
    const text = JSON.stringify(body);
    const last = at === bodies.length - 1 ? 'connection: close\r\n' : '';
    const head = `POST /v1/convai${path} HTTP/1.1\r\nhost: ${hostname}\r\nxi-api-key: ${api.key}\r\ncontent-type: application/json\r\n`;
    return `${head}content-length: ${Buffer.byteLength(text)}\r\n${last}\r\n${text}`;
  });
  const line = connect(Number(port), hostname);
  await once(line, 'connect');
  let answer = '';
  line.setEncoding('utf8').on('data', (text) => {
    answer += text;
  });
  line.write(requests.join(''));
  await once(line, 'close');
  return [...answer.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));
}
