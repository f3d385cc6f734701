import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrainBook } from './brain-book.js';
import { BrainFileError, parseBrain } from './brain-file.js';

/** The rules that come along, beside `src` and `dist` alike. */
const SHIPPED = fileURLToPath(new URL('../../../assets/brain.yaml', import.meta.url));

/** Reads a brain's rules, the shipped ones unless a file is named. Once, at the start; throws a BrainFileError. */
export function loadBrain(file: string = SHIPPED): BrainBook {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error;
    throw new BrainFileError(file, undefined, `this file cannot be read (${code}); BACKCHANNEL_BRAIN names the file of the brain’s rules`);
  }
  return parseBrain(text, file === SHIPPED ? basename(file) : file);
}
