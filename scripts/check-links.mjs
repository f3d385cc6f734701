// Every relative link in the documents leads to a file that is there.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { asCommand } from './lib/as-command.mjs';
import { filesBelow, inRepository } from './lib/files.mjs';

const LINK = /\]\((?![a-z]+:|#)([^)#\s]+)/g;

/** One line for each link to nothing. */
export function checkLinks(root) {
  return filesBelow(root, (name) => name.endsWith('.md')).flatMap((path) => {
    const links = [...readFileSync(path, 'utf8').matchAll(LINK)].map(([, link]) => link);
    const broken = links.filter((link) => !existsSync(join(dirname(path), link)));
    return broken.map((link) => `${inRepository(root, path)}: links to ${link}, which is not there`);
  });
}

await asCommand(import.meta.url, checkLinks);
