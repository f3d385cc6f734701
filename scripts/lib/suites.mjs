import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { filesBelow, inRepository } from './files.mjs';
import { runNode } from './run-tool.mjs';

/** A suite that hangs is a failure and not a long wait. */
const AT_MOST_MS = 10 * 60_000;

/** The same at the counts of a proof, some of which take minutes by themselves. */
const PROOF_AT_MOST_MS = 60 * 60_000;

/** What takes minutes of load, faults and hostile peers: a suite of its own, so that it is run on one Node and not on each. */
const STRAIN = ['tests/bench', 'tests/hostile', 'tests/prove'];

/**
 * The Vitest runs: which configuration, which files of ours must have been run (compiled or not; of the whole `folder`, or of `within`, and
 * without `except`, which are other suites'), and what they need besides npm's packages.
 */
export const SUITES = {
  house: { config: 'scripts/vitest.config.mjs', folder: 'scripts', ending: '.test.mjs' },
  unit: { config: 'vitest.config.mjs', folder: 'packages', ending: '.test.ts' },
  system: {
    config: 'tests/vitest.config.mjs',
    folder: 'tests',
    except: ['tests/clients', ...STRAIN],
    ending: '.test.ts',
    needs: ['nginx', 'caddy'],
  },
  strain: { config: 'tests/vitest.config.mjs', folder: 'tests', within: STRAIN, ending: '.test.ts', needs: ['strace'] },
  clients: { config: 'tests/clients/vitest.config.mjs', folder: 'tests/clients', ending: '.test.ts', needs: ['chromium'] },
};

/**
 * Runs one suite under `node` and counts: `{ passed, failed, skipped }`. A file that could not even be loaded is one failure.
 * `proof` asks for the full counts.
 */
export function runSuite(root, name, node, { proof = false } = {}) {
  const { config, folder, within = [folder], except = [], ending } = SUITES[name];
  const files = within
    .flatMap((part) => filesBelow(join(root, part), (file) => file.endsWith(ending)))
    .filter((file) => !except.some((part) => inRepository(root, file).startsWith(`${part}/`)));
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  const report = join(root, '.cache', 'results', `${name}.json`);
  mkdirSync(dirname(report), { recursive: true });
  rmSync(report, { force: true });
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const filters = [
    ...(within[0] === folder ? [] : within.map((part) => `${part}/`)),
    ...except.map((part) => `--exclude=${relative(folder, part)}/**`),
  ];
  const args = [vitest, 'run', ...filters, '--config', config, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const done = runNode(args, {
    cwd: root,
    env: environment(node, proof),
    show: true,
    node,
    timeout: proof ? PROOF_AT_MOST_MS : AT_MOST_MS,
  });
  return count(existsSync(report) ? readFileSync(report, 'utf8') : undefined, files.length, done.ok);
}

/** Vitest's JSON report as numbers; `expected` is the number of test files that there are. */
export function count(report, expected, ok, say = console.error) {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const { testResults, numPassedTests, numFailedTests, numPendingTests = 0, numTodoTests = 0 } = JSON.parse(report);
  const unloaded = testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0).length;
  const missed = Math.max(0, expected - testResults.length);
  if (missed > 0) say(`${missed} of ${expected} test files were not run.`);
  const failed = numFailedTests + unloaded + missed;
  // Vitest also fails for errors outside of any test (an unhandled rejection): somebody must see that in the count.
  return { passed: numPassedTests, failed: failed === 0 && !ok ? 1 : failed, skipped: numPendingTests + numTodoTests };
}

/** A person's own settings and keys must not reach the tests, and `node` must be the one under test. */
function environment(node, proof) {
  const ours = Object.entries(process.env).filter(([name]) => !name.startsWith('BACKCHANNEL_') && !name.startsWith('OPENAI_'));
  const { PORT: _port, HOST: _host, ...env } = Object.fromEntries(ours);
  return { ...env, ...(proof ? { BACKCHANNEL_PROVE: '1' } : {}), PATH: `${dirname(node)}${delimiter}${env.PATH ?? env.Path ?? ''}` };
}
