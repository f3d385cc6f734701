import { PEERS } from '../peers/peers.mjs';
import { table } from './table.mjs';

const STATES = {
  live: 'its client is there',
  dropped: 'its client is gone and may come back',
  created: 'opened by a backend, no client yet',
};

/** What `measureMemory` found, as a table. */
export function memoryTable(figures) {
  return table(
    ['server', 'conversation', 'KiB, whole process', 'KiB, heap', 'KiB, buffers', 'CPU of all of them'],
    Object.entries(figures).flatMap(([name, states]) =>
      Object.entries(states).map(([state, { rss, heap, external, cores }]) => [
        PEERS[name].title.replace(/,.*| \(.*/, ''),
        STATES[state],
        ...[rss, heap, external].map((kib) => kib.toFixed(2)),
        cores === undefined ? '' : `${(cores * 100).toFixed(1)} % of a core`,
      ]),
    ),
  );
}
