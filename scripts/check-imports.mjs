// Import rules and cycles of the packages, from `.dependency-cruiser.cjs`.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import { asCommand } from './lib/as-command.mjs';

const { options, ...ruleSet } = createRequire(import.meta.url)('../.dependency-cruiser.cjs');

/** One line for each import below `packages/` that a rule forbids. */
export async function checkImports(root) {
  const { output } = await cruise(['packages'], { ...options, ruleSet, validate: true, baseDir: root }, options.enhancedResolveOptions);
  if (output.summary.totalCruised === 0) return [`${join(root, 'packages')}: nothing to check, so something is wrong`];
  return output.summary.violations.map(({ from, to, rule, cycle }) => {
    const path = cycle ? cycle.map((step) => step.name).join(' → ') : to;
    return `${from} imports ${path}: ${rule.name}`;
  });
}

await asCommand(import.meta.url, checkImports);
