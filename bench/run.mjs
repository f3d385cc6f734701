// `npm run bench`: what Backchannel costs, beside servers that do the same by hand. docs/bench.md says what is measured and how.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureMemory } from './measure/memory.mjs';
import { measureStart } from './measure/start.mjs';
import { measureThroughput } from './measure/throughput.mjs';
import { readOptions } from './options.mjs';
import { aimsOf, aimsTable } from './report/aims.mjs';
import { loadFigures } from './report/load-figures.mjs';
import { loadTable } from './report/load-table.mjs';
import { memoryTable } from './report/memory-table.mjs';
import { startTable } from './report/start-table.mjs';
import { checkRoom } from './room.mjs';

/** What the others store makes no difference to what they keep in memory. */
const MEMORY_OF = ['backchannel', 'receipt', 'socket-io'];
const say = (text) => process.stderr.write(`${text}\n`);

async function main(options, scratch) {
  const result = { node: process.version, cpus: cpus().length, date: new Date().toISOString().slice(0, 10), ...options };
  print(`Node ${process.version}, ${cpus().length} × ${cpus()[0].model}, ${result.date}.`);
  if (options.parts.includes('load')) result.load = await loads(options, scratch);
  if (options.parts.includes('memory')) {
    result.memory = await measureMemory(
      MEMORY_OF.filter((name) => options.servers.includes(name)),
      { ...options, scratch, say },
    );
    print(
      `Memory of a conversation in which nothing happens, of ${options.idle.toLocaleString('en-US')} of them:`,
      memoryTable(result.memory),
    );
  }
  if (options.parts.includes('start')) {
    result.start = await measureStart({ ...options, scratch, say });
    print('From `npm start` to the first reply that curl gets, in seconds:', startTable(result.start));
  }
  print('Aims:', aimsTable(aimsOf(result)));
  writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
}

async function loads({ servers, sizes, rounds, ms, rate }, scratch) {
  const figures = [];
  print(`Medians (least–most) of ${rounds} rounds of ${ms / 1_000} s each.`);
  for (const size of sizes) {
    const runs = await measureThroughput(servers, { size, rounds, ms, rate, scratch, say });
    const [max, paced] = [loadFigures(runs, 'max'), loadFigures(runs, 'paced')];
    const open = `${size.toLocaleString('en-US')} open conversations`;
    print(`${open}, as much as it takes, 64 in flight:`, loadTable(max));
    print(`${open}, ${rate.toLocaleString('en-US')} a second, latency from the scheduled moment:`, loadTable(paced));
    figures.push({ size, max, paced, runs });
  }
  return figures;
}

const print = (...paragraphs) => console.log(`${paragraphs.join('\n\n')}\n`);

const scratch = mkdtempSync(join(tmpdir(), 'backchannel-bench-'));
process.once('SIGINT', () => process.exit(130)).once('exit', () => rmSync(scratch, { recursive: true, force: true }));
try {
  const options = readOptions(process.argv.slice(2));
  if (options.parts.some((part) => part !== 'start')) checkRoom(Math.max(...options.sizes, options.idle + 1_000));
  await main(options, scratch);
  process.exit(0);
} catch (error) {
  console.error(error.message.includes('npm run bench') || error.message.includes('ulimit') ? error.message : error);
  process.exit(1);
}
