// Keeps docs/errors.md in step with the errors that there are: `node scripts/error-table.mjs --check` (also when nothing is said), or
// `--write`. Needs a build. Causes and fixes are in lib/error-causes.mjs.
import { asCommand } from './lib/as-command.mjs';
import { compiled } from './lib/compiled.mjs';
import { ERROR_CAUSES } from './lib/error-causes.mjs';
import { generatedBlocks } from './lib/generated-blocks.mjs';

const FILES = ['docs/errors.md'];

/** One line for each error without a cause, each cause without an error, and each table that is not the code's own. */
export async function checkErrorTable(root, { errors, causes = ERROR_CAUSES, closes, write = false } = {}) {
  const rows = errors ?? (await compiled('protocol/dist/errors.js')).ERRORS;
  const all = closes ?? (await compiled('protocol/dist/closes.js')).CLOSES;
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
    { name: 'error-table', files: FILES, text: errorTables(rows, causes, all), what: 'table of errors' },
    { name: 'close-table', files: FILES, text: closeTable(all), what: 'table of close codes' },
  ];
  return generatedBlocks(root, parts, { script: 'scripts/error-table.mjs', write });
}

function errorTables(rows, causes, closes) {
  const codesOf = (code) => [...new Set(closes.filter(({ error }) => error === code).map((close) => close.code))].sort((a, b) => a - b);
  const tables = Object.entries(causes).map(([subject, told]) => {
    const lines = Object.entries(told).map(([code, { seen, cause, fix }]) => {
      const { http } = rows[code];
      const codes = codesOf(code);
      const socket = [...(codes.length > 0 ? [`close ${codes.join(', ')}`] : []), ...(seen.includes('frame') ? ['frame'] : [])];
      return `| \`${code}\` | ${seen.includes('rest') ? http : '–'} | ${socket.join(', ') || '–'} | ${cause} | ${fix} |`;
    });
    return [`### ${subject}`, '', '| code | REST | socket | cause | fix |', '|---|---|---|---|---|', ...lines].join('\n');
  });
  return tables.join('\n\n');
}

function closeTable(closes) {
  const codes = new Map();
  for (const { code, error, reason } of closes) {
    const known = codes.get(code) ?? new Set();
    codes.set(code, known.add(error === undefined ? `“${reason}”` : `\`${error}\``));
  }
  const lines = [...codes].sort(([a], [b]) => a - b).map(([close, reasons]) => `| ${close} | ${[...reasons].join(', ')} |`);
  return ['| close code | reason |', '|---|---|', ...lines].join('\n');
}

const asked = process.argv[2];
if (asked === '--check' || asked === '--write') process.argv.splice(2, 1);
await asCommand(import.meta.url, (root) => checkErrorTable(root, { write: asked === '--write' }));
