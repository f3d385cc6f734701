import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { buildPage } from './build-page.mjs';
import { install } from './install.mjs';
import { have } from './needs.mjs';
import { node24 } from './node24.mjs';
import { PreparationFailed } from './preparation-failed.mjs';
import { havePython } from './python.mjs';
import { REPOSITORY } from './repository.mjs';
import { runSuite, SUITES } from './suites.mjs';

const PARTS = ['checks', 'unit', 'system', 'strain', 'clients', 'readme'];
/** Problems of one check that are printed; more of them have few causes. */
const SHOWN = 40;
const USAGE = `npm test -- [--only=${PARTS.join('|')}] [--node24]
  --only     that part alone
  --node24   the unit and system suites on Node 24, from npm (clients in a browser and in Python, faults and hostile peers are tried on one Node)
  --proof    the system and strain suites at their full counts, which takes half an hour`;

/** Everything that must hold, from install to README, closing with the line "N passed, N failed". */
export async function runEverything(args) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  try {
    const { parts, on24, proof } = options(args);
    prepare();
    const node = on24 ? node24(REPOSITORY) : process.execPath;
    for (const part of parts) await runPart(part, node, total, proof);
  } catch (error) {
    if (!(error instanceof PreparationFailed)) throw error;
    error.report();
    total.failed += 1;
  }
  close(total);
}

function options(args) {
  try {
    const { values } = parseArgs({
      args,
      options: { only: { type: 'string' }, node24: { type: 'boolean', default: false }, proof: { type: 'boolean', default: false } },
    });
    if (values.only !== undefined && !PARTS.includes(values.only)) throw new Error(`There is no part "${values.only}".`);
    if (values.proof) return { parts: values.only ? [values.only] : ['system', 'strain'], on24: values.node24, proof: true };
    const parts = values.only ? [values.only] : values.node24 ? ['unit', 'system'] : PARTS;
    return { parts, on24: values.node24, proof: false };
  } catch (error) {
    throw new PreparationFailed(error.message, USAGE);
  }
}

function prepare() {
  install(REPOSITORY, { tools: true, sentence: 'Installing packages and tools …' });
  for (const name of ['tests', 'bench']) {
    const folder = join(REPOSITORY, name);
    if (existsSync(join(folder, 'package-lock.json'))) install(folder, { tools: true, sentence: `Installing what ${name}/ needs …` });
  }
  build(REPOSITORY, { tests: true, sentence: 'Building …' });
  buildPage(REPOSITORY, { sentence: 'Building the page …' });
}

async function runPart(part, node, total, proof) {
  if (part === 'checks') {
    const { CHECKS } = await import('./checks.mjs'); // only now: their tools have just been installed
    for (const [name, check] of Object.entries(CHECKS)) await runCheck(name, check, total);
    add(total, runSuite(REPOSITORY, 'house', node));
  } else if (part === 'readme') {
    if (!existsSync(join(REPOSITORY, 'README.md'))) return;
    have(['chromium']); // its page is only checked and bundled without, and in CI that fails
    if (have(['bash', 'curl'])) {
      const { checkReadme } = await import('../check-readme.mjs');
      await runCheck('blocks of the README and the guides', checkReadme, total);
    } else if (process.env.CI) {
      total.failed += 1;
    }
  } else {
    if (part === 'system') have(['bash', 'curl']); // their tests are skipped without, and in CI they fail
    console.log(`\n${part} suites on Node ${node === process.execPath ? process.versions.node : '24'}`);
    if (!have(SUITES[part].needs ?? []) && process.env.CI) total.failed += 1;
    if (part === 'clients' && !havePython(REPOSITORY) && process.env.CI) total.failed += 1;
    add(total, runSuite(REPOSITORY, part, node, { proof }));
  }
}

async function runCheck(name, check, total) {
  const began = performance.now();
  const problems = await check(REPOSITORY);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${problems.length === 0 ? 'ok' : 'FAILED'}  ${name} (${seconds} s)`);
  for (const problem of problems.slice(0, SHOWN)) console.log(`  ${problem.replaceAll('\n', '\n  ')}`);
  if (problems.length > SHOWN) console.log(`  … and ${problems.length - SHOWN} more`);
  add(total, problems.length === 0 ? { passed: 1 } : { failed: 1 });
}

function add(total, { passed = 0, failed = 0, skipped = 0 }) {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}

function close({ passed, failed, skipped }) {
  if (passed + failed === 0) console.error('Nothing was tried, and that is a failure.');
  if (failed > 0 || passed === 0) process.exitCode = 1;
  console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
}
