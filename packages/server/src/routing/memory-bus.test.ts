import { expect, it } from 'vitest';
import { busContract } from '../testing/bus-contract.js';
import { MemoryBus } from './memory-bus.js';

busContract('memory', async () => {
  const bus = new MemoryBus();
  return { here: bus, there: bus, close: () => bus.close() };
});

it('[RT15] on one node, a subject without listeners is not wanted', () => {
  const bus = new MemoryBus();
  expect(bus.wanted('s')).toBe(false);
  const stop = bus.subscribe('s', () => {});
  expect(bus.wanted('s')).toBe(true);
  stop();
  expect(bus.wanted('s')).toBe(false);
});

it('[RT10] on one node, a request reaches its server in the same turn', async () => {
  const bus = new MemoryBus();
  const seen: unknown[] = [];
  bus.serve('s', async (payload) => seen.push(payload));
  const answer = bus.request('s', 1);
  expect(seen).toEqual([1]);
  await answer;
});
