import fc from 'fast-check';
import { oddJson } from './odd-json.js';
import { closing, frame, OPCODES } from './raw-line.js';

export type OddFrame = {
  readonly bytes: Buffer;
  /** The line ends behind it, by the server or, when it says `cut`, since nothing that can be read follows. */
  readonly ends?: 'closed' | 'cut';
};

/** Every event that official clients send. */
const EVENTS: readonly object[] = [
  { type: 'user_message', text: 'Hello there' },
  { type: 'user_message', text: 'Rich', rich_content_id: null },
  { type: 'contextual_update', text: 'The cart is empty.' },
  { type: 'contextual_update', text: 'On page 2.', context_id: 'page' },
  { type: 'user_activity' },
  { type: 'pong', event_id: 3 },
  { type: 'feedback', event_id: 1, score: 'like' },
  { type: 'feedback', event_id: 1, score: null },
  { type: 'client_tool_result', tool_call_id: 'call_1', result: { a: [1, 2] }, is_error: false },
  { type: 'mcp_tool_approval_result', tool_call_id: 'call_1', is_approved: true },
  { type: 'multimodal_message', text: { type: 'user_message', text: 'Look' }, file: { type: 'file_input', file_id: 'f1' } },
  {
    type: 'conversation_initiation_client_data',
    conversation_config_override: { agent: { first_message: 'Hi' } },
    dynamic_variables: { a: 1 },
  },
  { type: 'enclave_setup_config', agent_config_dict: null },
  { user_audio_chunk: 'AAAA' },
];

const { more, text, binary, close, ping, pong } = OPCODES;
const payload = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const event = oddJson(fc.constantFrom(...EVENTS));

/** Around the limit of a text, in each of the fields that hold one. */
const lengthy = fc
  .tuple(fc.constantFrom('user_message', 'contextual_update'), fc.constantFrom('x', 'é', '😀'), fc.integer({ min: 1, max: 17_000 }))
  .map(([type, letter, length]) => JSON.stringify({ type, text: letter.repeat(Math.ceil(length / Buffer.byteLength(letter))) }));

/** A name in many places, and what would stand in each; then what the built-in model might read once for each of the other. */
const filling = fc
  .tuple(fc.integer({ min: 1, max: 6_000 }), fc.integer({ min: 0, max: 30_000 }), fc.constantFrom('first_message', 'prompt', 'language'))
  .map(([places, length, field]) => {
    const text = '{{x}}'.repeat(places);
    const agent = { [field]: field === 'prompt' ? { prompt: text } : text };
    const variables = { x: 'y'.repeat(length) };
    return JSON.stringify({
      type: 'conversation_initiation_client_data',
      conversation_config_override: { agent },
      dynamic_variables: variables,
    });
  });
const runs = fc
  .tuple(fc.constantFrom('!', '. ', ' ', '"', ', and ', '{{x}}', 'a.\n'), fc.integer({ min: 1, max: 16_000 }))
  .map(([piece, length]) => JSON.stringify({ type: 'user_message', text: `x${piece.repeat(Math.ceil(length / piece.length))}y` }));

/** Whatever it holds, the line goes on. */
export const bearable: fc.Arbitrary<OddFrame> = fc
  .oneof(
    { arbitrary: event.map((json) => frame(json)), weight: 12 },
    { arbitrary: lengthy.map((json) => frame(json)), weight: 1 },
    { arbitrary: fc.oneof(filling, runs).map((json) => frame(json)), weight: 1 },
    { arbitrary: fc.tuple(event, fc.integer({ min: 2, max: 5 })).map(([json, count]) => inParts(Buffer.from(json), count)), weight: 2 },
    { arbitrary: payload.map((bytes) => frame(bytes, { opcode: binary })), weight: 1 },
    { arbitrary: payload.map((bytes) => frame(bytes.subarray(0, 125), { opcode: ping })), weight: 1 },
    { arbitrary: payload.map((bytes) => frame(bytes.subarray(0, 125), { opcode: pong })), weight: 1 },
  )
  .map((bytes) => ({ bytes }));

const notUtf8 = payload.map((bytes) => Buffer.concat([bytes, Buffer.from([0xff])]));

/** The line does not outlive it. */
export const breaking: fc.Arbitrary<OddFrame> = fc.oneof(
  notUtf8.map((bytes): OddFrame => ({ bytes: frame(bytes), ends: 'closed' })),
  fc.tuple(payload, fc.integer({ min: 1, max: 7 })).map(([bytes, rsv]): OddFrame => ({ bytes: frame(bytes, { rsv }), ends: 'closed' })),
  fc
    .tuple(payload, fc.constantFrom(3, 4, 5, 6, 7, 11, 12, 13, 14, 15))
    .map(([bytes, opcode]): OddFrame => ({ bytes: frame(bytes, { opcode }), ends: 'closed' })),
  payload.map((bytes): OddFrame => ({ bytes: frame(bytes, { masked: false }), ends: 'closed' })),
  fc
    .tuple(fc.constantFrom(ping, pong, close), fc.integer({ min: 126, max: 1_000 }))
    .map(([opcode, length]): OddFrame => ({ bytes: frame(Buffer.alloc(length), { opcode }), ends: 'closed' })),
  fc.constantFrom(ping, pong, close).map((opcode): OddFrame => ({ bytes: frame('x', { opcode, fin: false }), ends: 'closed' })),
  payload.map((bytes): OddFrame => ({ bytes: frame(bytes, { opcode: more }), ends: 'closed' })),
  payload.map((bytes): OddFrame => ({ bytes: Buffer.concat([frame(bytes, { fin: false }), frame(bytes)]), ends: 'closed' })),
  fc.integer({ min: 262_145, max: 300_000 }).map((length): OddFrame => ({ bytes: frame(Buffer.alloc(length, 'x')), ends: 'closed' })),
  fc.bigInt({ min: 262_145n, max: 2n ** 64n - 1n }).map((length): OddFrame => ({ bytes: frame('', { length }), ends: 'closed' })),
  fc
    .constantFrom(1, 999, 1004, 1005, 1006, 2_000, 5_000)
    .map((code): OddFrame => ({ bytes: frame(closing(code), { opcode: close }), ends: 'closed' })),
  fc.constant<OddFrame>({
    bytes: Buffer.concat(Array.from({ length: 300 }, (_, at) => frame('x', { opcode: at === 0 ? text : more, fin: false }))),
    ends: 'closed',
  }),
  // A frame that never comes whole, and a line that breaks in the middle of one.
  payload.map((bytes): OddFrame => ({ bytes: frame(bytes, { length: BigInt(bytes.length + 1) }), ends: 'cut' })),
  event.map((json): OddFrame => ({ bytes: frame(json).subarray(0, 5), ends: 'cut' })),
);

function inParts(whole: Buffer, count: number): Buffer {
  const size = Math.max(1, Math.ceil(whole.length / count));
  const pieces = Array.from({ length: Math.max(1, Math.ceil(whole.length / size)) }, (_, at) => whole.subarray(at * size, (at + 1) * size));
  return Buffer.concat(pieces.map((piece, at) => frame(piece, { opcode: at === 0 ? text : more, fin: at === pieces.length - 1 })));
}
