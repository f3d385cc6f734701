import {
  LEVELS,
  type Level,
  MESSAGE_RULES,
  type MessageRequest,
  type MessageType,
  type ReplyMode,
  type Urgency,
} from '@backchannel/protocol';
import { describe, expect, it } from 'vitest';
import { Rehearsal, type Step } from '../testing/rehearsal.js';
import { OUTCOMES, type Outcome, outcomeOf, SITUATIONS, type Situation } from './outcomes.js';

/** Every cell of the outcome table that the core itself reaches, from a real state, and what becomes of the message. */

type Place = {
  readonly name: string;
  readonly situation: Situation;
  readonly reach: () => Rehearsal;
  /** The change of situation that lets what waits act. */
  readonly pass: (r: Rehearsal) => unknown;
  /** A `soon` has restarted the reply already. */
  readonly restarted?: true;
};

const opened = () => Rehearsal.opened();
const streaming = (request: Partial<MessageRequest> = {}) => {
  const r = opened();
  r.post('M1', 'user_message', request);
  r.delta('Let me');
  return r;
};
const thinking = (request: Partial<MessageRequest> = {}) => {
  const r = opened();
  r.post('M1', 'user_message', request);
  return r;
};
const reply = (r: Rehearsal) => {
  r.delta('Done.');
  r.done();
};
const pause = (r: Rehearsal) => r.wait(2_000);

const PLACES: readonly Place[] = [
  {
    name: 'no client yet',
    situation: 'held',
    reach: () => {
      const r = new Rehearsal();
      r.create({ begun: 'signed_url', expires_in_ms: 900_000 });
      return r;
    },
    pass: (r) => r.rejoin('s1'),
  },
  {
    name: 'the client was lost',
    situation: 'held',
    reach: () => {
      const r = opened();
      r.leave('lost', 1006);
      return r;
    },
    pass: (r) => r.rejoin('s2'),
  },
  {
    name: 'the client’s first 100 ms',
    situation: 'held',
    reach: () => {
      const r = opened();
      r.leave('lost', 1006);
      r.join('s2');
      return r;
    },
    pass: (r) => r.ready(),
  },
  {
    name: 'the user types',
    situation: 'user_busy',
    reach: () => {
      const r = opened();
      r.typing();
      return r;
    },
    pass: pause,
  },
  {
    name: 'the user types while a reply streams',
    situation: 'user_busy',
    reach: () => {
      const r = streaming();
      r.typing();
      return r;
    },
    pass: (r) => {
      reply(r);
      pause(r);
    },
  },
  { name: 'a protected reply streams', situation: 'protected', reach: () => streaming({ interruptible: false }), pass: reply },
  { name: 'a protected turn has said nothing', situation: 'protected', reach: () => thinking({ interruptible: false }), pass: reply },
  { name: 'a reply streams', situation: 'speaking', reach: () => streaming(), pass: reply },
  { name: 'the agent thinks', situation: 'thinking', reach: () => thinking(), pass: reply },
  {
    name: 'the agent thinks again',
    situation: 'thinking',
    restarted: true,
    reach: () => {
      const r = thinking();
      r.post('M2', 'user_message', { urgency: 'soon' });
      return r;
    },
    pass: reply,
  },
  { name: 'the agent listens', situation: 'listening', reach: opened, pass: reply },
  {
    name: 'a backend’s conversation without a client listens',
    situation: 'listening',
    reach: () => Rehearsal.begunByBackend('Hello'),
    pass: reply,
  },
  {
    name: 'it is ending',
    situation: 'ended',
    reach: () => {
      const r = streaming();
      r.end();
      return r;
    },
    pass: () => {},
  },
  {
    name: 'it has ended',
    situation: 'ended',
    reach: () => {
      const r = opened();
      r.leave('left', 1000);
      return r;
    },
    pass: () => {},
  },
];

type Sent = { readonly type: Exclude<MessageType, 'human_message'>; readonly urgency: Urgency; readonly reply: ReplyMode };

const SENT: readonly Sent[] = (['user_message', 'contextual_update', 'agent_message', 'instruction'] as const).flatMap((type) =>
  MESSAGE_RULES[type].urgencies.flatMap((urgency) =>
    MESSAGE_RULES[type].replies.filter((mode) => urgency !== 'later' || mode === 'none').map((mode) => ({ type, urgency, reply: mode })),
  ),
);

/** The table, and the three sentences beside it: about instructions without a reply, lines without one, and the second `soon`. */
function expected(place: Place, { type, urgency, reply: mode }: Sent): Outcome {
  const outcome = outcomeOf(place.situation, urgency, type);
  if (typeof outcome === 'object') return outcome;
  if (type === 'instruction' && mode === 'none') return place.situation === 'held' ? 'hold' : 'next_prompt';
  if (outcome.startsWith('restart') && mode === 'none') return 'after_turn';
  if (outcome === 'restart_once' && place.restarted) return 'after_turn';
  return outcome;
}

const CELLS = PLACES.flatMap((place) =>
  SENT.map((sent) => {
    const outcome = expected(place, sent);
    return { place, sent, outcome, name: place.name, ...sent, words: typeof outcome === 'object' ? outcome.refuse : outcome };
  }),
);

describe('what becomes of a message', () => {
  it.each(CELLS)('[MS2] $name: $type, $urgency, reply $reply → $words', ({ place, sent, outcome }) => {
    const r = place.reach();
    expect(r.situation).toBe(place.situation);
    const turn = r.record.turn;
    const step = r.post('X', sent.type, sent);

    if (typeof outcome === 'object') {
      expect(step).toMatchObject({ answer: { ok: false, code: outcome.refuse }, append: [], leaves: [], aborts: [] });
      return;
    }
    expect(step.answer).toMatchObject({ ok: true, receipt: { accepted: { message_id: r.idOf('X') } } });
    expect(step.events[0]).toMatchObject({ type: 'message.accepted' });
    expect(downgradedIn(step)).toBe(outcome === 'downgrade');

    if (outcome === 'after_turn' ? turn !== undefined : ['hold', 'wait', 'downgrade', 'next_prompt'].includes(outcome)) {
      expectWaiting(r, step);
      place.pass(r);
      if (sent.type === 'instruction' && sent.reply === 'none') expectNextPrompt(r);
    } else {
      expectActed(step, outcome, sent);
    }
    expectEnd(r, sent);
  });
});

const downgradedIn = ({ events }: Step): boolean => events.some((event) => event.type === 'message.accepted' && event.downgraded === true);

/** It is accepted, and nothing else happens. */
function expectWaiting(r: Rehearsal, step: Step): void {
  expect(step.append).toHaveLength(1);
  expect(step).toMatchObject({ leaves: [], aborts: [] });
  expect(r.record.waiting.at(-1)?.messageId).toBe(r.idOf('X'));
}

/** What waits for a prompt is taken by the next one, whoever caused it. */
function expectNextPrompt(r: Rehearsal): void {
  expect(r.levels('X')).toEqual(['accepted']);
  const prompt = r.post('Q', 'user_message');
  const applied = prompt.append.findIndex((line) => line.endsWith('level X applied'));
  const started = prompt.append.findIndex((line) => line.includes('turn.started'));
  expect(applied).toBeGreaterThan(0);
  expect(started).toBe(applied + 1);
}

/** It acts in the same append, which cuts the open turn exactly where the outcome says so. */
function expectActed(step: Step, outcome: Outcome, { type, reply: mode }: Sent): void {
  const types = step.events.map((event) => event.type);
  const answered = mode === 'auto' && type !== 'agent_message';
  const cuts = outcome === 'cut' || outcome === 'restart' || outcome === 'restart_once';
  expect(step.append.some((line) => line.endsWith('level X applied'))).toBe(true);
  expect(step.aborts).toHaveLength(cuts ? 1 : 0);
  expect(types.includes('turn.interrupted')).toBe(cuts);
  expect(types.filter((name) => name === 'turn.started')).toHaveLength(answered ? 1 : 0);
  expect(step.events.some((event) => event.type === 'message.added' && event.interrupted === true)).toBe(outcome === 'cut');
  if (cuts) expect(types.indexOf('turn.ended')).toBeLessThan(step.append.findIndex((line) => line.endsWith('level X applied')));
  if (outcome === 'restart' || outcome === 'restart_once') {
    const started = step.events.find((event) => event.type === 'turn.started');
    expect(started).toMatchObject({ cause: expect.arrayContaining([expect.any(String), expect.any(String)]) });
  }
  if (outcome === 'beside') expect(step.leaves).toEqual([expect.stringMatching(/^agent_response#/), 'ping']);
}

/** Then it goes through its levels, in order, to its last one. */
function expectEnd(r: Rehearsal, { type, reply: mode }: Sent): void {
  while (r.record.turn !== undefined) {
    r.delta('Anything.');
    r.done();
  }
  if (r.session !== '') r.pong();
  const heard = r.record.client !== undefined;
  const replies = (type === 'user_message' && mode === 'auto') || type === 'instruction';
  const spoken = heard && (replies || type === 'agent_message');
  const due: Level[] = ['accepted', 'applied', ...(replies ? (['replied'] as const) : []), ...(spoken ? (['spoken'] as const) : [])];
  expect(r.levels('X')).toEqual(LEVELS.filter((level) => due.includes(level)));
  expect(r.record.open).not.toHaveProperty(r.idOf('X'));
  expect(r.record.waiting).toEqual([]);
}

describe('the table as data', () => {
  it('[MS1] has an outcome for every situation, urgency and type', () => {
    expect(Object.keys(OUTCOMES)).toEqual([...SITUATIONS]);
    for (const situation of SITUATIONS) {
      for (const [type, { urgencies }] of Object.entries(MESSAGE_RULES) as [MessageType, { urgencies: readonly Urgency[] }][]) {
        for (const urgency of urgencies) expect(outcomeOf(situation, urgency, type)).toBeDefined();
      }
    }
  });

  it('[MS1] is the one that was promised', () => {
    const of = (situation: Situation, ...wanted: string[]) => {
      const outcomes = SENT.map(({ type, urgency }) => `${type} ${urgency}: ${String(outcomeOf(situation, urgency, type))}`);
      expect(outcomes).toEqual(expect.arrayContaining(wanted));
    };
    of(
      'held',
      'user_message immediate: hold',
      'agent_message soon: hold',
      'instruction later: next_prompt',
      'contextual_update later: hold',
    );
    of(
      'user_busy',
      'user_message immediate: wait',
      'agent_message soon: wait',
      'instruction soon: wait',
      'contextual_update later: after_turn',
    );
    of('protected', 'user_message immediate: downgrade', 'agent_message immediate: downgrade', 'user_message soon: after_turn');
    of(
      'speaking',
      'user_message immediate: cut',
      'agent_message immediate: cut',
      'instruction immediate: cut',
      'user_message soon: after_turn',
    );
    of('thinking', 'user_message immediate: restart', 'instruction immediate: restart', 'agent_message immediate: beside');
    of('thinking', 'user_message soon: restart_once', 'instruction soon: restart_once', 'agent_message soon: beside');
    of('thinking', 'contextual_update later: after_turn', 'instruction later: next_prompt');
    of(
      'listening',
      'user_message immediate: now',
      'agent_message soon: now',
      'contextual_update later: now',
      'instruction later: next_prompt',
    );
  });

  it('[MS1] refuses where the router and the registry answer, and nowhere else than at the end', () => {
    const refused = SITUATIONS.filter((situation) => typeof outcomeOf(situation, 'soon', 'user_message') === 'object');
    expect(refused).toEqual(['unknown', 'ended', 'unavailable']);
    for (const urgency of ['immediate', 'soon', 'later'] as const) {
      expect(outcomeOf('unknown', urgency, 'user_message')).toEqual({ refuse: 'conversation_not_found' });
      expect(outcomeOf('unavailable', urgency, 'user_message')).toEqual({ refuse: 'unavailable' });
    }
  });

  it('[MS1] knows the rows that nothing leads to yet', () => {
    expect(outcomeOf('human', 'soon', 'human_message')).toBe('now');
    expect(outcomeOf('human', 'immediate', 'user_message')).toBe('hold');
    expect(outcomeOf('tool', 'immediate', 'user_message')).toBe('restart');
    expect(outcomeOf('tool', 'soon', 'agent_message')).toBe('after_turn');
  });
});
