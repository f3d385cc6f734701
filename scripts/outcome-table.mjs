// Keeps the table of outcomes in the documents in step with the data that decides: `node scripts/outcome-table.mjs --check`
// (also when nothing is said), or `--write`. Needs a build: the table is rendered by the code itself.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { asCommand } from './lib/as-command.mjs';
import { REPOSITORY } from './lib/repository.mjs';

/** Where the table stands, between these two lines. */
const DOCUMENTS = ['README.md', 'docs/sending-messages.md'];
const BLOCK = /(<!-- outcome-table -->\n)([\s\S]*?)(<!-- \/outcome-table -->)/;

/** One line for each document whose table is missing or is not the code's own; with `write`, the table is put there instead. */
export async function checkOutcomeTable(root, { table, write = false } = {}) {
  const rendered = `${table ?? (await compiledTable())}\n`;
  const problems = [];
  for (const file of DOCUMENTS.filter((name) => existsSync(join(root, name)))) {
    const path = join(root, file);
    const text = readFileSync(path, 'utf8');
    const block = BLOCK.exec(text);
    if (block === null)
      problems.push(`${file}: has no table of outcomes; add <!-- outcome-table --> and <!-- /outcome-table --> on two lines`);
    else if (block[2] === rendered) continue;
    else if (write)
      writeFileSync(
        path,
        text.replace(BLOCK, (_, before, __, after) => `${before}${rendered}${after}`),
      );
    else problems.push(`${file}: its table of outcomes is not the code's; run node scripts/outcome-table.mjs --write`);
  }
  return problems;
}

async function compiledTable() {
  const compiled = join(REPOSITORY, 'packages', 'server', 'dist', 'conversation', 'outcome-table.js');
  const { outcomeTable } = await import(pathToFileURL(compiled).href);
  return outcomeTable();
}

const asked = process.argv[2];
if (asked === '--check' || asked === '--write') process.argv.splice(2, 1);
await asCommand(import.meta.url, (root) => checkOutcomeTable(root, { write: asked === '--write' }));
