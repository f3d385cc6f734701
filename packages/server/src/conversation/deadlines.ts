import { act } from './acting.js';
import type { Decision } from './decision.js';
import { beginEnding, finishIfConfirmed } from './ending.js';
import { endBadly, spokenThrough } from './levels.js';
import type { ConversationRecord } from './record.js';
import type { ConversationSettings, ConversationState, Due, Live, Stamp } from './state.js';

type Deadline = { readonly name: string; readonly since: number; readonly ms: number };

/** The windows that the record holds, as durations since a wall-clock time. */
function deadlinesOf(record: ConversationRecord, settings: ConversationSettings): Deadline[] {
  if (record.phase === 'ended') return [];
  const deadlines: Deadline[] = [];
  if (record.window !== undefined) deadlines.push({ name: 'window', ...record.window });
  if (record.clientSince !== undefined) deadlines.push({ name: 'duration', since: record.clientSince, ms: settings.maxDurationMs });
  if (record.begun === 'api') deadlines.push({ name: 'idle', since: record.appliedAt, ms: settings.limits.idleMs });
  else if (settings.silenceMs !== undefined && record.phase === 'open') {
    deadlines.push({ name: 'idle', since: record.appliedAt, ms: settings.silenceMs });
  }
  for (const { messageId, expires } of record.waiting) if (expires !== undefined) deadlines.push({ name: messageId, ...expires });
  return deadlines;
}

/**
 * Puts the record's windows onto the monotonic clock. One that this process has seen begin is measured here;
 * of one from before, what is left is the duration minus the wall time since, within 0 and the duration.
 */
export function reckon(state: ConversationState, stamp: Stamp): void {
  const { record, live } = state;
  if (isReckoned(record, live)) return;
  live.due = deadlinesOf(record, live.settings).map(({ name, since, ms }): Due => {
    const known = live.due.find((due) => due.name === name && due.since === since);
    return known ?? { name, since, at: stamp.mono + Math.min(Math.max(ms - (stamp.wall - since), 0), ms) };
  });
}

/** Nearly every decision leaves the windows as they are; looking is cheaper than reckoning. */
function isReckoned(record: ConversationRecord, live: Live): boolean {
  const { reckoned } = live;
  const counts = record.begun === 'api' || live.settings.silenceMs !== undefined;
  const now: Live['reckoned'] = {
    phase: record.phase,
    window: record.window,
    clientSince: record.clientSince,
    appliedAt: counts ? record.appliedAt : 0,
    expiring: record.waiting.some((message) => message.expires !== undefined),
  };
  live.reckoned = now;
  return (
    reckoned !== undefined &&
    !reckoned.expiring &&
    !now.expiring &&
    reckoned.phase === now.phase &&
    reckoned.window === now.window &&
    reckoned.clientSince === now.clientSince &&
    reckoned.appliedAt === now.appliedAt
  );
}

/** When something is due next, on the monotonic clock; undefined: never. */
export function nextAlarm({ live }: ConversationState): number | undefined {
  let next = Number.POSITIVE_INFINITY;
  if (live.ending !== undefined) next = live.ending.by;
  // While the last line is awaited no other window ends anything, and one that has passed would ring without end.
  else for (const due of live.due) next = Math.min(next, due.at);
  if (live.typing?.busy) next = Math.min(next, typingEnds(live.typing, live.settings));
  const ping = live.session?.pings[0];
  if (ping !== undefined) next = Math.min(next, ping.at + live.settings.limits.confirmMs);
  return next === Number.POSITIVE_INFINITY ? undefined : next;
}

const typingEnds = (typing: { since: number; last: number }, { limits }: ConversationSettings): number =>
  Math.min(typing.last + limits.typingMs, typing.since + limits.maxTypingMs);

/** Every command first settles what has passed, so that no command sees a deadline that is over. */
export function settle(d: Decision): void {
  const { live, stamp } = d;
  const before = d.out.length;
  const typed = live.typing;
  if (typed?.busy && stamp.mono >= typingEnds(typed, live.settings)) typed.busy = false;
  settleSilentClient(d);
  const passed = live.due.filter((due) => due.at <= stamp.mono).sort((a, b) => a.at - b.at);
  for (const due of passed) passes(d, due);
  if (live.ending !== undefined && stamp.mono >= live.ending.by) finishIfConfirmed(d);
  if (d.out.length > before || (typed !== undefined && !typed.busy)) act(d);
}

function passes(d: Decision, due: Due): void {
  const { record, live } = d;
  if (record.phase === 'ended' || live.ending !== undefined) return;
  if (due.name === 'window') return beginEnding(d, record.phase === 'created' ? 'never_opened' : 'client_lost');
  if (due.name === 'idle') return beginEnding(d, 'idle');
  if (due.name === 'duration') {
    const text = live.settings.maxDurationMessage;
    return beginEnding(d, 'max_duration', text === undefined ? undefined : { text, source: 'engine' });
  }
  if (record.waiting.some((message) => message.messageId === due.name)) endBadly(d, due.name, 'expired');
}

/** A client that is there and sends no pong: its lines count as written; they stay owed. */
function settleSilentClient(d: Decision): void {
  const { session, settings } = d.live;
  if (session === undefined) return;
  while (session.pings[0] !== undefined && session.pings[0].at + settings.limits.confirmMs <= d.stamp.mono) {
    spokenThrough(d, session.pings[0].through, 'written');
    session.pings.shift();
  }
}
