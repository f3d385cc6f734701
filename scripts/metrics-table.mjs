// Keeps the list of metrics in docs/self-hosting.md in step with those that are served: `node scripts/metrics-table.mjs --check` (also when
// nothing is said), or `--write`. Needs a build.
import { asCommand } from './lib/as-command.mjs';
import { compiled } from './lib/compiled.mjs';
import { generatedBlocks } from './lib/generated-blocks.mjs';

const METRIC = /^# HELP (?<name>\S+) (?<help>.*)\n# TYPE \S+ (?<type>\S+)$/gm;

const NOTHING = [{ clientsRefused: [], socketsClosed: [], written: {} }, { refusedByCode: [] }, 0];

/** A line when the list is missing or is not that of `exposition`, what `/metrics` answers; with `write`, it is put there instead. */
export async function checkMetricsTable(root, { exposition, write = false } = {}) {
  const served = exposition ?? (await compiled('server/dist/api/metrics.js')).metricsText(...NOTHING);
  const rows = [...served.matchAll(METRIC)].map(({ groups: { name, type, help } }) => `| \`${name}\` | ${type} | ${help} |`);
  const text = ['| metric | kind | what it counts |', '|---|---|---|', ...rows].join('\n');
  const part = { name: 'metrics-table', files: ['docs/self-hosting.md'], text, what: 'list of metrics' };
  return generatedBlocks(root, [part], { script: 'scripts/metrics-table.mjs', write });
}

const asked = process.argv[2];
if (asked === '--check' || asked === '--write') process.argv.splice(2, 1);
await asCommand(import.meta.url, (root) => checkMetricsTable(root, { write: asked === '--write' }));
