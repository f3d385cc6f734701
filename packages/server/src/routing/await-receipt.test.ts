import {
  type BodyOf,
  type ConversationEvent,
  type EventBody,
  foldReceipt,
  type Level,
  messageId,
  newConversationId,
  type Receipt,
  randomPart,
} from '@backchannel/protocol';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../lib/log.js';
import { ArrayEventStore } from '../testing/array-event-store.js';
import { ManualClock } from '../testing/manual-clock.js';
import { settle } from '../testing/settle.js';
import { awaitEnd } from './await-end.js';
import { awaitReceipt } from './await-receipt.js';
import { createFollowers, eventsSubject } from './followers.js';
import { MemoryBus } from './memory-bus.js';
import { createRouter } from './router.js';

const CREATED: EventBody = {
  type: 'conversation.created',
  conversation_id: 'conv_a',
  workspace_id: 'ws_a',
  agent_id: 'agent_a',
  agent_hash: 'h',
  engine: 'native',
  begun: 'api',
};

/** A conversation with one user message, accepted and applied in the append that was answered. */
async function setUp() {
  const [id, store, clock, bus] = [newConversationId(), new ArrayEventStore(), new ManualClock(), new MemoryBus()];
  const { publish } = createFollowers(bus);
  const limits = { acknowledgeMs: 10_000, keysAfterEndMs: 0, feedbackAfterEndMs: 0 };
  const router = createRouter({ bus, store, clock, log: silentLog, load: async () => 'unavailable', limits });
  const append = async (...bodies: EventBody[]): Promise<ConversationEvent[]> => {
    const first = store.events(id).length + 1;
    // Joining a union's member with three fields gives a member again; the compiler cannot see that through a spread.
    const events = bodies.map((body, i) => ({ ...body, seq: first + i, epoch: 1, time: `t${first + i}` }) as ConversationEvent);
    await store.append(id, 1, first, events, 'now');
    publish(id, events);
    return events;
  };
  const message = messageId(randomPart(), 2);
  const accepted: BodyOf<'message.accepted'> = {
    type: 'message.accepted',
    message_id: message,
    message_type: 'user_message',
    text: 'hello',
    urgency: 'soon',
    reply: 'auto',
    source: 'api',
    agent_state: 'listening',
    user_state: 'quiet',
  };
  const level = (name: Level, more: Partial<BodyOf<'message.level'>> = {}): EventBody => ({
    type: 'message.level',
    message_id: message,
    level: name,
    ...more,
  });
  const reply = (text: string): EventBody => ({
    type: 'message.added',
    role: 'agent',
    text,
    source: 'engine',
    event_id: 3,
    messages: [message],
    turn_id: 'turn_1',
  });
  await append(CREATED);
  let receipt: Receipt | undefined;
  for (const event of await append(accepted, level('applied'))) receipt = foldReceipt(receipt, event);
  if (receipt === undefined) throw new Error('the message was not accepted');
  /** As a caller has it: a copy, since what is answered belongs to whoever asked. */
  const answered: Receipt = structuredClone(receipt);
  const levels = (got: Receipt): Level[] => got.timeline.map((entry) => entry.level);
  return { id, store, clock, bus, router, append, level, reply, answered, levels };
}

describe('waiting for a receipt', () => {
  it('[RT36] answers at once when the level is reached, without a look at the log', async () => {
    const { id, router, clock, answered, store } = await setUp();
    store.read = () => Promise.reject(new Error('not needed'));
    expect(await awaitReceipt(router, id, answered, 'applied', 50_000, clock)).toBe(answered);
    expect(await awaitReceipt(router, id, answered, 'spoken', 0, clock)).toBe(answered);
  });

  it('[RT36] folds what happened since, and what happens, and counts nothing twice', async () => {
    const { id, router, clock, answered, append, level, reply, levels } = await setUp();
    const before = structuredClone(answered);
    await append(level('delivered'));
    const waiting = awaitReceipt(router, id, answered, 'replied', 50_000, clock);
    await settle();
    await append(reply('Hi'), level('replied', { event_id: 3 }));
    const got = await waiting;
    expect(levels(got)).toEqual(['accepted', 'applied', 'delivered', 'replied']);
    expect(got.reply).toEqual({ text: 'Hi', event_id: 3, complete: true });
    expect(answered).toEqual(before);
    expect(clock.pending).toBe(0);
  });

  it('[RT36] is over when the message has ended otherwise', async () => {
    const { id, router, clock, answered, append, level } = await setUp();
    const waiting = awaitReceipt(router, id, answered, 'spoken', 50_000, clock);
    await append(level('failed', { reason: 'model_error', final: true }));
    expect(await waiting).toMatchObject({ status: 'failed', ended: true });
  });

  it('[RT36] is met by the good end of a message that never has the level', async () => {
    const { id, router, clock, answered, append, level } = await setUp();
    const waiting = awaitReceipt(router, id, answered, 'spoken', 50_000, clock);
    await append(level('replied', { final: true }));
    expect(await waiting).toMatchObject({ status: 'replied', ended: true });
  });

  it('[RT37] answers what is known when time is up', async () => {
    const { id, router, clock, answered, append, level, levels, bus } = await setUp();
    const waiting = awaitReceipt(router, id, answered, 'spoken', 50_000, clock);
    await settle();
    await append(level('replied'));
    await settle();
    clock.advance(49_999);
    await settle();
    expect(bus.wanted(eventsSubject(id))).toBe(true);
    clock.advance(1);
    expect(levels(await waiting)).toEqual(['accepted', 'applied', 'replied']);
    await settle();
    expect([bus.wanted(eventsSubject(id)), clock.pending]).toEqual([false, 0]);
  });

  it('[RT37] lets go at once of a caller that hangs up', async () => {
    const { id, router, clock, answered, bus } = await setUp();
    const controller = new AbortController();
    const waiting = awaitReceipt(router, id, answered, 'spoken', 50_000, clock, controller.signal);
    await settle();
    controller.abort();
    expect(await waiting).toMatchObject({ status: 'applied' });
    await settle();
    expect([bus.wanted(eventsSubject(id)), clock.pending]).toEqual([false, 0]);
    expect(await awaitReceipt(router, id, answered, 'spoken', 50_000, clock, controller.signal)).toMatchObject({ status: 'applied' });
  });

  it('[RT37] never knows less than it was given, when the store is silent, broken, or the conversation erased', async () => {
    const { id, router, clock, answered, store, levels } = await setUp();
    const read = store.read.bind(store);
    store.read = () => new Promise(() => {});
    const stuck = awaitReceipt(router, id, answered, 'spoken', 1_000, clock);
    await settle();
    clock.advance(1_000);
    expect(levels(await stuck)).toEqual(['accepted', 'applied']);
    store.read = () => Promise.reject(new Error('no disk'));
    expect(levels(await awaitReceipt(router, id, answered, 'spoken', 1_000, clock))).toEqual(['accepted', 'applied']);
    store.read = read;
    store.erase(id);
    expect(levels(await awaitReceipt(router, id, answered, 'spoken', 1_000, clock))).toEqual(['accepted', 'applied']);
  });
});

describe('waiting for an end', () => {
  const ENDED: EventBody = { type: 'conversation.ended', reason: 'ended_by_api', status: 'done' };
  const facts = { ended_at: 't5', reason: 'ended_by_api', status: 'done', last_seq: 5 };

  it('[RT38] resolves with the facts of the end, whether it came before or after the question', async () => {
    const { id, router, append, level, bus } = await setUp();
    const waiting = awaitEnd(router, id, '1-3');
    await settle();
    await append(level('undeliverable', { final: true }), ENDED);
    expect(await waiting).toEqual(facts);
    expect(await awaitEnd(router, id, '1-3')).toEqual(facts);
    expect(bus.wanted(eventsSubject(id))).toBe(false);
  });

  it('[RT38] lets everybody who waits hear of the end before the conversation is erased', async () => {
    const { id, router, append, level, store } = await setUp();
    const others = [awaitEnd(router, id, '1-3'), awaitEnd(router, id, '1-2')];
    await settle();
    const eraser = awaitEnd(router, id, '1-3');
    await append(level('undeliverable', { final: true }), ENDED);
    expect(await eraser).toEqual(facts);
    store.erase(id);
    expect(await Promise.all(others)).toEqual([facts, facts]);
  });

  it('[RT38] resolves with nothing when time is up, or the conversation is not there', async () => {
    const { id, router, clock } = await setUp();
    const waiting = awaitEnd(router, id, '1-3', { timeout: { ms: 5_000, clock } });
    await settle();
    clock.advance(5_000);
    expect(await waiting).toBeUndefined();
    expect(await awaitEnd(router, newConversationId(), '1-3')).toBeUndefined();
  });
});
