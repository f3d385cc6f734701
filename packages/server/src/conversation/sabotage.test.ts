import { AssertionError } from 'node:assert';
import type { ConversationEvent } from '@backchannel/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { conversationSettings } from '../testing/conversation-settings.js';
import type { LiveStage } from '../testing/live-stage.js';
import { liveThrough } from '../testing/live-through.js';
import { FaultyLife, randomHappenings } from '../testing/live-through-faults.js';
import { RuleBroken } from '../testing/log-rules.js';
import { randomLife } from '../testing/random-acts.js';
import { type Decided, decide } from './decide.js';
import type { Out } from './decision.js';

type Decide = typeof decide;

const isEvent = (item: Out, test: (event: ConversationEvent) => boolean): boolean => item.kind === 'event' && test(item.event);
const outWithout =
  (test: (item: Out) => boolean): Decide =>
  (...given) => {
    const decided = decide(...given);
    return { ...decided, out: decided.out.filter((item) => !test(item)) };
  };
const changed =
  (change: (decided: Decided, ...given: Parameters<Decide>) => Decided): Decide =>
  (...given) =>
    change(decide(...given), ...given);

/** Ways to build the core wrongly, each as small as a slip. */
const SABOTAGES: Readonly<Record<string, Decide>> = {
  'an event changes the record and is not stored': outWithout((item) => isEvent(item, ({ type }) => type === 'client.confirmed')),
  'a final level is lost': outWithout((item) => isEvent(item, (event) => event.type === 'message.level' && event.level === 'spoken')),
  'an event is stored that the record does not know': changed((decided, state) => {
    const last = decided.out.find((item) => isEvent(item, ({ type }) => type === 'message.added'));
    if (last?.kind !== 'event') return decided;
    return { ...decided, out: [...decided.out, { ...last, event: { ...last.event, seq: state.record.seq + 1 } }] };
  }),
  'two events change places': changed((decided) => {
    const out = [...decided.out];
    const first = out.findIndex(({ kind }) => kind === 'event');
    const [a, b] = [out[first], out[first + 1]];
    if (a === undefined || b?.kind !== 'event') return decided;
    out.splice(first, 2, b, a);
    return { ...decided, out };
  }),
  'the record forgets what is owed': changed((decided, { record }) => {
    record.owed = record.owed.slice(0, 1);
    return decided;
  }),
  'the record forgets the keys': (state, command, stamp) => {
    state.record.keys = {};
    return decide(state, command, stamp);
  },
  'live knowledge slips into the record': changed((decided, { record, live }) => {
    if (live.typing?.busy) record.restarted = true;
    return decided;
  }),
  'what is owed is not shown at a rejoin': (state, command, stamp) =>
    decide(state, command.type === 'client.ready' ? { ...command, lines: [] } : command, stamp),
  'a ping is left out': outWithout(({ kind }) => kind === 'ping'),
  'a session is shown things before it is ready': changed((decided, { live }) => ({
    ...decided,
    out: decided.out.map((item) => (item.kind === 'event' && live.session !== undefined ? { ...item, to: live.session.id } : item)),
  })),
  'the first piece of a reply is lost': outWithout((item) => item.kind === 'partial' && item.partial.index === 1),
  'the engine is not asked for a reply': outWithout(({ kind }) => kind === 'engine'),
  'the engine is not told to stop': changed((decided) => ({ ...decided, now: [] })),
  'what waits is not looked up when a reply is done': (state, command, stamp) => {
    if (command.type !== 'reply.done' || state.record.waiting.length === 0) return decide(state, command, stamp);
    const { waiting } = state.record;
    state.record.waiting = [];
    const decided = decide(state, command, stamp);
    state.record.waiting = waiting;
    return decided;
  },
  'a passed deadline is settled after the command': (state, command, stamp) => {
    const due = state.live.due;
    state.live.due = [];
    const decided = decide(state, command, stamp);
    if (state.record.phase !== 'ended') state.live.due = due;
    return decided;
  },
};

it.each(Object.keys(SABOTAGES))('[CV43] the checker notices when %s', (name) => {
  const sabotaged = SABOTAGES[name] ?? decide;
  const tried = fc.check(
    fc.property(randomLife(80), (life) => void liveThrough(life, { settings: conversationSettings(), decide: sabotaged })),
    { seed: 1, numRuns: 300, endOnFailure: true },
  );
  expect(tried.failed, 'nothing was noticed in 300 lives').toBe(true);
  expect(tried.errorInstance).toSatisfy((error) => error instanceof RuleBroken || error instanceof AssertionError);
});

/** The same for what a conversation stands on. */
const BROKEN_STAGES: Readonly<Record<string, (stage: LiveStage) => void>> = {
  'appends are acknowledged before they are durable': ({ store }) => {
    const append = store.append.bind(store);
    store.append = async (...row) => {
      append(...row).catch(() => {
        // Nobody is told: that is the sabotage.
      });
    };
  },
  'a failed append goes unnoticed': ({ store }) => {
    const append = store.append.bind(store);
    store.append = (...row) =>
      append(...row).catch(() => {
        // As above.
      });
  },
  'an append is stored twice': ({ store }) => {
    const append = store.append.bind(store);
    store.append = (id, epoch, first, events, when) =>
      append(id, epoch, first, events.length > 2 ? [...events, ...events.slice(-1)] : events, when);
  },
};

it.each(Object.keys(BROKEN_STAGES))('[CV43] the checker notices when %s', async (name) => {
  const sabotage = BROKEN_STAGES[name];
  const tried = await fc.check(
    fc.asyncProperty(randomHappenings(60), (happenings) => new FaultyLife(conversationSettings(), sabotage).through(happenings)),
    { seed: 1, numRuns: 60, endOnFailure: true },
  );
  expect(tried.failed, 'nothing was noticed in 60 lives').toBe(true);
  expect(tried.errorInstance).toSatisfy((error) => error instanceof RuleBroken || error instanceof AssertionError);
});

it('[CV43] the checker has nothing to say of the core as it is, on the same lives', () => {
  const tried = fc.check(
    fc.property(randomLife(80), (life) => void liveThrough(life, { settings: conversationSettings() })),
    { seed: 1, numRuns: 100 },
  );
  expect(tried.failed).toBe(false);
});
