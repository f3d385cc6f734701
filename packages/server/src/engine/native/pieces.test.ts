import { expect, it } from 'vitest';
import { Pieces } from './pieces.js';

const said = (...pieces: string[]): string[] => {
  const fit = new Pieces();
  return [...pieces.map((piece) => fit.take(piece)), fit.rest()];
};

it('[TN12] leaves the white space before a reply out, and that inside it in', () => {
  expect(said('\n\n', '  Hi', '\n', 'you ')).toEqual(['', 'Hi', '\n', 'you ', '']);
});

it('[TN12] never says half a character', () => {
  expect(said('a\uD83D', '\uDE00b')).toEqual(['a', '😀b', '']);
  expect(said('a\uD83D', 'b\uDE00')).toEqual(['a', '\uFFFDb\uFFFD', '']);
  expect(said('a\uD83D')).toEqual(['a', '\uFFFD']);
});
