// Keeps the table of outcomes in the documents in step with the data that decides: `node scripts/outcome-table.mjs --check`
// (also when nothing is said), or `--write`. Needs a build: the table is rendered by the code itself.
import { asCommand } from './lib/as-command.mjs';
import { compiled } from './lib/compiled.mjs';
import { generatedBlocks } from './lib/generated-blocks.mjs';

const DOCUMENTS = ['README.md', 'docs/sending-messages.md'];

/** One line for each document whose table is missing or is not the code's own; with `write`, the table is put there instead. */
export async function checkOutcomeTable(root, { table, write = false } = {}) {
  const text = table ?? (await compiled('server/dist/conversation/outcome-table.js')).outcomeTable();
  const part = { name: 'outcome-table', files: DOCUMENTS, text, what: 'table of outcomes' };
  return generatedBlocks(root, [part], { script: 'scripts/outcome-table.mjs', write });
}

const asked = process.argv[2];
if (asked === '--check' || asked === '--write') process.argv.splice(2, 1);
await asCommand(import.meta.url, (root) => checkOutcomeTable(root, { write: asked === '--write' }));
