import { table } from './table.mjs';

const PARTS = {
  npm: 'npm, until something is done',
  install: 'install',
  build: 'build',
  server: 'the server, until it listens',
  reply: 'the first reply',
};

/** What `measureStart` found, as a table. */
export function startTable({ cold, fresh, warm }) {
  const secs = (value) => (value === undefined ? '' : value.toFixed(2));
  return table(
    ['', cold ? 'fresh clone, empty npm cache' : 'fresh clone', 'all is there'],
    [
      ...Object.entries(PARTS).map(([part, title]) => [title, secs(fresh.parts[part]), secs(warm.parts[part])]),
      ['**all**', secs(fresh.total), secs(warm.total)],
    ],
  );
}
