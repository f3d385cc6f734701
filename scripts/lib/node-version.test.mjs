import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { nodeTooOld } from './node-version.mjs';

it.each(['20.19.0', '20.20.2', '22.0.0', '24.21.0', '26.1.0'])('Node %s is new enough', (version) => {
  expect(nodeTooOld(version, 'npm start')).toBe('');
});

it.each(['14.21.3', '18.20.0', '20.18.9'])('Node %s gets one sentence with the fix', (version) => {
  expect(nodeTooOld(version, 'npm start')).toMatch(/needs Node 20\.19 or newer.*nodejs\.org.*run "npm start" again\.$/);
});

it.each(['../start.mjs', '../test.mjs', 'node-version.mjs'])('%s has no syntax that an old Node could not read', (file) => {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  const { outputText } = ts.transpileModule(text, { compilerOptions: { target: ts.ScriptTarget.ES2020, module: ts.ModuleKind.ESNext } });
  const plain = (code) => code.replace(/\s|,(?=\s*[)\]}])/g, '');
  expect(plain(outputText)).toBe(plain(text));
});
