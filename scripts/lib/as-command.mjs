import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { REPOSITORY } from './repository.mjs';

/** Lets a check (a function from a root folder to a list of problems) be run alone: `node scripts/check-x.mjs [root]`. */
export async function asCommand(moduleUrl, check) {
  if (!process.argv[1] || realpathSync(process.argv[1]) !== realpathSync(fileURLToPath(moduleUrl))) return;
  const problems = await check(process.argv[2] ?? REPOSITORY);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}
