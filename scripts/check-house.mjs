// House rules that neither the compiler nor the linter knows: sizes, names, where JSON is parsed, and that nobody silences a check.
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { asCommand } from './lib/as-command.mjs';
import { filesBelow, inRepository } from './lib/files.mjs';

const LONGEST = 400;
const EMPTY_NAMES = /(^|-)(hub|manager|service|helpers?|utils?|common|misc)(-|\.|$)/;
const LOCKFILES = ['package-lock.json', 'tests/package-lock.json', 'bench/package-lock.json'];

/** What no line of code may contain, with the reason; `JSON.parse` is for the one file that never lets it throw unnoticed. */
const FORBIDDEN = [
  { pattern: /biome-ignore|eslint-disable|@ts-(ignore|nocheck|expect-error)/, why: 'silences a check: mend the code instead' },
  { pattern: /\bcatch\s*(\([^)]*\))?\s*\{\s*\}/, why: 'catches and says not why: say it in a comment inside' },
  { pattern: /\bvi\.(mock|doMock|stubGlobal)\(/, why: 'mocks a module: use a published fake or a real server' },
  {
    pattern: /\bJSON\.parse\(/,
    why: 'parses JSON: packages/protocol/src/parse.ts does it for all',
    except: 'packages/protocol/src/parse.ts',
    only: /^packages\//,
  },
];

/** One line for each place in `packages/`, `tests/` and `bench/` that breaks a house rule. */
export function checkHouse(root) {
  const problems = [];
  const code = (name) => /\.(ts|mts|tsx|mjs|js)$/.test(name);
  for (const path of ['packages', 'tests', 'bench', 'examples'].flatMap((folder) => filesBelow(join(root, folder), code))) {
    const file = inRepository(root, path);
    const text = readFileSync(path, 'utf8');
    const lines = text.split('\n').length - 1;
    if (lines > LONGEST) problems.push(`${file}: ${lines} lines; split it by what it is about (at most ${LONGEST})`);
    if (EMPTY_NAMES.test(basename(file))) problems.push(`${file}: the name says nothing; name what it does`);
    for (const { pattern, why, except, only } of FORBIDDEN) {
      if (file === except || (only && (!only.test(file) || file.endsWith('.test.ts')))) continue;
      const found = new RegExp(pattern, 'g');
      for (const { index } of text.matchAll(found)) problems.push(`${file}:${text.slice(0, index).split('\n').length}: ${why}`);
    }
  }
  for (const file of LOCKFILES.filter((name) => existsSync(join(root, name)))) {
    if (/"resolved": "https?:/.test(readFileSync(join(root, file), 'utf8'))) {
      problems.push(`${file}: names a registry's addresses; make it again with omit-lockfile-registry-resolved=true, as .npmrc says`);
    }
  }
  return problems;
}

await asCommand(import.meta.url, checkHouse);
