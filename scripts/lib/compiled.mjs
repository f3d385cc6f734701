import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { REPOSITORY } from './repository.mjs';

/** A module of the build, by its path below packages/. */
export const compiled = (path) => import(pathToFileURL(join(REPOSITORY, 'packages', path)).href);
