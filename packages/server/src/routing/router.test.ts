import { type ConversationEvent, type NamedCommand, newConversationId, type SendMessage } from '@backchannel/protocol';
import { describe, expect, it } from 'vitest';
import type { Log } from '../lib/log.js';
import { silentLog } from '../lib/log.js';
import { ArrayEventStore } from '../testing/array-event-store.js';
import { ManualClock } from '../testing/manual-clock.js';
import { settle } from '../testing/settle.js';
import { MemoryBus } from './memory-bus.js';
import { commandsSubject, createRouter, type RouterParts } from './router.js';

const HOUR = 3_600_000;
const message: SendMessage = {
  type: 'message.send',
  message: { type: 'user_message', text: 'hello', urgency: 'soon', reply: 'auto' },
  source: 'api',
};
const keyed: SendMessage = { ...message, idempotency_key: 'k', fingerprint: 'f' };
const end: NamedCommand = { type: 'conversation.end', reason: 'ended_by_api' };
const erase: NamedCommand = { type: 'conversation.end', reason: 'deleted' };
const feedback: NamedCommand = { type: 'feedback.give', score: 'like' };
const patch: NamedCommand = { type: 'metadata.patch', app_metadata: {} };
const cancel: NamedCommand = { type: 'message.cancel', message_id: 'msg_1' };

function setUp(parts: Partial<RouterParts> = {}) {
  const [id, store, clock, bus] = [newConversationId(), new ArrayEventStore(), new ManualClock(), new MemoryBus()];
  const loads: string[] = [];
  const limits = { acknowledgeMs: 10_000, keysAfterEndMs: 24 * HOUR, feedbackAfterEndMs: HOUR };
  /** Answers every command with its type, as an owner that was loaded would. */
  const serve = () => bus.serve(commandsSubject(id), async (command) => ({ ok: true, did: (command as NamedCommand).type }));
  const load: RouterParts['load'] = async (asked) => {
    loads.push(asked);
    serve();
    return 'loaded';
  };
  const router = createRouter({ bus, store, clock, log: silentLog, load, limits, ...parts });
  const append = (...bodies: Partial<ConversationEvent>[]): Promise<void> => {
    const first = store.events(id).length + 1;
    const time = new Date(clock.wall()).toISOString();
    // Whatever a test leaves out it does not look at.
    return store.append(
      id,
      1,
      first,
      bodies.map((body, i) => ({ ...body, seq: first + i, epoch: 1, time }) as ConversationEvent),
      'now',
    );
  };
  const create = () => append({ type: 'conversation.created', workspace_id: 'ws_a', agent_id: 'agent_a' });
  return { id, store, clock, bus, loads, serve, router, append, create };
}
const refused = (code: string) => expect.objectContaining({ ok: false, code });

describe('sending a command', () => {
  it('[RT30] brings it to whoever serves the conversation, without a look into the store', async () => {
    const { id, router, serve, loads, store } = setUp();
    store.head = () => Promise.reject(new Error('not needed'));
    serve();
    expect(await router.send(id, message)).toEqual({ ok: true, did: 'message.send' });
    expect(loads).toEqual([]);
  });

  it('[RT30] loads a conversation that nobody serves, and asks again', async () => {
    const { id, router, loads, create } = setUp();
    await create();
    expect(await router.send(id, patch)).toEqual({ ok: true, did: 'metadata.patch' });
    expect(await router.send(id, message)).toEqual({ ok: true, did: 'message.send' });
    expect(loads).toEqual([id]);
  });

  it('[RT31] answers that there is no such conversation, whatever the id looks like', async () => {
    const { id, router, loads, create, store } = setUp();
    await create();
    const asked: string[] = [];
    const head = store.head.bind(store);
    store.head = (of) => {
      asked.push(of);
      return head(of);
    };
    const unknown = newConversationId();
    const odd = ['', 'conv_', `${id} `, id.toUpperCase(), `conv.${id}`, `${id}_2`, '../etc', 'conv_é', 'x'.repeat(10_000)];
    for (const name of [unknown, ...odd]) expect(await router.send(name, message)).toEqual(refused('conversation_not_found'));
    expect([asked, loads]).toEqual([[unknown], []]);
  });

  it('[RT31] answers the same when it was erased between the look and the loading', async () => {
    const { id, router, create } = setUp({ load: async () => 'not_found' });
    await create();
    expect(await router.send(id, message)).toEqual(refused('conversation_not_found'));
  });

  it('[RT32] refuses what an ended conversation has no answer to, with its end, without loading it', async () => {
    const { id, router, create, append, loads, clock } = setUp();
    await create();
    await append({ type: 'conversation.ended', reason: 'idle', status: 'done' });
    const ended_at = new Date(clock.wall()).toISOString();
    for (const command of [message, cancel, patch, { type: 'signed_url.mint', agent_id: 'agent_a', expires_in_ms: 1 } as const]) {
      expect(await router.send(id, command)).toEqual({
        ok: false,
        code: 'conversation_ended',
        extra: { ended_at, reason: 'idle', last_seq: 2 },
      });
    }
    expect(loads).toEqual([]);
  });

  it.each([
    ['a message with a key, for a day', keyed, 24 * HOUR],
    ['feedback, for an hour', feedback, HOUR],
    ['an end', end, Number.POSITIVE_INFINITY],
    ['an erasing end', erase, Number.POSITIVE_INFINITY],
  ])('[RT33] lets an ended conversation answer %s', async (_, command, withinMs) => {
    for (const since of [0, HOUR - 1, HOUR, 24 * HOUR - 1, 24 * HOUR, 1_000 * HOUR]) {
      const { id, router, create, append, clock } = setUp();
      await create();
      await append({ type: 'conversation.ended', reason: 'idle', status: 'done' });
      clock.advance(since);
      const expected = since < withinMs ? { ok: true, did: command.type } : refused('conversation_ended');
      expect(await router.send(id, command), `${since}`).toEqual(expected);
    }
  });

  it('[RT34] answers unavailable when nobody can take it now', async () => {
    const failing = setUp({ load: async () => 'unavailable' });
    await failing.create();
    expect(await failing.router.send(failing.id, message)).toEqual(refused('unavailable'));
    // Loaded each time, and lost again each time.
    const losing = setUp({ load: async () => 'loaded' });
    await losing.create();
    expect(await losing.router.send(losing.id, message)).toEqual(refused('unavailable'));
  });

  it('[RT34] sees that a conversation has ended while it was being loaded', async () => {
    const { id, router, append, create } = setUp({
      load: async () => {
        await append({ type: 'conversation.ended', reason: 'idle', status: 'done' });
        return 'loaded';
      },
    });
    await create();
    expect(await router.send(id, message)).toEqual(refused('conversation_ended'));
  });

  it('[RT34] answers unavailable, and logs why, when owner, store or loading throw', async () => {
    const errors: object[] = [];
    const log: Log = { ...silentLog, error: (fields) => void errors.push(fields) };
    const owner = setUp({ log });
    owner.bus.serve(commandsSubject(owner.id), () => Promise.reject(new Error('a bug')));
    expect(await owner.router.send(owner.id, message)).toEqual(refused('unavailable'));
    const store = setUp({ log });
    store.store.head = () => Promise.reject(new Error('no disk'));
    expect(await store.router.send(store.id, message)).toEqual(refused('unavailable'));
    const loading = setUp({ log, load: () => Promise.reject(new Error('no claim')) });
    await loading.create();
    expect(await loading.router.send(loading.id, message)).toEqual(refused('unavailable'));
    expect(errors).toEqual(
      ['a bug', 'no disk', 'no claim'].map((words) =>
        expect.objectContaining({ command: 'message.send', err: expect.objectContaining({ message: words }) }),
      ),
    );
  });

  it('[RT35] waits 10 s for an answer and not longer, whatever it waits for', async () => {
    for (const stuck of ['owner', 'store', 'load'] as const) {
      const never = () => new Promise<never>(() => {});
      const { id, router, bus, store, clock, create } = setUp(stuck === 'load' ? { load: never } : {});
      await create();
      if (stuck === 'owner') bus.serve(commandsSubject(id), never);
      if (stuck === 'store') store.head = never;
      let answer: unknown;
      const sent = router.send(id, message).then((got) => {
        answer = got;
      });
      clock.advance(9_999);
      await settle();
      expect(answer).toBeUndefined();
      clock.advance(1);
      await sent;
      expect(answer).toEqual(refused('unavailable'));
      expect(clock.pending).toBe(0);
    }
  });

  it('[RT35] waits of one length share one alarm', async () => {
    const { id, router, clock, serve } = setUp();
    serve();
    await Promise.all(Array.from({ length: 10 }, () => router.send(id, message)));
    expect(clock.pending).toBe(1);
  });
});
