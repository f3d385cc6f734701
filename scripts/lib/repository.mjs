import { fileURLToPath } from 'node:url';

/** The root of this checkout, as an absolute path. */
export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');
