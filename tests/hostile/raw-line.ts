import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { isObject, parseJson } from '@backchannel/protocol';
import { until } from '../harness/until.js';

export const OPCODES = { more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

type FrameOptions = {
  readonly opcode?: number;
  readonly fin?: boolean;
  /** The three reserved bits, as a number from 0 to 7. */
  readonly rsv?: number;
  readonly masked?: boolean;
  /** What the head says of the length, whatever follows. */
  readonly length?: bigint;
};

/** One frame as a client sends it, or as no client would. */
export function frame(payload: Buffer | string = '', options: FrameOptions = {}): Buffer {
  const { opcode = OPCODES.text, fin = true, rsv = 0, masked = true } = options;
  const data = Buffer.from(payload);
  const length = options.length ?? BigInt(data.length);
  const short = length < 126n ? Number(length) : length < 65_536n ? 126 : 127;
  const head = Buffer.from([(fin ? 0x80 : 0) | (rsv << 4) | opcode, (masked ? 0x80 : 0) | short]);
  const extended = Buffer.alloc(short === 126 ? 2 : short === 127 ? 8 : 0);
  if (short === 126) extended.writeUInt16BE(Number(length));
  if (short === 127) extended.writeBigUInt64BE(length);
  if (!masked) return Buffer.concat([head, extended, data]);
  const mask = randomBytes(4);
  for (let i = 0; i < data.length; i++) data[i] = (data[i] ?? 0) ^ (mask[i % 4] ?? 0);
  return Buffer.concat([head, extended, mask, data]);
}

/** A close frame's payload. */
export const closing = (code: number, reason: Buffer | string = ''): Buffer =>
  Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]);

export type Ended = {
  /** Of the server's close frame; 1005 for one without a code, 1006 when there was none. */
  readonly code: number;
  readonly reason: string;
};

/** A WebSocket client made of bytes: it sends whatever it is told, and answers pings, JSON pings and closes as a good one does. */
export class RawLine {
  /** JSON frames, as they came. */
  readonly frames: Record<string, unknown>[] = [];
  readonly pongs: string[] = [];
  readonly ended: Promise<Ended>;
  private close: Ended | undefined;
  private rest: Buffer = Buffer.alloc(0);
  /** Status and headers of the upgrade's answer; undefined until it is there. */
  answer: string | undefined;

  private constructor(readonly socket: Socket) {
    socket.on('error', () => {}); // its close says the same
    socket.on('data', (chunk) => this.read(chunk));
    this.ended = new Promise((resolve) => socket.once('close', () => resolve(this.close ?? { code: 1006, reason: '' })));
  }

  /** Connects, and sends nothing yet. */
  static async connect(port: number): Promise<RawLine> {
    const socket = connect(port, '127.0.0.1');
    const line = new RawLine(socket);
    await once(socket, 'connect');
    socket.setNoDelay();
    return line;
  }

  /** A line whose upgrade was granted. `target` begins with a slash. */
  static async open(port: number, target: string): Promise<RawLine> {
    const line = await RawLine.connect(port);
    line.write(upgrade(target));
    await until('the upgrade', () => line.answer !== undefined);
    if (!line.answer?.startsWith('HTTP/1.1 101 ')) throw new Error(`The upgrade was answered by ${line.answer}`);
    return line;
  }

  get over(): boolean {
    return this.close !== undefined || this.socket.destroyed;
  }

  write(bytes: Buffer | string): void {
    if (this.socket.writable) this.socket.write(bytes);
  }

  json(value: object): void {
    this.write(frame(JSON.stringify(value)));
  }

  /** True when the server answers a ping behind all that was sent; false when the line has ended instead. */
  async answers(): Promise<boolean> {
    const mark = randomBytes(6).toString('hex');
    this.write(frame(mark, { opcode: OPCODES.ping }));
    await until('a pong, or the end', () => this.over || this.pongs.includes(mark));
    return this.pongs.includes(mark);
  }

  destroy(): void {
    this.socket.destroy();
  }

  private read(chunk: Buffer): void {
    this.rest = Buffer.concat([this.rest, chunk]);
    if (this.answer === undefined) {
      const end = this.rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.answer = this.rest.subarray(0, end).toString('latin1');
      this.rest = this.rest.subarray(end + 4);
    }
    if (!this.answer.startsWith('HTTP/1.1 101 ')) return;
    for (;;) {
      const { rest } = this;
      if (rest.length < 2) return;
      const [first = 0, second = 0] = rest;
      const short = second & 0x7f;
      const begin = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (rest.length < begin) return;
      const length = short === 126 ? rest.readUInt16BE(2) : short === 127 ? Number(rest.readBigUInt64BE(2)) : short;
      if (rest.length < begin + length) return;
      this.rest = rest.subarray(begin + length);
      this.take(first, rest.subarray(begin, begin + length));
    }
  }

  private take(first: number, payload: Buffer): void {
    // A server's frames are whole and plain; anything else would be its fault.
    if ((first & 0xf0) !== 0x80) throw new Error(`The server sent a frame that begins with ${first.toString(16)}.`);
    const opcode = first & 0x0f;
    if (opcode === OPCODES.ping) this.write(frame(payload, { opcode: OPCODES.pong }));
    else if (opcode === OPCODES.pong) this.pongs.push(payload.toString());
    else if (opcode === OPCODES.close) {
      this.close = payload.length < 2 ? { code: 1005, reason: '' } : { code: payload.readUInt16BE(0), reason: payload.toString('utf8', 2) };
      this.write(frame(payload.subarray(0, 2), { opcode: OPCODES.close }));
      this.socket.end();
    } else this.takeJson(payload.toString());
  }

  private takeJson(text: string): void {
    const parsed = parseJson(text);
    if (!parsed.ok || !isObject(parsed.value)) throw new Error(`The server sent what is no JSON object: ${text}`);
    this.frames.push(parsed.value);
    const ping = parsed.value.ping_event;
    if (isObject(ping)) this.json({ type: 'pong', event_id: ping.event_id });
  }
}

/** The request for a WebSocket, as RFC 6455 wants it unless `headers` or `first` say otherwise. A header of undefined is left out. */
export function upgrade(
  target: string,
  headers: Readonly<Record<string, string | undefined>> = {},
  first = `GET ${target} HTTP/1.1`,
): string {
  const all = {
    host: 'localhost',
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-key': randomBytes(16).toString('base64'),
    'sec-websocket-version': '13',
    'sec-websocket-protocol': 'convai',
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  return `${[first, ...lines].join('\r\n')}\r\n\r\n`;
}
