import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Parts of documents that are rendered from code. Each stands between `<!-- NAME -->` and `<!-- /NAME -->` on lines of their own;
 * `parts` is a list of `{ name, files, text, what }`. One line for each part that is missing or not the code's own; with `write` it
 * is put there instead. `script` is what whoever reads the line runs.
 */
export function generatedBlocks(root, parts, { script, write = false }) {
  return parts.flatMap(({ name, files, text, what }) =>
    files
      .filter((file) => existsSync(join(root, file)))
      .flatMap((file) => oneBlock(join(root, file), file, { name, text, what, script, write })),
  );
}

function oneBlock(path, file, { name, text, what, script, write }) {
  const block = new RegExp(`(<!-- ${name} -->\\n)([\\s\\S]*?)(<!-- /${name} -->)`);
  const rendered = `${text}\n`;
  const document = readFileSync(path, 'utf8');
  const found = block.exec(document);
  if (found === null) return [`${file}: has no ${what}; add <!-- ${name} --> and <!-- /${name} --> on two lines`];
  if (found[2] === rendered) return [];
  if (!write) return [`${file}: its ${what} is not the code's; run node ${script} --write`];
  writeFileSync(
    path,
    document.replace(block, (_, before, __, after) => `${before}${rendered}${after}`),
  );
  return [];
}
