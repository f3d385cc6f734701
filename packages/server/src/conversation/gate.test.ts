import { expect, it } from 'vitest';
import { Gate } from './gate.js';

const gate = (durable = 0) => {
  const released: string[] = [];
  return { released, gate: new Gate<string>(durable, (item) => released.push(item)) };
};

it('[CV29] lets go in order what was decided at a seq that is durable, and holds back everything behind it', () => {
  const { gate: g, released } = gate();
  g.pass(2, 'a');
  g.pass(2, 'b, without an event of its own');
  g.pass(3, 'c');
  expect(released).toEqual([]);
  g.open(2);
  expect(released).toEqual(['a', 'b, without an event of its own']);
  g.pass(2, 'd, which stands behind c');
  expect(released).toHaveLength(2);
  g.open(3);
  expect(released.slice(2)).toEqual(['c', 'd, which stands behind c']);
  g.pass(3, 'e');
  expect(released).toHaveLength(5);
});

it('[CV29] begins where the store stands', () => {
  const { gate: g, released } = gate(7);
  g.pass(7, 'a');
  expect(released).toEqual(['a']);
});

it('[CV29] is never closed again by an older seq', () => {
  const { gate: g, released } = gate();
  g.open(5);
  g.open(3);
  g.pass(5, 'a');
  expect(released).toEqual(['a']);
});

it('[CV29] lets one thing leave whole before what it causes while it leaves', () => {
  const released: string[] = [];
  const g: Gate<string> = new Gate(0, (item) => {
    released.push(`${item} begins`);
    if (item === 'a') g.pass(0, 'caused by a');
    released.push(`${item} ends`);
  });
  g.pass(0, 'a');
  expect(released).toEqual(['a begins', 'a ends', 'caused by a begins', 'caused by a ends']);
});

it('[CV31] gives back what will never leave', () => {
  const { gate: g, released } = gate();
  g.pass(1, 'a');
  g.pass(2, 'b');
  expect(g.abandon()).toEqual(['a', 'b']);
  g.open(2);
  expect(released).toEqual([]);
});
