import { MESSAGE_RULES, type MessageRequest, type MessageType } from '@backchannel/protocol';
import fc from 'fast-check';

/** One thing that happens to a conversation; plain data, so that a failing run can be read and repeated. */
export type Act =
  | { readonly act: 'post'; readonly request: MessageRequest; readonly key?: string; readonly fingerprint?: string }
  | { readonly act: 'typed' }
  | { readonly act: 'wire context'; readonly context?: string }
  | { readonly act: 'cancel'; readonly which: number }
  | { readonly act: 'join'; readonly resume: boolean; readonly url: number }
  | { readonly act: 'ready' }
  | { readonly act: 'leave'; readonly reason: 'left' | 'lost' }
  | { readonly act: 'pong'; readonly which: 'newest' | 'older' | 'too much' }
  | { readonly act: 'typing' }
  | { readonly act: 'delta'; readonly text: string }
  | { readonly act: 'done'; readonly hangUp: boolean }
  | { readonly act: 'failed' }
  | { readonly act: 'old report' }
  | { readonly act: 'pass'; readonly ms: number }
  | { readonly act: 'ring'; readonly ms: number }
  | { readonly act: 'ring when due' }
  | { readonly act: 'end'; readonly message?: string }
  | { readonly act: 'other'; readonly command: 'patch' | 'feedback' | 'mint' | 'warn' }
  /** The last `lost` appends were not durable. */
  | { readonly act: 'crash'; readonly lost: number; readonly downMs: number };

const chance = (percent: number): fc.Arbitrary<boolean> => fc.nat(99).map((n) => n < percent);
const sometimes = <T>(percent: number, value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  chance(percent).chain((does) => (does ? value : fc.constant(undefined)));

const TYPES = ['user_message', 'contextual_update', 'agent_message', 'instruction'] as const satisfies readonly MessageType[];

/** Every combination of type, urgency and reply that exists, some protected, some that expire, some with a key or a condition. */
const request: fc.Arbitrary<MessageRequest> = fc.constantFrom(...TYPES).chain((type) => {
  const { urgencies, replies } = MESSAGE_RULES[type];
  const mayBeProtected = type !== 'contextual_update';
  return fc
    .record({
      urgency: fc.constantFrom(...urgencies),
      reply: fc.constantFrom(...replies),
      protects: chance(mayBeProtected ? 25 : 0),
      context: sometimes(type === 'contextual_update' ? 70 : 0, fc.constantFrom('page', 'cart', '__proto__')),
      expires: sometimes(25, fc.constantFrom(0, 1_000, 5_000, 40_000)),
      condition: sometimes(15, fc.constantFrom('listening' as const, 'thinking' as const, 'speaking' as const)),
    })
    .map(({ urgency, reply, protects, context, expires, condition }) => ({
      type,
      text: `${type} ${urgency}`,
      urgency,
      reply: urgency === 'later' ? 'none' : reply,
      ...(protects ? { interruptible: false } : {}),
      ...(context === undefined ? {} : { context_id: context }),
      ...(expires === undefined ? {} : { expires_in_ms: expires }),
      ...(condition === undefined ? {} : { if: { agent_state: [condition] } }),
    }));
});

const post: fc.Arbitrary<Act> = fc
  .record({
    request,
    key: sometimes(30, fc.constantFrom('K1', 'K2', 'K3', 'toString')),
    fingerprint: fc.constantFrom('same', 'same', 'other'),
  })
  .map(({ request: message, key, fingerprint }) => ({
    act: 'post',
    request: message,
    ...(key === undefined ? {} : { key, fingerprint }),
  }));

const ms = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(0, 1, 50, 100, 500, 999, 1_000, 1_999, 2_000) },
  { weight: 2, arbitrary: fc.constantFrom(4_000, 9_999, 10_000) },
  { weight: 1, arbitrary: fc.constantFrom(29_999, 30_000, 61_000) },
);

const simple = (act: 'typed' | 'ready' | 'typing' | 'failed' | 'old report' | 'ring when due'): fc.Arbitrary<Act> => fc.constant({ act });

export const randomAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 30, arbitrary: post },
  { weight: 8, arbitrary: simple('typed') },
  {
    weight: 3,
    arbitrary: sometimes(50, fc.constantFrom('page', 'cart')).map(
      (context): Act => ({ act: 'wire context', ...(context === undefined ? {} : { context }) }),
    ),
  },
  { weight: 4, arbitrary: fc.nat(9).map((which): Act => ({ act: 'cancel', which })) },
  { weight: 9, arbitrary: fc.record({ act: fc.constant('join' as const), resume: chance(60), url: fc.nat(5) }) },
  { weight: 18, arbitrary: simple('ready') },
  { weight: 4, arbitrary: chance(5).map((onPurpose): Act => ({ act: 'leave', reason: onPurpose ? 'left' : 'lost' })) },
  {
    weight: 12,
    arbitrary: fc
      .constantFrom('newest' as const, 'newest' as const, 'older' as const, 'too much' as const)
      .map((which): Act => ({ act: 'pong', which })),
  },
  { weight: 6, arbitrary: simple('typing') },
  {
    weight: 16,
    arbitrary: fc.constantFrom('Let me ', 'see. ', 'é👩‍👩‍👧', '', 'x'.repeat(60)).map((text): Act => ({ act: 'delta', text })),
  },
  { weight: 10, arbitrary: chance(6).map((hangUp): Act => ({ act: 'done', hangUp })) },
  { weight: 3, arbitrary: simple('failed') },
  { weight: 2, arbitrary: simple('old report') },
  { weight: 6, arbitrary: ms.map((passed): Act => ({ act: 'pass', ms: passed })) },
  { weight: 5, arbitrary: ms.map((passed): Act => ({ act: 'ring', ms: passed })) },
  { weight: 3, arbitrary: simple('ring when due') },
  {
    weight: 1,
    arbitrary: sometimes(50, fc.constant('Bye')).map((message): Act => ({ act: 'end', ...(message === undefined ? {} : { message }) })),
  },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom('patch' as const, 'feedback' as const, 'mint' as const, 'warn' as const)
      .map((command): Act => ({ act: 'other', command })),
  },
  {
    weight: 3,
    arbitrary: fc.record({ act: fc.constant('crash' as const), lost: fc.nat(4), downMs: fc.constantFrom(0, 500, 20_000, 100_000, -5_000) }),
  },
);

/** How a conversation begins, and then what happens to it. */
export const randomLife = (most: number) =>
  fc.record({
    begun: fc.constantFrom('client' as const, 'client' as const, 'signed_url' as const, 'api' as const),
    greeting: fc.constantFrom('', 'Hello'),
    joins: chance(80),
    acts: fc.array(randomAct, { minLength: 1, maxLength: most, size: 'max' }),
  });

export type Life = {
  readonly begun: 'client' | 'signed_url' | 'api';
  readonly greeting: string;
  readonly joins: boolean;
  readonly acts: readonly Act[];
};
