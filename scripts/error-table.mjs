// Keeps docs/errors.md in step with the errors that there are: `node scripts/error-table.mjs --check` (also when nothing is said), or
// `--write`. Needs a build. Causes and fixes are in lib/error-causes.mjs.
import { asCommand } from './lib/as-command.mjs';
import { compiled } from './lib/compiled.mjs';
import { ERROR_CAUSES } from './lib/error-causes.mjs';
import { generatedBlocks } from './lib/generated-blocks.mjs';

const FILES = ['docs/errors.md'];

/** One line for each error without a cause, each cause without an error, and each table that is not the code's own. */
export async function checkErrorTable(root, { errors, causes = ERROR_CAUSES, farewells, write = false } = {}) {
  const rows = errors ?? (await compiled('protocol/dist/errors.js')).ERRORS;
  const ends = farewells ?? (await compiled('server/dist/conversation/ending.js')).FAREWELLS;
  const told = Object.assign({}, ...Object.values(causes));
  const problems = [
    ...Object.keys(rows)
      .filter((code) => !(code in told))
      .map((code) => `scripts/lib/error-causes.mjs: say what causes ${code} and what to do about it`),
    ...Object.keys(told)
      .filter((code) => !(code in rows))
      .map((code) => `scripts/lib/error-causes.mjs: there is no error ${code}`),
  ];
  if (problems.length > 0) return problems;
  const parts = [
    { name: 'error-table', files: FILES, text: errorTables(rows, causes), what: 'table of errors' },
    { name: 'close-table', files: FILES, text: closeTable(rows, told, ends), what: 'table of close codes' },
  ];
  return generatedBlocks(root, parts, { script: 'scripts/error-table.mjs', write });
}

function errorTables(rows, causes) {
  const tables = Object.entries(causes).map(([subject, told]) => {
    const lines = Object.entries(told).map(([code, { seen, cause, fix }]) => {
      const { http, close } = rows[code];
      const socket = [...(seen.includes('close') ? [`close ${close}`] : []), ...(seen.includes('frame') ? ['frame'] : [])];
      return `| \`${code}\` | ${seen.includes('rest') ? http : '–'} | ${socket.join(', ') || '–'} | ${cause} | ${fix} |`;
    });
    return [`### ${subject}`, '', '| code | REST | socket | cause | fix |', '|---|---|---|---|---|', ...lines].join('\n');
  });
  return tables.join('\n\n');
}

function closeTable(rows, told, farewells) {
  const codes = new Map([[1000, Object.values(farewells).map((reason) => `“${reason}”`)]]);
  for (const [code, { close }] of Object.entries(rows)) {
    if (!told[code].seen.includes('close')) continue;
    codes.set(close, [...(codes.get(close) ?? []), `\`${code}\``]);
  }
  const lines = [...codes].sort(([a], [b]) => a - b).map(([close, reasons]) => `| ${close} | ${reasons.join(', ')} |`);
  return ['| close code | reason |', '|---|---|', ...lines].join('\n');
}

const asked = process.argv[2];
if (asked === '--check' || asked === '--write') process.argv.splice(2, 1);
await asCommand(import.meta.url, (root) => checkErrorTable(root, { write: asked === '--write' }));
