// A keep-alive HTTP/1.1 connection that costs the load generator next to nothing: one request in flight,
// answers with a content-length only. The generator must not be what is measured.
import { connect } from 'node:net';

export function openConnection(port) {
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  let buffered = '';
  let done;
  socket.setEncoding('latin1');
  socket.on('data', (chunk) => {
    buffered += chunk;
    const head = buffered.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(buffered.slice(0, head))?.[1] ?? 0);
    if (buffered.length < head + 4 + length) return;
    const status = Number(buffered.slice(9, 12));
    const body = buffered.slice(head + 4, head + 4 + length);
    buffered = buffered.slice(head + 4 + length);
    done?.({ status, body });
  });
  socket.on('error', (error) => done?.({ status: 0, body: String(error) }));
  return {
    ready: new Promise((resolve) => socket.once('connect', resolve)),
    /** `answered` is called with the status, 0 when the connection broke, and the body. */
    post(path, headers, body, answered) {
      done = answered;
      const length = `content-length: ${Buffer.byteLength(body)}`;
      socket.write(`POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${headers}${length}\r\n\r\n${body}`);
    },
    close: () => socket.destroy(),
  };
}
