import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PEERS } from './peers/peers.mjs';

export const PARTS = ['load', 'memory', 'start'];
const RESULT = join(import.meta.dirname, 'result.json');
const USAGE = `npm run bench -- [--only=${PARTS.join(',')}] [--quick] …
  --sizes=10,1000,15000   open conversations, one table each     --rounds=5 --secs=4   how often and how long each load runs
  --rate=1000             messages a second of the paced load    --idle=15000          conversations whose memory is taken
  --servers=${Object.keys(PEERS).join(',')}
  --cold                  --only=start: with an empty npm cache  --json=FILE           besides the tables; bench/result.json
  --quick                 whether it works at all, in a minute`;

/** What the command line asks for. Throws an Error whose message is for people. */
export function readOptions(args) {
  const { values } = parse(args);
  const fallback = values.quick
    ? { sizes: '10,100', rounds: '1', secs: '1', rate: '300', idle: '500' }
    : { sizes: '10,1000,15000', rounds: '5', secs: '4', rate: '1000', idle: '15000' };
  const given = { ...fallback, ...values };
  const servers = given.servers?.split(',') ?? Object.keys(PEERS);
  const parts = given.only?.split(',') ?? PARTS;
  const unknown = [...servers.filter((name) => !(name in PEERS)), ...parts.filter((part) => !PARTS.includes(part))];
  if (unknown.length > 0) throw new Error(`There is no ${unknown.join(', ')}.\n${USAGE}`);
  return {
    parts,
    servers,
    sizes: given.sizes.split(',').map(number),
    rounds: number(given.rounds),
    ms: number(given.secs) * 1_000,
    rate: number(given.rate),
    idle: number(given.idle),
    cold: given.cold ?? false,
    quick: given.quick ?? false,
    json: given.json ?? RESULT,
  };
}

function parse(args) {
  const text = { type: 'string' };
  const flag = { type: 'boolean' };
  const counts = { sizes: text, rounds: text, secs: text, rate: text, idle: text };
  try {
    return parseArgs({ args, options: { only: text, servers: text, json: text, ...counts, cold: flag, quick: flag } });
  } catch (error) {
    throw new Error(`${error.message}\n${USAGE}`);
  }
}

function number(text) {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`"${text}" is not a number above 0.\n${USAGE}`);
  return value;
}
