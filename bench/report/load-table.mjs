import { PEERS } from '../peers/peers.mjs';
import { shown } from './spread.mjs';
import { table } from './table.mjs';

const HEADINGS = ['server', 'CPU µs an operation', 'Backchannel ÷ this', 'a second', 'p50 ms', 'p99 ms'];

/** What `loadFigures` made, as a table. */
export function loadTable(figures) {
  return table(
    HEADINGS,
    Object.entries(figures).map(([name, { cpu, ratio, perSecond, p50, p99 }]) => [
      PEERS[name].title,
      shown(cpu),
      ratio ? shown(ratio, 2) : '–',
      shown(perSecond),
      shown(p50, 2),
      shown(p99, 1),
    ]),
  );
}
