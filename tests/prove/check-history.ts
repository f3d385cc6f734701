import { check, holds, reportOf } from './check.js';
import { readHistory } from './read-history.js';

/** `npm run check-history -- FILE`: what a history file shows, without any server. Ends with 0 only when all is well. */
async function main(path: string | undefined): Promise<number> {
  if (path === undefined) {
    process.stderr.write('Usage: npm run check-history -- FILE\n');
    return 2;
  }
  const checked = check(await readHistory(path));
  process.stdout.write(`${reportOf(checked)}\n`);
  if (checked.acknowledged === 0) process.stderr.write('Nothing was acknowledged in this history: it shows nothing.\n');
  return holds(checked) ? 0 : 1;
}

/** One sentence for a path that leads to no file; whatever else is wrong says itself where. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!('code' in error)) return error.message;
  return `${process.argv[2]} cannot be read (${String(error.code)}): give the path of a history file; \`npm run prove\` writes some and says where.`;
}

main(process.argv[2]).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${explain(error)}\n`);
    process.exitCode = 2;
  },
);
