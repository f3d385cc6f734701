import { isNamedClose } from '@backchannel/protocol';
import { describe, expect, it } from 'vitest';
import { oneServer } from '../compat/one-server.js';
import { until } from '../harness/until.js';
import { CASES, type Case } from './conformance-cases.js';
import { frame, OPCODES, RawLine, upgrade } from './raw-line.js';

const TARGET = '/v1/convai/conversation?agent_id=agent_demo';
const AT_A_TIME = 16;

const running = oneServer();
const INIT = { type: 'conversation_initiation_client_data', conversation_config_override: { conversation: { text_only: true } } };

/** Codes that no case outside of those about closes closes with itself. */
const SAID_BY_SERVERS = new Set([1002, 1003, 1007, 1008, 1009, 1011]);
const complaints = (line: RawLine): number => line.frames.filter(({ type }) => type === 'client_error').length;

/** What became of the case, in the words of the case. Unless the server `echoes` a client's close, its own must be one that the documents name. */
async function outcomeOf({ sends, closes, messages = 0 }: Case, echoes: boolean): Promise<Omit<Case, 'sends'> & { unnamed?: string }> {
  const line = await RawLine.open(running().running.port, TARGET);
  line.json(INIT);
  // Behind the greeting nothing is held back any more.
  await until('the greeting', () => line.frames.some(({ type }) => type === 'agent_response'));
  for (const piece of sends) line.write(piece);
  if (closes === undefined) await until('its messages are answered', () => line.over || complaints(line) >= messages);
  const open = await line.answers();
  const ended = open ? undefined : await line.ended;
  const unnamed = ended !== undefined && !echoes && SAID_BY_SERVERS.has(ended.code) && !isNamedClose(ended);
  const pongs = line.pongs.filter((pong) => pong.length !== 12);
  const outcome = {
    name: '',
    ...(ended === undefined ? {} : { closes: ended.code }),
    ...(unnamed ? { unnamed: ended.reason } : {}),
    ...(open || messages > 0 ? { messages: complaints(line) } : {}),
    ...(pongs.length > 0 ? { pongs } : {}),
  };
  line.destroy();
  return outcome;
}

/** Every case that came out otherwise, with how. */
async function differences(cases: readonly Case[], echoes: boolean): Promise<object[]> {
  const found: object[] = [];
  const todo = [...cases];
  const work = async (): Promise<void> => {
    for (let next = todo.shift(); next !== undefined; next = todo.shift()) {
      const { name, sends: _sends, ...wanted } = next;
      const { name: _name, ...got } = await outcomeOf(next, echoes);
      const all = { ...(wanted.closes === undefined ? { messages: 0 } : {}), ...wanted };
      if (all.pongs?.length === 0) delete (all as { pongs?: unknown }).pongs;
      if (all.closes !== undefined && all.messages === 0) delete (all as { messages?: unknown }).messages;
      if (JSON.stringify(sorted(got)) !== JSON.stringify(sorted(all))) found.push({ name, wanted: all, got });
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return found;
}

const sorted = (value: object): [string, unknown][] => Object.entries(value).sort(([a], [b]) => a.localeCompare(b));

describe('the conversation socket keeps to RFC 6455', () => {
  it.each(Object.keys(CASES) as (keyof typeof CASES)[])('[HC7] in %s', async (group) => {
    expect(await differences(CASES[group], group === 'closes')).toEqual([]);
  });

  it('[HC7] in as many cases as the well-known suite has', () => {
    const names = Object.values(CASES).flatMap((cases: readonly Case[]) => cases.map(({ name }) => name));
    expect(names.length).toBeGreaterThan(280);
  });
});

describe('the upgrade keeps to RFC 6455', () => {
  const answerTo = async (request: string): Promise<string> => {
    const line = await RawLine.connect(running().running.port);
    line.write(request);
    await until('an answer', () => line.answer !== undefined || line.socket.destroyed);
    line.destroy();
    return line.answer ?? 'none';
  };

  it.each([
    ['as it should be', upgrade(TARGET), /^HTTP\/1\.1 101 .*sec-websocket-accept: \S+.*sec-websocket-protocol: convai$/is],
    ['with other words for the same', upgrade(TARGET, { connection: 'keep-alive, UPGRADE', upgrade: 'WebSocket' }), /^HTTP\/1\.1 101 /],
    ['without a protocol', upgrade(TARGET, { 'sec-websocket-protocol': undefined }), /^HTTP\/1\.1 101 (?!.*sec-websocket-protocol)/is],
    [
      'with compression',
      upgrade(TARGET, { 'sec-websocket-extensions': 'permessage-deflate' }),
      /^HTTP\/1\.1 101 (?!.*sec-websocket-extensions)/is,
    ],
    [
      'with unknown extensions',
      upgrade(TARGET, { 'sec-websocket-extensions': 'x-one; a=1, x-two' }),
      /^HTTP\/1\.1 101 (?!.*sec-websocket-extensions)/is,
    ],
    ['without a key', upgrade(TARGET, { 'sec-websocket-key': undefined }), /^HTTP\/1\.1 400 /],
    ['with a short key', upgrade(TARGET, { 'sec-websocket-key': 'AAAA' }), /^HTTP\/1\.1 400 /],
    ['with a key that is no base64', upgrade(TARGET, { 'sec-websocket-key': '*'.repeat(24) }), /^HTTP\/1\.1 400 /],
    ['without a version', upgrade(TARGET, { 'sec-websocket-version': undefined }), /^HTTP\/1\.1 400 .*sec-websocket-version: 13/is],
    ['of version 7', upgrade(TARGET, { 'sec-websocket-version': '7' }), /^HTTP\/1\.1 400 .*sec-websocket-version: 13/is],
    ['to another protocol', upgrade(TARGET, { upgrade: 'h2c' }), /^HTTP\/1\.1 426 .*upgrade: websocket/is],
    ['with a protocol that is no token', upgrade(TARGET, { 'sec-websocket-protocol': 'con vai,,' }), /^HTTP\/1\.1 400 /],
    ['as a POST', upgrade(TARGET, {}, `POST ${TARGET} HTTP/1.1`), /^HTTP\/1\.1 405 /],
    ['to what is no socket', upgrade('/v1/convai/agents'), /^HTTP\/1\.1 404 /],
    ['that is only a GET', upgrade(TARGET, { connection: 'keep-alive', upgrade: undefined }), /^HTTP\/1\.1 426 .*upgrade: websocket/is],
    ['in two pieces of a head', upgrade(TARGET, { 'x-long': 'x'.repeat(10_000) }), /^HTTP\/1\.1 101 /],
    ['with a head over the limit', upgrade(TARGET, { 'x-long': 'x'.repeat(40_000) }), /^HTTP\/1\.1 400 /],
  ])('[HC7] %s', async (_name, request, answer) => {
    expect(await answerTo(request)).toMatch(answer);
  });

  it.each([
    ['without a key', upgrade(TARGET, { 'sec-websocket-key': undefined }), 400, 'invalid_request', /Sec-WebSocket-Key/],
    ['of version 7', upgrade(TARGET, { 'sec-websocket-version': '7' }), 400, 'invalid_request', /version 13/],
    ['as a POST', upgrade(TARGET, {}, `POST ${TARGET} HTTP/1.1`), 405, 'method_not_allowed', /GET/],
    ['to what is no socket', upgrade('/v1/convai/agents'), 404, 'route_not_found', /no such route/],
  ])('[HC7] a refusal %s is in the words of every other', async (_name, request, status, code, message) => {
    const line = await RawLine.connect(running().running.port);
    let text = '';
    line.socket.on('data', (chunk) => {
      text += String(chunk);
    });
    line.write(request);
    await until('the end of the answer', () => text.endsWith('}}'));
    line.destroy();
    const [head = '', body = ''] = text.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(JSON.parse(body)).toMatchObject({ detail: { code, message: expect.stringMatching(message) } });
  });

  it('[HC7] with frames in the packet of the request', async () => {
    const line = await RawLine.connect(running().running.port);
    line.write(Buffer.concat([Buffer.from(upgrade(TARGET)), frame(JSON.stringify(INIT)), frame('early', { opcode: OPCODES.ping })]));
    await until('both are answered', () => line.pongs.includes('early') && line.frames.length > 0);
    expect(line.frames[0]).toMatchObject({ type: 'conversation_initiation_metadata' });
    line.destroy();
  });
});
