import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { Chromium } from '../harness/chromium.js';
import { startServer } from '../harness/start-server.js';
import { answerTo } from './capabilities.js';
import { CLIENTS, type Client } from './clients.js';
import { plainTable, type Row, writeIntoDocument } from './show-table.js';
import { tryVersion } from './try-version.js';
import { type Version, versionsOf } from './versions.js';

const NAMES = CLIENTS.map(({ name }) => name).join('|');
const USAGE = `npm run clients -- [--only=${NAMES}] [--newest] [--tested] [--write]
  --only     that client alone (more than one: with commas)
  --newest   the newest version of each that its registry has, and no other
  --tested   the version that the tests use, and no other
  --write    puts the table into docs/compatibility.md`;

/** Tries every client and version against one server of ours, prints the table, and writes it as JSON. False when a cell failed. */
export async function table(root: string): Promise<boolean> {
  const options = readOptions();
  if (options === undefined) return false;
  const server = await startServer({ env: { BACKCHANNEL_RATE_LIMIT: 'off' } });
  server.model.otherwise(answerTo);
  let browser: Promise<Chromium> | undefined;
  const chromium = () => {
    browser ??= Chromium.start();
    return browser;
  };
  const rows: Row[] = [];
  try {
    for (const client of options.clients) {
      for (const version of versionsOf(root, client, options)) {
        const began = performance.now();
        const row = await tryOne(client, version);
        rows.push(row);
        const count = (outcome: string) => row.cells.filter((cell) => cell.outcome === outcome).length;
        const secs = ((performance.now() - began) / 1_000).toFixed(1);
        console.log(`${client.title} ${version.version}: ${count('works')} work, ${count('fails')} fail, ${count('none')} – (${secs} s)`);
      }
    }
  } finally {
    await (await browser)?.stop();
    await server.stop();
  }
  const path = join(root, '.cache', 'results', 'clients-table.json');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(rows, null, 2)}\n`);
  console.log(`\n${plainTable(rows)}\n`);
  if (options.write) writeIntoDocument(root, rows);
  if (server.log.errors.length > 0) console.error('The server logged errors:', server.log.errors);
  return rows.length > 0 && server.log.errors.length === 0 && rows.every(({ cells }) => cells.every(({ outcome }) => outcome !== 'fails'));

  async function tryOne(client: Client, { version, note }: Version): Promise<Row> {
    try {
      return { client: client.title, version, note, cells: await tryVersion(root, client, version, server, chromium) };
    } catch (error) {
      // Not installed, or it does not even start.
      return { client: client.title, version, note, cells: [{ capability: 'starts', outcome: 'fails', why: String(error) }] };
    }
  }
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string' },
        newest: { type: 'boolean', default: false },
        tested: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) throw new Error('Tries the official clients against a server of ours.');
    const wanted = values.only?.split(',') ?? CLIENTS.map(({ name }) => name);
    const unknown = wanted.find((name) => !CLIENTS.some((client) => client.name === name));
    if (unknown !== undefined) throw new Error(`There is no client "${unknown}".`);
    const clients = CLIENTS.filter(({ name }) => wanted.includes(name));
    return { clients, onlyNewest: values.newest, onlyTested: values.tested, write: values.write };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    return undefined;
  }
}
