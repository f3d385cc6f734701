import { expect, it } from 'vitest';
import { z } from 'zod';
import { readBy } from './problems.js';

const Thing = z.object({ kinds: z.array(z.enum(['a', 'b'])).optional(), parts: z.array(z.object({ size: z.number() })).optional() });
const said = (value: unknown, where?: 'query'): unknown => {
  const read = readBy(Thing, value, where);
  return read.ok || read.problems?.map(({ loc, msg }) => `${loc.join('/')}: ${msg}`);
};

it('[WP53] a sentence names a field as people know it, and `loc` says which entry of a list it is', () => {
  expect(said({ kinds: ['a', 'x'] })).toEqual(['body/kinds/1: Choose an entry of kinds from a, b.']);
  expect(said({ kinds: ['x'] }, 'query')).toEqual(['query/kinds/0: Choose kinds from a, b.']);
  expect(said({ parts: [{ size: 'x' }] })).toEqual(['body/parts/0/size: Send parts[0].size as a number, not a string.']);
});
