// Ties the numbered rules of the specification to the tests, both ways: no rule without a test, no test without a rule.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asCommand } from './lib/as-command.mjs';
import { filesBelow, inRepository } from './lib/files.mjs';
import { testNames } from './lib/test-names.mjs';

const RULE = /^- \*\*([A-Z]+\d+[a-z]?)\*\* (.+)$/gm;
const CITATION = /\[([A-Z]+\d+[a-z]?(?:, ?[A-Z]+\d+[a-z]?)*)\]/g;

/** One line for each rule that no test cites, and each test that cites no rule or one that does not exist. */
export function checkSpec(root) {
  const problems = [];
  const rules = readRules(root, problems);
  const cited = new Set();
  for (const path of testFiles(root)) {
    const file = inRepository(root, path);
    for (const { line, name } of testNames(path, readFileSync(path, 'utf8'))) {
      const ids = [...name.matchAll(CITATION)].flatMap(([, list]) => list.split(/, ?/));
      if (ids.length === 0) problems.push(`${file}:${line}: "${name}" cites no rule; begin its name with one, like [CV1], written out`);
      for (const id of ids) {
        cited.add(id);
        if (!rules.has(id)) problems.push(`${file}:${line}: "${name}" cites ${id}, which no specification has`);
      }
    }
  }
  for (const [id, { file, line }] of rules) {
    if (!cited.has(id)) problems.push(`${file}:${line}: ${id} has no test; name one "[${id}] …" or take the rule out`);
  }
  if (rules.size === 0) problems.push('SPEC.md: no rules found; a rule is a line like "- **CV1** An id is never reused."');
  return problems;
}

/** SPEC.md, and the parts that have not been merged into it yet; the same sentence may stand in both. */
function readRules(root, problems) {
  const rules = new Map();
  const markdown = (name) => name.endsWith('.md');
  for (const path of [join(root, 'SPEC.md'), ...filesBelow(join(root, 'docs', 'spec-parts'), markdown)].filter(existsSync)) {
    const file = inRepository(root, path);
    const text = readFileSync(path, 'utf8');
    for (const match of text.matchAll(RULE)) {
      const [, id, sentence] = match;
      const line = text.slice(0, match.index).split('\n').length;
      const known = rules.get(id);
      if (!known) rules.set(id, { file, line, sentence });
      else if (known.file === file || known.sentence !== sentence)
        problems.push(`${file}:${line}: ${id} is already ${known.file}:${known.line}`);
    }
  }
  return rules;
}

/** Tests beside their files, the suites that `testing/` publishes, and the system's. */
function testFiles(root) {
  const isTest = (name) => name.endsWith('.test.ts');
  const packages = filesBelow(join(root, 'packages'), (name) => name.endsWith('.ts'));
  return [
    ...packages.filter((path) => isTest(path) || /^packages\/[^/]+\/src\/testing\//.test(inRepository(root, path))),
    ...filesBelow(join(root, 'tests'), isTest),
  ];
}

await asCommand(import.meta.url, checkSpec);
