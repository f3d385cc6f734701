import { expect, it } from 'vitest';
import { count } from './suites.mjs';

const report = (numPassedTests, numFailedTests, ...testResults) => JSON.stringify({ numPassedTests, numFailedTests, testResults });
const file = (status, tests) => ({ status, assertionResults: Array.from({ length: tests }, () => ({})) });

it.each([
  ['all is well', report(3, 0, file('passed', 3)), 1, true, { passed: 3, failed: 0 }],
  ['a test fails', report(2, 1, file('failed', 3)), 1, false, { passed: 2, failed: 1 }],
  ['a file does not load', report(1, 0, file('passed', 1), file('failed', 0)), 2, false, { passed: 1, failed: 1 }],
  ['a file was not found by the runner', report(1, 0, file('passed', 1)), 3, true, { passed: 1, failed: 2 }],
  ['an error belongs to no test', report(1, 0, file('passed', 1)), 1, false, { passed: 1, failed: 1 }],
  ['the runner died', undefined, 1, false, { passed: 0, failed: 1 }],
])('counts when %s', (_, text, expected, ok, counted) => {
  expect(count(text, expected, ok, () => {})).toEqual({ ...counted, skipped: 0 });
});
