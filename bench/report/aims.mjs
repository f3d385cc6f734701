import { table } from './table.mjs';

const MOST_RATIO = 1.4;
const MOST_GROWTH = 1.15;
const MOST_P50_MS = 0.8;
const MOST_IDLE_KIB = 12;
const MOST_COLD_SECS = 60;
const MOST_WARM_SECS = 1;

/** Each aim beside what came of it, for the parts that were run: `{ aim, measured, met }`. */
export function aimsOf({ load = [], memory, start }) {
  return [...loadAims(load), ...(memory ? memoryAims(memory) : []), ...(start ? startAims(start) : [])];
}

function loadAims(sizes) {
  const aims = [];
  for (const { size, max, paced } of sizes) {
    const at = `${size.toLocaleString('en-US')} conversations`;
    for (const [load, figures] of Object.entries({ 'at the maximum rate': max, 'at the paced rate': paced })) {
      const { backchannel, receipt, 'socket-io': socketIo } = figures;
      if (!backchannel) continue;
      if (receipt) aims.push(most(`CPU over the bare server that does the same, ${load}, ${at}`, receipt.ratio.median, MOST_RATIO, '×'));
      if (socketIo) aims.push(most(`CPU over Socket.IO with the same commits, ${load}, ${at}`, socketIo.ratio.median, 1, '×'));
    }
    if (paced.backchannel) aims.push(most(`p50 at the paced rate, ${at}`, paced.backchannel.p50.median, MOST_P50_MS, ' ms'));
  }
  return [...aims, ...growthAims(sizes)];
}

/** How the ratio to the bare server grows from 1,000 conversations to 15,000. */
function growthAims(sizes) {
  const few = sizes.find(({ size }) => size === 1_000);
  const many = sizes.find(({ size }) => size === 15_000);
  if (!few?.max.receipt?.ratio || !many?.max.receipt?.ratio) return [];
  return [
    ['the maximum rate', 'max'],
    ['the paced rate', 'paced'],
  ].map(([title, load]) => {
    const growth = many[load].receipt.ratio.median / few[load].receipt.ratio.median;
    return most(`that ratio at 15,000 over the one at 1,000, ${title}`, growth, MOST_GROWTH, '×');
  });
}

function memoryAims({ backchannel }) {
  return backchannel?.live ? [most('memory of an idle conversation with its client', backchannel.live.rss, MOST_IDLE_KIB, ' KiB')] : [];
}

function startAims({ fresh, warm }) {
  return [
    most('from a fresh clone to the first reply', fresh.total, MOST_COLD_SECS, ' s'),
    most('from a warm start to the first reply', warm.total, MOST_WARM_SECS, ' s'),
  ];
}

const most = (aim, measured, limit, unit) => ({
  aim: `${aim}: at most ${limit}${unit}`,
  measured: measured.toFixed(2) + unit,
  met: measured <= limit,
});

export function aimsTable(aims) {
  return table(
    ['aim', 'measured', ''],
    aims.map(({ aim, measured, met }) => [aim, measured, met ? 'met' : '**missed**']),
  );
}
