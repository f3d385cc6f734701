import { relative, resolve } from 'node:path';

/** Where whoever runs the server finds the API key: a file, or a variable that they have set. Never the key itself. */
export type KeyPlace = { readonly file: string } | { readonly variable: string };

/** As commands and programs that run in `cwd` find it; `path` when the key is kept in a file. */
export function keyPlace(path: string | undefined, cwd: string): KeyPlace {
  return path === undefined ? { variable: 'BACKCHANNEL_API_KEY' } : { file: placeOf(path, cwd) };
}

/** As short as it is still found: from `cwd` when it is below, else from the root. */
export function placeOf(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short === '' || short.startsWith('..') ? resolve(path) : short;
}
