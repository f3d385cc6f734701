import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseBrain } from './brain-file.js';
import { loadBrain } from './load-brain.js';

const PHRASES = ['found', 'close', 'fact', 'told', 'not_found', 'nothing_known', 'noted', 'obey', 'nothing_to_do'];
const brain = (rules: string): string => `phrases:\n${PHRASES.map((name) => `  ${name}: x`).join('\n')}\n${rules}`;
const reading = (text: string) => () => parseBrain(text, 'my.yaml');

describe('a brain file', () => {
  it('[TN61] may leave everything out but its phrases', () => {
    const book = parseBrain(brain('rules: [{ when: "hi [there]", say: [Hello, Hi again], pace: 5 }]'), 'my.yaml');
    expect(book.rules[0]).toMatchObject({ say: ['Hello', 'Hi again'], pace: 5, remember: undefined, hangUp: false });
    expect(book.instructions).toEqual([]);
    expect(loadBrain().rules.length).toBeGreaterThan(10);
  });

  it.each([
    ['not: [yaml', 'my.yaml, line 1: this is no YAML'],
    ['- a list', 'my.yaml, line 1: a brain must hold fields'],
    ['', 'my.yaml: a brain must hold fields'],
    ['ruels: []', 'my.yaml, line 1: a brain has no field "ruels"; it may have stop_words, synonyms,'],
    ['rules: []', 'my.yaml: phrases lack "found"'],
    [brain('rules:\n  - say: Hi'), 'my.yaml, line 12: the rule has no "when".'],
    [brain('rules:\n  - when: hi'), 'my.yaml, line 12: the rule has no "say".'],
    [brain('rules:\n  - when: hi\n    say: Hi\n    sya: Ho'), 'my.yaml, line 14: a rule has no field "sya"'],
    [brain('rules:\n  - when: "(hi"\n    say: Hi'), 'my.yaml, line 12: the pattern "(hi" cannot be used: ")" is missing.'],
    [
      brain('rules:\n  - when: hi\n    say: "Hi {name}"'),
      'my.yaml, line 13: nothing fills {name}; it knows {last}, {known}, {found}, {text}.',
    ],
    [brain('rules:\n  - when: hi\n    say: Hi\n    remember: true'), 'my.yaml, line 12: a rule that remembers needs the slot {value}'],
    [brain('rules:\n  - when: bye\n    say: Bye\n    hang_up: true'), 'my.yaml, line 12: a rule that hangs up needs an "otherwise"'],
    [brain('rules:\n  - when: hi\n    say: Hi\n    hang_up: sure'), 'my.yaml, line 14: "hang_up" must be true or false.'],
    [brain('rules:\n  - when: hi\n    say: Hi\n    pace: fast'), 'my.yaml, line 14: "pace" must be a number from 0 on.'],
    [brain('rules:\n  - when: hi\n    say: { a: b }'), 'my.yaml, line 13: "say" must be a text.'],
  ])('[TN61] names file, line and problem in one sentence: %j', (text, message) => {
    expect(reading(text)).toThrow(message);
  });

  it('[TN61] is read from the file that is named, and says when there is none', () => {
    const folder = mkdtempSync(join(tmpdir(), 'brain-'));
    try {
      const file = join(folder, 'own.yaml');
      expect(() => loadBrain(file)).toThrow(
        `${file}: this file cannot be read (ENOENT); BACKCHANNEL_BRAIN names the file of the brain’s rules.`,
      );
      writeFileSync(file, brain('rules: [{ when: hi, say: Hello }]'));
      expect(loadBrain(file).rules).toHaveLength(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
