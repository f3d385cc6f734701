import { closing, frame, OPCODES } from './raw-line.js';

/** What is sent behind the init, and what must become of it. */
export type Case = {
  readonly name: string;
  /** Each piece is a write of its own. */
  readonly sends: readonly Buffer[];
  /** The code of the server's close; without one the line stays open and answers. */
  readonly closes?: number;
  /** Whole messages that were handed over: none of them is an event, so each is answered by one `client_error`. */
  readonly messages?: number;
  readonly pongs?: readonly string[];
};

const { more, text, binary, close, ping, pong } = OPCODES;
const bytes = (...values: readonly number[]): Buffer => Buffer.from(values);
const chopped = (whole: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(whole.length / size) }, (_, at) => whole.subarray(at * size, (at + 1) * size));
/** As one message in parts of so many bytes. */
function parts(payload: Buffer, size: number, opcode: number = text): Buffer[] {
  const pieces = payload.length === 0 ? [payload] : chopped(payload, size);
  return pieces.map((piece, at) => frame(piece, { opcode: at === 0 ? opcode : more, fin: at === pieces.length - 1 }));
}
const hex = (value: number): string => value.toString(16).padStart(2, '0');

const LENGTHS = [0, 1, 125, 126, 127, 128, 65_535, 65_536];

const framing: Case[] = [text, binary].flatMap((opcode) => [
  ...LENGTHS.map((length) => ({
    name: `opcode ${opcode} of ${length} bytes`,
    sends: [frame(Buffer.alloc(length, '*'), { opcode })],
    messages: 1,
  })),
  { name: `opcode ${opcode} of 65,536 bytes, chopped`, sends: chopped(frame(Buffer.alloc(65_536, '*'), { opcode }), 997), messages: 1 },
  { name: `opcode ${opcode}, byte by byte`, sends: chopped(frame('*'.repeat(130), { opcode }), 1), messages: 1 },
  { name: `opcode ${opcode} without a mask`, sends: [frame('*', { opcode, masked: false })], closes: 1002 },
]);

const controls: Case[] = [
  { name: 'a ping without a payload', sends: [frame('', { opcode: ping })], pongs: [''] },
  { name: 'a ping with one', sends: [frame('hello', { opcode: ping })], pongs: ['hello'] },
  { name: 'a ping of 125 bytes', sends: [frame('p'.repeat(125), { opcode: ping })], pongs: ['p'.repeat(125)] },
  { name: 'a ping of 126 bytes', sends: [frame('p'.repeat(126), { opcode: ping })], closes: 1002 },
  { name: 'a pong of 126 bytes', sends: [frame('p'.repeat(126), { opcode: pong })], closes: 1002 },
  { name: 'a ping byte by byte', sends: chopped(frame('p'.repeat(125), { opcode: ping }), 1), pongs: ['p'.repeat(125)] },
  { name: 'a pong that nobody asked for', sends: [frame('', { opcode: pong })] },
  { name: 'one with a payload', sends: [frame('unasked', { opcode: pong })] },
  { name: 'one, then a ping', sends: [frame('unasked', { opcode: pong }), frame('asked', { opcode: ping })], pongs: ['asked'] },
  {
    name: 'ten pings at once',
    sends: [Buffer.concat(Array.from({ length: 10 }, (_, at) => frame(`${at}`, { opcode: ping })))],
    pongs: [...'0123456789'],
  },
  {
    name: 'ten pings byte by byte',
    sends: chopped(Buffer.concat(Array.from({ length: 10 }, (_, at) => frame(`${at}`, { opcode: ping }))), 1),
    pongs: [...'0123456789'],
  },
  { name: 'a ping without a mask', sends: [frame('', { opcode: ping, masked: false })], closes: 1002 },
  { name: 'a ping in parts', sends: [frame('a', { opcode: ping, fin: false }), frame('b', { opcode: more })], closes: 1002 },
  { name: 'a pong in parts', sends: [frame('a', { opcode: pong, fin: false }), frame('b', { opcode: more })], closes: 1002 },
  { name: 'a close in parts', sends: [frame(closing(1000), { opcode: close, fin: false })], closes: 1002 },
];

const reserved: Case[] = [1, 2, 3, 4, 5, 6, 7].flatMap((rsv) =>
  [text, binary, ping, pong, close].map((opcode) => ({
    name: `bits ${rsv} on opcode ${opcode}`,
    sends: [frame('before', { opcode: ping }), frame(opcode === close ? closing(1000) : 'x', { opcode, rsv })],
    closes: 1002,
    pongs: ['before'],
  })),
);

const opcodes: Case[] = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap((opcode) => [
  { name: `opcode ${opcode}`, sends: [frame('', { opcode })], closes: 1002 },
  { name: `opcode ${opcode} behind a message`, sends: [Buffer.concat([frame('x'), frame('y', { opcode }), frame('z')])], closes: 1002 },
]);

const two = (first: object, second: object): Buffer[] => [frame('a', first), frame('b', second)];
const fragments: Case[] = [text, binary].flatMap((opcode) => {
  const open = { opcode, fin: false };
  const last = { opcode: more };
  return [
    { name: `${opcode} in two parts`, sends: two(open, last), messages: 1 },
    { name: `${opcode} in two parts of one write`, sends: [Buffer.concat(two(open, last))], messages: 1 },
    { name: `${opcode} in parts, byte by byte`, sends: chopped(Buffer.concat(two(open, last)), 1), messages: 1 },
    {
      name: `${opcode} with a ping between`,
      sends: [frame('a', open), frame('now', { opcode: ping }), frame('b', last)],
      messages: 1,
      pongs: ['now'],
    },
    { name: `${opcode} with a pong between`, sends: [frame('a', open), frame('', { opcode: pong }), frame('b', last)], messages: 1 },
    { name: `${opcode} in empty parts`, sends: [frame('', open), frame('', { opcode: more, fin: false }), frame('', last)], messages: 1 },
    { name: `${opcode} in 256 parts`, sends: parts(Buffer.alloc(256, '*'), 1, opcode), messages: 1 },
    { name: `${opcode} in 257 parts`, sends: parts(Buffer.alloc(257, '*'), 1, opcode), closes: 1008 },
    { name: `a whole message inside of ${opcode}`, sends: [frame('a', open), frame('b')], closes: 1002 },
    { name: `a second beginning inside of ${opcode}`, sends: [frame('a', open), frame('b', open)], closes: 1002 },
    { name: `a close inside of ${opcode}`, sends: [frame('a', open), frame(closing(4_000), { opcode: close })], closes: 4_000 },
    { name: `two of ${opcode}, then another beginning`, sends: [...two(open, last), ...two(open, last)], messages: 2 },
  ];
});
fragments.push(
  { name: 'a continuation of nothing', sends: [frame('a', { opcode: more })], closes: 1002 },
  { name: 'one that is not the last', sends: [frame('a', { opcode: more, fin: false })], closes: 1002 },
  { name: 'one behind a whole message', sends: [Buffer.concat([frame('a'), frame('b', { opcode: more })])], closes: 1002 },
);

const utf8 = (name: string, payload: Buffer, valid: boolean): Case[] => [
  { name: `${name}, whole`, sends: [frame(payload)], ...(valid ? { messages: 1 } : { closes: 1007 }) },
  { name: `${name}, a byte a part`, sends: parts(payload, 1), ...(valid ? { messages: 1 } : { closes: 1007 }) },
];
/** What the standard (RFC 3629) says of each, written down and not computed. */
const VALID = [
  ['text with accents', Buffer.from('Hello-µ@ßöäüàá-UTF-8!!')],
  ['the Greek word kosme', bytes(0xce, 0xba, 0xe1, 0xbd, 0xb9, 0xcf, 0x83, 0xce, 0xbc, 0xce, 0xb5)],
  ['U+0000', bytes(0x00)],
  ['U+007F', bytes(0x7f)],
  ['U+0080', bytes(0xc2, 0x80)],
  ['U+07FF', bytes(0xdf, 0xbf)],
  ['U+0800', bytes(0xe0, 0xa0, 0x80)],
  ['U+D7FF', bytes(0xed, 0x9f, 0xbf)],
  ['U+E000', bytes(0xee, 0x80, 0x80)],
  ['U+FFFD', bytes(0xef, 0xbf, 0xbd)],
  ['U+FFFE, no character', bytes(0xef, 0xbf, 0xbe)],
  ['U+FFFF, no character', bytes(0xef, 0xbf, 0xbf)],
  ['U+10000', bytes(0xf0, 0x90, 0x80, 0x80)],
  ['U+1F600', Buffer.from('😀')],
  ['U+1FFFE, no character', bytes(0xf0, 0x9f, 0xbf, 0xbe)],
  ['U+10FFFF', bytes(0xf4, 0x8f, 0xbf, 0xbf)],
] as const;
const INVALID = [
  ['U+110000', bytes(0xf4, 0x90, 0x80, 0x80)],
  ['five bytes', bytes(0xf8, 0x88, 0x80, 0x80, 0x80)],
  ['six bytes', bytes(0xfc, 0x84, 0x80, 0x80, 0x80, 0x80)],
  ['U+1FFFFF', bytes(0xf7, 0xbf, 0xbf, 0xbf)],
  ['U+3FFFFFF', bytes(0xfb, 0xbf, 0xbf, 0xbf, 0xbf)],
  ['U+7FFFFFFF', bytes(0xfd, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf)],
  ['a slash in two bytes', bytes(0xc0, 0xaf)],
  ['a slash in three', bytes(0xe0, 0x80, 0xaf)],
  ['a slash in four', bytes(0xf0, 0x80, 0x80, 0xaf)],
  ['U+007F in two bytes', bytes(0xc1, 0xbf)],
  ['U+07FF in three', bytes(0xe0, 0x9f, 0xbf)],
  ['U+FFFF in four', bytes(0xf0, 0x8f, 0xbf, 0xbf)],
  ['U+0000 in two', bytes(0xc0, 0x80)],
  ['U+0000 in three', bytes(0xe0, 0x80, 0x80)],
  ['U+0000 in four', bytes(0xf0, 0x80, 0x80, 0x80)],
  ['the surrogate U+D800', bytes(0xed, 0xa0, 0x80)],
  ['the surrogate U+DB7F', bytes(0xed, 0xad, 0xbf)],
  ['the surrogate U+DC00', bytes(0xed, 0xb0, 0x80)],
  ['the surrogate U+DFFF', bytes(0xed, 0xbf, 0xbf)],
  ['a pair of surrogates', bytes(0xed, 0xa0, 0x80, 0xed, 0xb0, 0x80)],
  ['a text that breaks in the middle', Buffer.concat([Buffer.from('κόσμε'), bytes(0xed, 0xa0, 0x80), Buffer.from('edited')])],
  ['two bytes without the second', bytes(0xc3)],
  ['three bytes without the third', bytes(0xe2, 0x82)],
  ['four bytes without the fourth', bytes(0xf0, 0x9f, 0x98)],
  ['three bytes without the third, then ASCII', bytes(0xe2, 0x82, 0x41)],
  ['four bytes without the last two, then ASCII', bytes(0xf0, 0x9f, 0x41)],
  ['all continuation bytes', Buffer.from(Array.from({ length: 64 }, (_, at) => 0x80 + at))],
] as const;
const lone = [0x80, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xf8, 0xfb, 0xfc, 0xfd, 0xfe, 0xff];

const unicode: Case[] = [
  ...VALID.flatMap(([name, payload]) => utf8(name, payload, true)),
  ...INVALID.flatMap(([name, payload]) => utf8(name, payload, false)),
  ...lone.flatMap((value) => utf8(`the lone byte ${hex(value)}`, bytes(0x61, value, 0x62), false)),
  { name: 'a character that two parts share', sends: parts(Buffer.from('é€😀'), 3), messages: 1 },
  { name: 'bytes that are no UTF-8, as binary', sends: [frame(bytes(0xff, 0xfe), { opcode: binary })], messages: 1 },
];

const good = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];
const bad = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535];
const closes: Case[] = [
  ...good.map((code) => ({ name: `${code}`, sends: [frame(closing(code), { opcode: close })], closes: code })),
  ...good
    .slice(0, 4)
    .map((code) => ({ name: `${code} with a reason`, sends: [frame(closing(code, 'bye'), { opcode: close })], closes: code })),
  ...bad.map((code) => ({ name: `${code}`, sends: [frame(closing(code), { opcode: close })], closes: 1002 })),
  { name: 'no code', sends: [frame('', { opcode: close })], closes: 1005 },
  { name: 'half a code', sends: [frame('x', { opcode: close })], closes: 1002 },
  { name: 'a reason of 123 bytes', sends: [frame(closing(4_000, 'r'.repeat(123)), { opcode: close })], closes: 4_000 },
  { name: 'a reason of 124 bytes', sends: [frame(closing(4_000, 'r'.repeat(124)), { opcode: close })], closes: 1002 },
  { name: 'a reason that is no UTF-8', sends: [frame(closing(4_000, bytes(0xce, 0xba, 0xff)), { opcode: close })], closes: 1007 },
  {
    name: 'a message behind the close',
    sends: [Buffer.concat([frame(closing(4_000), { opcode: close }), frame('x')])],
    closes: 4_000,
    messages: 0,
  },
  {
    name: 'a ping behind the close',
    sends: [Buffer.concat([frame(closing(4_000), { opcode: close }), frame('late', { opcode: ping })])],
    closes: 4_000,
    pongs: [],
  },
  {
    name: 'two closes',
    sends: [Buffer.concat([frame(closing(4_000), { opcode: close }), frame(closing(4_001), { opcode: close })])],
    closes: 4_000,
  },
  { name: 'a close without a mask', sends: [frame(closing(1000), { opcode: close, masked: false })], closes: 1002 },
];

const LIMIT = 262_144;
const limits: Case[] = [text, binary].flatMap((opcode) => [
  { name: `opcode ${opcode} at the limit`, sends: [frame(Buffer.alloc(LIMIT, '*'), { opcode })], messages: 1 },
  { name: `opcode ${opcode} at the limit in parts`, sends: parts(Buffer.alloc(LIMIT, '*'), 4_096, opcode), messages: 1 },
  { name: `opcode ${opcode} over it`, sends: [frame(Buffer.alloc(LIMIT + 1, '*'), { opcode })], closes: 1009 },
  { name: `opcode ${opcode} over it in parts`, sends: parts(Buffer.alloc(LIMIT + 1, '*'), 4_096, opcode), closes: 1009 },
  ...[BigInt(LIMIT) + 1n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n].map((length) => ({
    name: `opcode ${opcode} that says ${length} bytes`,
    sends: [frame('', { opcode, length })],
    closes: 1009,
  })),
]);

/** By group, as RFC 6455 has its chapters. */
export const CASES = { framing, controls, reserved, opcodes, fragments, unicode, closes, limits } as const;
