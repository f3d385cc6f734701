import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkAccessTable } from '../access-table.mjs';
import { checkHouse } from '../check-house.mjs';
import { checkImports } from '../check-imports.mjs';
import { checkLicences } from '../check-licences.mjs';
import { checkLinks } from '../check-links.mjs';
import { checkSpec } from '../check-spec.mjs';
import { checkErrorTable } from '../error-table.mjs';
import { checkMetricsTable } from '../metrics-table.mjs';
import { checkOutcomeTable } from '../outcome-table.mjs';
import { checkSettingsTable } from '../settings-table.mjs';
import { runNode } from './run-tool.mjs';

/** Each check by its name: from the root folder to a list of problems, empty when all is well. */
export const CHECKS = {
  'format and lint': (root) => {
    const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
    return tool(root, [biome, 'check', '--error-on-warnings', '--colors=off', '--max-diagnostics=30']);
  },
  'import rules': checkImports,
  'house rules': checkHouse,
  'links in the documents': checkLinks,
  licences: checkLicences,
  'rules and tests': checkSpec,
  'table of outcomes in the documents': (root) => checkOutcomeTable(root),
  'tables of access in the documents': (root) => checkAccessTable(root),
  'tables of errors in the documents': (root) => checkErrorTable(root),
  'tables of settings in the documents': (root) => checkSettingsTable(root),
  'list of metrics in the documents': (root) => checkMetricsTable(root),
  'types of tests and benchmarks': (root) => ['tests', 'tests/clients/pages', 'bench'].flatMap((folder) => types(root, folder)),
};

function types(root, folder) {
  const project = join(root, folder, 'tsconfig.json');
  return existsSync(project)
    ? tool(root, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', project, '--pretty', 'false'])
    : [];
}

function tool(root, args) {
  const done = runNode(args, { cwd: root });
  return done.ok ? [] : [done.output.trim()];
}
