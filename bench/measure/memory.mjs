import { startContender } from '../contender.mjs';

/** Conversations that are open before the first look, so that what a server makes once is not counted. */
const BEFORE = 1_000;
/** Long enough that all have been greeted and pinged, in milliseconds; `quick` does not wait for that. */
const REST_MS = { usual: 6_000, quick: 500 };
/** Dropped conversations wait for their clients, and must still be there when their memory is taken. */
const SETTINGS = { BACKCHANNEL_RESUME_SECS: '3600' };

/**
 * KiB that one idle conversation takes, as the difference of two collected states of the server's process: `live` (with its client,
 * which answers pings; and the share of a core that all of them take), and of Backchannel also `dropped` (the client is gone and
 * may come back) and `created` (opened by a backend; no client yet).
 */
export async function measureMemory(names, { idle, scratch, say, quick }) {
  const size = { before: Math.min(BEFORE, idle), idle, restMs: quick ? REST_MS.quick : REST_MS.usual };
  const figures = {};
  for (const name of names) {
    figures[name] = await withContender(name, scratch, (contender) => live(contender, size));
    say(`  memory of ${name}: done`);
  }
  if (figures.backchannel) {
    figures.backchannel.created = await withContender('backchannel', scratch, (contender) => created(contender, size));
    say('  memory of conversations without a client: done');
  }
  return figures;
}

async function withContender(name, scratch, measure) {
  const contender = await startContender(name, scratch, name === 'backchannel' ? SETTINGS : {});
  try {
    return await measure(contender);
  } finally {
    await contender.stop();
  }
}

async function live(contender, { before, idle, restMs }) {
  const settled = settling(contender, restMs);
  const few = await settled(contender.open(before));
  const many = await settled(contender.open(before + idle));
  const cpu = contender.cpuMicros();
  await rest(restMs);
  const cores = (contender.cpuMicros() - cpu) / (restMs * 1_000);
  const figures = { live: { ...each(many, few, idle), cores } };
  if (contender.name !== 'backchannel') return figures;
  return { ...figures, dropped: each(await settled(contender.drop({ keep: before })), few, idle) };
}

async function created(contender, { before, idle, restMs }) {
  const settled = settling(contender, restMs);
  await contender.open(0);
  const few = await settled(contender.create(before));
  return each(await settled(contender.create(idle)), few, idle);
}

/** The memory of a server when something is done and it has rested from it. */
const settling = (contender, restMs) => async (done) => {
  await done;
  await rest(restMs);
  return contender.memory();
};

function each(after, before, count) {
  const kib = (figure) => (after[figure] - before[figure]) / count / 1_024;
  return { rss: kib('rss'), heap: kib('heapUsed'), external: kib('external') };
}

const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
